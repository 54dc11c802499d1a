"""Settings as an administrator keeps them: schools, nurseries, health teams and agencies, with hours and closures."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from config.errors import BadInput
from models.access import Door
from models.deeds import note_deed
from models.errors import NotFound
from models.fields import fill
from models.people import Person, RoleHeld, Setting
from models.roster_form import SettingForm

LONGEST_KEY = 40


async def setting_numbered(session: AsyncSession, setting_id: UUID) -> Setting:
    """The setting of that id; raises NotFound."""
    found = await session.get(Setting, setting_id)
    if found is None:
        raise NotFound(f"setting: {setting_id} is not in the record")
    return found


async def settings_listed(session: AsyncSession, start: int, limit: int) -> tuple[int, list[Setting]]:
    """How many settings there are, and some of them by name."""
    total = (await session.exec(select(func.count()).select_from(Setting))).one()
    found = select(Setting).order_by(col(Setting.name), col(Setting.key)).offset(start).limit(limit)
    return total, list((await session.exec(found)).all())


async def all_settings(session: AsyncSession) -> Sequence[Setting]:
    """Every setting by name, to choose from."""
    return (await session.exec(select(Setting).order_by(col(Setting.name)))).all()


async def areas_known(session: AsyncSession) -> list[str]:
    """Every area that a setting is in or somebody has a role for."""
    of_settings = select(Setting.area).distinct()
    of_roles = select(RoleHeld.area).where(col(RoleHeld.area).is_not(None)).distinct()
    found = {*(await session.exec(of_settings)).all(), *(await session.exec(of_roles)).all()}
    return sorted(one for one in found if one)


async def save_setting(
    session: AsyncSession, setting: Setting | None, fields: dict[str, Any], by: Person, at: datetime
) -> Setting:
    """Add a setting (`setting` None) or change one; its key, which rosters name it by, stays. Raises BadInput."""
    key = setting.key if setting else fields.get("key") or await _free_key(session, str(fields.get("name", "")))
    form = fill(SettingForm, {**fields, "key": key})
    row = setting or Setting(key=form.key, name="", kind="", area="")
    row.name, row.kind, row.area, row.opens = form.name, form.kind, form.area, form.open
    row.closed = [[first.isoformat(), last.isoformat()] for first, last in form.closed]
    row.extra_open = [day.isoformat() for day in form.extra_open]
    session.add(row)
    try:
        await session.flush()
    except IntegrityError:
        raise BadInput("key", "is another setting's short name already") from None
    note_deed(session, Door.SETTING_CHANGED, by, at, setting=row.key, new=setting is None)
    return row


async def _free_key(session: AsyncSession, name: str) -> str:
    """A short name made from the first words of the long one."""
    words = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:LONGEST_KEY].strip("-") or "setting"
    taken = set((await session.exec(select(Setting.key).where(col(Setting.key).like(f"{words}%")))).all())
    numbered = (f"{words}-{number}" for number in range(2, len(taken) + 3))
    return words if words not in taken else next(one for one in numbered if one not in taken)
