"""One concern as a program is told of it: as much as whoever asks may see, in the shapes of `models.views.show`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.in_reach import sees_task, task_views
from models.people import Child, Setting
from models.reach import Sight, Viewer, sights
from models.record import Concern, Observation, Referral, Task
from models.views import View, instant, referral_view, show


async def concern_answer(session: AsyncSession, viewer: Viewer, concern: Concern, sight: Sight, at: datetime) -> View:
    """Everything for those who see the concern whole; else where it stands, and what of it is theirs."""
    if sight == Sight.WHOLE:
        return await _whole(session, viewer, concern, at)
    setting = await session.get_one(Setting, concern.setting_id)
    return {
        "sight": sight.name.lower(),
        "version": concern.version,
        "reference": concern.reference,
        "status": concern.status.value,
        "setting": setting.key,
        "opened_at": instant(concern.opened_at),
        "closed_at": instant(concern.closed_at),
        "open_tasks": await _their_tasks(session, viewer, concern, sight, at),
        "observations": [observation_view(one) for one in await _their_observations(session, viewer, concern)],
        "referrals": await _their_referrals(session, concern) if sight == Sight.REFERRAL else [],
    }


async def _whole(session: AsyncSession, viewer: Viewer, concern: Concern, at: datetime) -> View:
    seen = await show(session, concern.reference, at)
    child = await session.get_one(Child, concern.child_id)
    elsewhere = [one["reference"] for one in seen["household"]] + [seen["previous"]]
    others = (await session.exec(select(Concern).where(col(Concern.reference).in_(elsewhere)))).all()
    sight = await sights(session, viewer, [one.id for one in others])
    open_to = {one.reference for one in others if sight.get(one.id) == Sight.WHOLE}
    return seen | {
        "sight": Sight.WHOLE.name.lower(),
        "version": concern.version,
        "child": child_view(child),
        "previous": seen["previous"] if seen["previous"] in open_to else None,
        "household": [one for one in seen["household"] if one["reference"] in open_to],
    }


async def _their_tasks(
    session: AsyncSession, viewer: Viewer, concern: Concern, sight: Sight, at: datetime
) -> list[View]:
    found = select(Task).where(Task.concern_id == concern.id, col(Task.closed_at).is_(None))
    rows: Sequence[Task] = (await session.exec(found.order_by(col(Task.due_at), col(Task.id)))).all()
    return await task_views(session, viewer, [(one, concern) for one in rows if sees_task(viewer, one, sight)], at)


async def _their_observations(session: AsyncSession, viewer: Viewer, concern: Concern) -> Sequence[Observation]:
    own = (Observation.concern_id == concern.id, Observation.observer_id == viewer.person.id)
    return (await session.exec(select(Observation).where(*own).order_by(col(Observation.seen_at)))).all()


async def _their_referrals(session: AsyncSession, concern: Concern) -> list[View]:
    sent = (Referral.concern_id == concern.id, col(Referral.sent_at).is_not(None))
    rows = (await session.exec(select(Referral).where(*sent).order_by(col(Referral.number)))).all()
    return [referral_view(one) for one in rows]


def child_view(child: Child) -> View:
    """A child, for those who may know who it is."""
    return {
        "id": str(child.id),
        "name": child.name,
        "born": child.born.isoformat() if child.born else None,
        "due": child.due_on.isoformat() if child.due_on else None,
    }


def observation_view(one: Observation) -> dict[str, Any]:
    """What somebody saw, in full, for themselves or for those who see the concern whole."""
    return {
        "id": str(one.id),
        "seen_at": instant(one.seen_at),
        "recorded_at": instant(one.recorded_at),
        "place": one.place,
        "what": one.what,
        "child_words": one.child_words,
        "child_words_missing": one.child_words_missing,
        "types": one.types,
        "immediate_danger": one.immediate_danger,
        "withdrawn_at": instant(one.withdrawn_at),
    }
