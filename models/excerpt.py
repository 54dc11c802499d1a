"""An excerpt of the record: some concerns with all that their deadlines, rungs and letters depend on, and no more.

Of children and observations it takes only when and where: names, words and what was seen stay in the record.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Table, insert, or_
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.events import Happened
from models.lifecycle import Status
from models.people import Absence, Child, Person, RoleHeld, Setting
from models.record import Concern, Event, Observation, PolicyText, Referral, Task
from models.schema import METADATA
from models.staff import Place, load_staff
from models.standing import ClosureCover
from models.telling import Delivery

Row = dict[str, Any]
CHUNK = 400
# Letters of these days, and those told once for ever, could be addressed again; the slot of an older one is past.
LATELY = timedelta(days=3)
ONCE = "once"
# What has been told of what happened: a later event can lead back to it.
LOOKED_BACK_ON = (Happened.REASSIGNED, Happened.CONSENTED, Happened.REVIEWED)
UNSAID: dict[str, Row] = {
    "child": {"name": "", "sought": "", "born": None, "due_on": None},
    "observation": {"place": "", "what": "", "child_words": None, "child_words_missing": None},
    "referral": {"evidence": "", "parents_informed": "", "consent": "", "additions": []},
    "setting": {"name": ""},
}


@dataclass
class Excerpt:
    """Rows by table, to be written into a scratch record."""

    rows: dict[str, list[Row]] = field(default_factory=dict)

    async def unpack(self, engine: AsyncEngine) -> None:
        """Write the rows into an empty record."""
        async with engine.begin() as connection:
            await connection.run_sync(self._write)

    def _write(self, connection: Connection) -> None:
        for table in METADATA.sorted_tables:
            if rows := self.rows.get(table.name):
                connection.execute(insert(table), rows)


async def excerpt(session: AsyncSession, concerns: Sequence[Concern], at: datetime) -> Excerpt:
    """Everything about these concerns that what happens after `at` (UTC), should nobody act, depends on."""
    taken = Excerpt({name: [] for name in ("concern", "child", "task", "delivery")})
    mine = [concern.id for concern in concerns]
    await _about(session, taken, mine, at)
    await _households(session, taken, concerns)
    await _places(session, taken, concerns)
    return taken


async def _about(session: AsyncSession, taken: Excerpt, mine: Sequence[UUID], at: datetime) -> None:
    for ids in _chunks(mine):
        await _take(session, taken, Concern, col(Concern.id).in_(ids))
        await _take(session, taken, Task, col(Task.concern_id).in_(ids))
        await _take(session, taken, Referral, col(Referral.concern_id).in_(ids))
        await _take(session, taken, ClosureCover, col(ClosureCover.concern_id).in_(ids))
        waits = or_(col(Event.followed_up_at).is_(None), col(Event.kind).in_(LOOKED_BACK_ON))
        await _take(session, taken, Event, col(Event.concern_id).in_(ids) & waits)
        again = or_(col(Delivery.slot) == ONCE, col(Delivery.created_at) > at - LATELY)
        await _take(session, taken, Delivery, col(Delivery.concern_id).in_(ids) & again)


async def _households(session: AsyncSession, taken: Excerpt, concerns: Sequence[Concern]) -> None:
    """Brothers and sisters with what was seen of them, for the rules that count a household's observations."""
    households: set[UUID] = set()
    for ids in _chunks({concern.child_id for concern in concerns}):
        households |= set((await session.exec(select(Child.household_id).where(col(Child.id).in_(ids)))).all())
    for ids in _chunks(households):
        await _take(session, taken, Child, col(Child.household_id).in_(ids))
        await _take(session, taken, Observation, col(Observation.household_id).in_(ids))
    known = {row["id"] for row in taken.rows["concern"]}
    others = {row["concern_id"] for row in taken.rows.get("observation", [])} - known
    for ids in _chunks(others):
        await _take(session, taken, Concern, col(Concern.id).in_(ids))
    for row in taken.rows["concern"]:
        if row["id"] in others:  # they are there to be counted, and nothing is owed on them here
            row |= {"status": Status.CLOSED, "closed_at": row["changed_at"]}


async def _places(session: AsyncSession, taken: Excerpt, concerns: Sequence[Concern]) -> None:
    """Where the children go, and everybody who may owe, cover or hear of anything there."""
    settings = {row["setting_id"] for name in ("concern", "child") for row in taken.rows[name]}
    for ids in _chunks(settings):
        await _take(session, taken, Setting, col(Setting.id).in_(ids))
    places = {Place(concern.setting_id, concern.area) for concern in concerns}
    staff = await load_staff(session, places, _named(taken))
    for ids in _chunks(staff.people):
        await _take(session, taken, Person, col(Person.id).in_(ids))
        await _take(session, taken, Absence, col(Absence.person_id).in_(ids))
    held = [one.id for one in staff.roles]
    for ids in _chunks(held):
        await _take(session, taken, RoleHeld, col(RoleHeld.id).in_(ids))
    await _take(session, taken, PolicyText, col(PolicyText.key).is_not(None))


def _named(taken: Excerpt) -> set[UUID]:
    """People whom a concern names without any role of theirs there."""
    named = {row["owner_id"] for row in taken.rows.get("task", [])}
    named |= {UUID(row["about"]["by"]) for row in taken.rows.get("task", []) if row["about"].get("by")}
    named |= {row["observer_id"] for row in taken.rows.get("observation", [])}
    named |= {row["person_id"] for row in taken.rows.get("closurecover", [])}
    for table, column in (
        ("concern", "lead_id"),
        ("concern", "opened_by"),
        ("event", "by_id"),
        ("referral", "raised_by"),
    ):
        named |= {row[column] for row in taken.rows.get(table, []) if row[column]}
    return named


def _chunks(ids: Iterable[UUID]) -> Iterable[list[UUID]]:
    every = sorted(ids, key=str)
    return [every[start : start + CHUNK] for start in range(0, len(every), CHUNK)]


async def _take(session: AsyncSession, taken: Excerpt, model: Any, where: ColumnElement[bool]) -> None:
    table: Table = model.__table__
    left_out = UNSAID.get(table.name, {})
    columns = [column for column in table.columns if column.name not in left_out]
    found = await (await session.connection()).execute(table.select().with_only_columns(*columns).where(where))
    taken.rows.setdefault(table.name, []).extend({**row, **left_out} for row in found.mappings())
