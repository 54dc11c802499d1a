"""What somebody has typed and not handed in: one draft a form, theirs alone, kept until it is handed in or dropped.

A form is named by its path, a draft holds its fields as they were typed: name -> texts. Passwords and codes never.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID, uuid4

from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.access import Draft
from models.database import insert_or


async def keep_draft(
    session: AsyncSession, person_id: UUID, form: str, fields: Mapping[str, Sequence[str]], wall: datetime
) -> None:
    """Keep what was typed into a form, in place of what was kept of it before."""
    kept = {name: list(texts) for name, texts in fields.items()}
    row = insert_or(session)(Draft).values(id=uuid4(), person_id=person_id, form=form, fields=kept, saved_at=wall)
    again = row.on_conflict_do_update(
        index_elements=["person_id", "form"], set_={"fields": row.excluded.fields, "saved_at": wall}
    )
    await session.exec(again)


async def draft_of(session: AsyncSession, person_id: UUID, form: str) -> Draft | None:
    """The draft of a form."""
    found = select(Draft).where(Draft.person_id == person_id, Draft.form == form)
    return (await session.exec(found)).first()


async def drafts_of(session: AsyncSession, person_id: UUID) -> Sequence[Draft]:
    """Everything somebody has begun, newest first."""
    found = select(Draft).where(Draft.person_id == person_id).order_by(col(Draft.saved_at).desc())
    return (await session.exec(found)).all()


async def drop_draft(session: AsyncSession, person_id: UUID, form: str) -> None:
    """Forget a draft: it was handed in, or its writer does not want it."""
    await session.exec(delete(Draft).where(col(Draft.person_id) == person_id, col(Draft.form) == form))
