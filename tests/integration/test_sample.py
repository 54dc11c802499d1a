"""The sample: an empty record filled by the real casework at past instants, whatever day it is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import select

import models.database
from config.errors import PathwayError
from config.settings import settings
from flows.checking import check
from flows.due import run_due
from models.database import reading
from models.lifecycle import Status
from models.people import Person
from models.record import Concern, Task
from models.telling import Delivery, Firing, State
from models.trying import is_sample
from pathway.mailbox import LocalMailbox
from pathway.sample import filling
from pathway.sample.telling import Days, tell
from tests.driver import Driver, instant
from web.sample import GUISES

WEDNESDAY = "2026-06-17T10:40"


@pytest.fixture
async def here(engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[AsyncEngine]:
    """The test's record as the program's own."""
    models.database.engine.cache_clear()
    monkeypatch.setattr(models.database, "make_engine", lambda _url: engine)
    yield engine
    models.database.engine.cache_clear()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_sample_has_every_stage_and_nothing_storms(here: AsyncEngine, home: Path) -> None:
    """Every status, tasks overdue and to come, who is signed in as; all told already, the reconciler content."""
    at = instant(WEDNESDAY)
    with LocalMailbox(home) as mailbox:
        concerns = await filling.fill(at)
        assert not [one for one in await run_due(at) if one.did_something]
    async with reading(here) as session:
        assert await is_sample(session)
        statuses = {one.status for one in (await session.exec(select(Concern))).all()}
        due = [one.due_at for one in (await session.exec(select(Task))).all() if one.closed_at is None]
        told = (await session.exec(select(Delivery))).all()
        people = {one.email for one in (await session.exec(select(Person))).all()}
        failed = [one for one in (await session.exec(select(Firing))).all() if (one.outcome or "").startswith("failed")]
    assert statuses == set(Status)
    assert min(due) < at < max(due)
    assert {one.state for one in told} == {State.SENT}
    assert len(list(mailbox.folder.glob("*.eml"))) == len(told) < 1_000
    assert {one.email for one in GUISES} <= people
    assert not failed
    assert concerns == (await check(here, at)).concerns
    assert not (await check(here, at)).findings


async def test_a_record_in_use_is_left_alone(here: AsyncEngine, loaded: Driver) -> None:
    """Nobody's real record is ever mixed with invented people."""
    before = await loaded.dump()
    with pytest.raises(PathwayError, match="not empty"):
        await filling.fill(instant(WEDNESDAY))
    assert await loaded.dump() == before


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [("PATHWAY_ENV", "production", "production"), ("PATHWAY_SMTP_HOST", "mail.example.org", "leave this machine")],
)
async def test_no_sample_where_it_would_do_harm(
    home: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    """Not in production, and not where letters to invented people would go out."""
    monkeypatch.setenv(name, value)
    settings.cache_clear()
    with pytest.raises(PathwayError, match=said):
        await filling.fill(instant(WEDNESDAY))


@pytest.mark.parametrize(
    "now",
    [
        "2026-06-17T10:40",
        "2026-03-29T03:30",  # the night in which the clocks change
        "2026-12-27T15:00",  # Christmas
        "2027-04-05T09:00",
        "2026-08-31T23:59",
        "2026-11-26T05:59",
    ],
)
def test_everything_lies_in_the_past(home: Path, now: str) -> None:
    """At whatever hour it is made, of whatever day: in order, on working days, none of it still to come."""
    at = instant(now)
    told, days = tell(at), Days(at)
    assert [one.at for one in told.steps] == sorted(one.at for one in told.steps)
    assert told.steps[-1].at < days.newest <= at
    assert (at - days.newest).days <= 5
    assert all(days.day_from(days.day_from(one.at.date(), 1), -1) == one.at.date() for one in told.steps)
