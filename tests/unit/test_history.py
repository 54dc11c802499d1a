"""The chain of events: whole when left alone, broken by every edit, gap, swap and loss."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from models.events import STAGE_OF, Happened
from models.history import broken_links, digest, seal
from models.record import Concern, Event, Stage
from tests.unit.office import case, staff

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


def history(count: int = 4) -> tuple[Concern, list[Event]]:
    """A concern with so many events."""
    concern = case(AT, staff()).concern
    events = [_event(concern, number) for number in range(count)]
    for event in events:
        seal(concern, event)
    return concern, events


def _event(concern: Concern, number: int) -> Event:
    return Event(
        concern_id=concern.id,
        number=0,
        kind=Happened.LOGGED,
        happened_at=AT,
        recorded_at=AT + timedelta(hours=number),
        because=f"line {number}",
        fields={"types": ["physical"], "said": "Łódź, “quoted”"},
        opened=[str(uuid4())],
        stage=Stage.LOG_CONCERN,
        previous_hash="",
        hash="",
    )


def test_a_history_left_alone_is_whole() -> None:
    """Numbered from one, each carrying the hash of the one before; the concern holds the last."""
    concern, events = history()
    assert broken_links(concern, events) == []
    assert [event.number for event in events] == [1, 2, 3, 4]
    assert [event.previous_hash for event in events] == ["", *(event.hash for event in events[:-1])]
    assert (concern.events, concern.chain_head) == (4, events[-1].hash)


def test_a_concern_without_events_is_whole() -> None:
    """The chain begins with the first."""
    assert broken_links(*history(0)) == []


EDITS: list[tuple[str, Any]] = [
    ("because", "nothing"),
    ("kind", Happened.CLOSED),
    ("happened_at", AT - timedelta(days=1)),
    ("recorded_at", AT - timedelta(days=1)),
    ("by_id", uuid4()),
    ("fields", {"types": []}),
    ("task_id", uuid4()),
    ("observation_id", uuid4()),
    ("opened", []),
    ("closed", ["x"]),
    ("stage", Stage.REFER),
    ("concern_id", uuid4()),
    ("previous_hash", "0" * 64),
    ("hash", "0" * 64),
]


@pytest.mark.parametrize(("field", "value"), EDITS, ids=[field for field, _ in EDITS])
def test_every_edit_shows(field: str, value: Any) -> None:
    """Whatever an event says is covered by its hash."""
    concern, events = history()
    setattr(events[1], field, value)
    assert f"{concern.reference}: event 2 was changed after it was recorded" in broken_links(concern, events)


def test_an_edit_that_makes_a_new_hash_breaks_the_next_link() -> None:
    """Who rewrites one line must rewrite all that follow, and the concern."""
    concern, events = history()
    events[1].because = "nothing"
    events[1].hash = digest(events[1])
    assert broken_links(concern, events) == [f"{concern.reference}: event 3 was changed after it was recorded"]


def test_following_up_is_no_edit() -> None:
    """The one thing that may change later."""
    concern, events = history()
    events[1].followed_up_at = AT
    assert broken_links(concern, events) == []


@pytest.mark.parametrize(
    ("lost", "said"),
    [
        (slice(0, 1), "event 1 is missing"),
        (slice(1, 3), "event 2 is missing"),
        (slice(3, 4), "the last of its 4 events are missing"),
        (slice(0, 4), "the last of its 4 events are missing"),
    ],
)
def test_every_loss_shows(lost: slice, said: str) -> None:
    """At the beginning, in the middle, at the end, or all of it."""
    concern, events = history()
    del events[lost]
    assert broken_links(concern, events) == [f"{concern.reference}: {said}"]


def test_a_swap_shows() -> None:
    """Two events that exchange their numbers are both found."""
    concern, events = history()
    events[1].number, events[2].number = 3, 2
    events[1], events[2] = events[2], events[1]
    said = [f"{concern.reference}: event {number} was changed after it was recorded" for number in (2, 3, 4)]
    assert broken_links(concern, events) == said


def test_the_same_instant_in_another_zone_is_the_same_hash() -> None:
    """A database that gives instants back in another zone does not break the chain."""
    from config.time import LONDON

    concern, events = history()
    events[1].recorded_at = events[1].recorded_at.astimezone(LONDON)
    assert broken_links(concern, events) == []


def test_every_event_has_a_stage_that_follows_it_up() -> None:
    """Nothing happens that no flow hears of."""
    assert set(STAGE_OF) == set(Happened)
