"""Instants and days: what people write is read in London, and said as London's clocks show it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.errors import BadInput
from config.settings import settings
from config.time import LONDON, london, now, read_day, read_instant, say_day, say_instant, to_london, wall


@pytest.fixture
def _frozen(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("PATHWAY_NOW", "2026-04-07T09:00")
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.mark.usefixtures("_frozen")
def test_now_is_the_frozen_instant() -> None:
    """PATHWAY_NOW stands for the whole command; leases alone go by the wall clock."""
    assert now() == now() == datetime(2026, 4, 7, 8, tzinfo=UTC)
    assert wall() > now()


def test_now_is_the_wall_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without PATHWAY_NOW it is the machine's clock, in UTC."""
    monkeypatch.delenv("PATHWAY_NOW", raising=False)
    settings.cache_clear()
    assert now().tzinfo is UTC
    assert abs(now() - datetime.now(UTC)) < timedelta(seconds=5)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-02T08:50", datetime(2026, 3, 2, 8, 50, tzinfo=UTC)),
        ("2026-07-02T08:50", datetime(2026, 7, 2, 7, 50, tzinfo=UTC)),
        ("2026-07-02 08:50", datetime(2026, 7, 2, 7, 50, tzinfo=UTC)),
        (" 2026-07-02T08:50:30 ", datetime(2026, 7, 2, 7, 50, 30, tzinfo=UTC)),
        ("2026-07-02T08:50Z", datetime(2026, 7, 2, 8, 50, tzinfo=UTC)),
        ("2026-07-02T08:50+02:00", datetime(2026, 7, 2, 6, 50, tzinfo=UTC)),
        ("2026-03-29T00:59", datetime(2026, 3, 29, 0, 59, tzinfo=UTC)),
        ("2026-03-29T02:00", datetime(2026, 3, 29, 1, 0, tzinfo=UTC)),
    ],
)
def test_instants_are_london_unless_they_say(text: str, expected: datetime) -> None:
    """Winter and summer, with and without an offset."""
    assert read_instant(text, "seen_at") == expected


def test_datetimes_are_read_as_text_is() -> None:
    """A datetime without a zone is London's; with one it keeps its instant."""
    assert read_instant(datetime(2026, 7, 2, 8, 50), "seen_at") == datetime(2026, 7, 2, 7, 50, tzinfo=UTC)  # noqa: DTZ001
    aware = datetime(2026, 7, 2, 8, 50, tzinfo=timezone(timedelta(hours=5)))
    assert read_instant(aware, "seen_at") == aware
    assert read_instant(aware, "seen_at").tzinfo is UTC


@pytest.mark.parametrize("text", ["2026-03-29T01:00", "2026-03-29T01:30", "2026-03-29T01:59:59"])
def test_hour_that_the_clocks_skip_is_refused(text: str) -> None:
    """On 29 March 2026 London goes from 00:59 to 02:00."""
    with pytest.raises(BadInput, match=r"^seen_at: 2026-03-29 01:\d\d does not exist in London"):
        read_instant(text, "seen_at")


def test_hour_that_occurs_twice_is_its_first() -> None:
    """On 25 October 2026 London has 01:30 twice; the first is meant."""
    assert read_instant("2026-10-25T01:30", "seen_at") == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    later = datetime(2026, 10, 25, 1, 30, fold=1)  # noqa: DTZ001
    assert read_instant(later, "seen_at") == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "value", ["", "today", "2026-03-02", "08:50", "2026-13-02T08:50", "0206-03-02T08:50", 20260302, None, True]
)
def test_no_instant_is_refused(value: object) -> None:
    """A refusal names the field and shows what would be right; a day alone is no time of day."""
    with pytest.raises(BadInput, match=r"^seen_at: .*write a day and time such as 2026-03-02T08:50"):
        read_instant(value, "seen_at")


def test_days() -> None:
    """A day is text or a date."""
    assert read_day("2026-03-02", "born") == read_day(date(2026, 3, 2), "born") == date(2026, 3, 2)


@pytest.mark.parametrize(
    "value", ["", "2026-02-29", "02/03/2026", "2026-03-02T08:50", "26-03-02", "0206-03-02", 2026, None]
)
def test_no_day_is_refused(value: object) -> None:
    """A refusal names the field and shows what would be right."""
    with pytest.raises(BadInput, match=r"^born: .*write a day such as 2026-03-02"):
        read_day(value, "born")


def test_datetime_is_no_day() -> None:
    """Which day an instant is on depends on a zone, so it is not guessed."""
    with pytest.raises(BadInput):
        read_day(datetime(2026, 3, 2, tzinfo=UTC), "born")


def test_long_rubbish_is_not_repeated() -> None:
    """An error stays one short line."""
    with pytest.raises(BadInput) as caught:
        read_day("x" * 10_000, "born")
    assert len(str(caught.value)) < 120


def test_saying() -> None:
    """Instants and days as they stand in letters."""
    at = datetime(2026, 4, 7, 16, tzinfo=UTC)
    assert say_instant(at) == "Tue 7 Apr 2026 17:00"
    assert say_instant(at, ZoneInfo("Asia/Karachi")) == "Tue 7 Apr 2026 21:00"
    assert say_day(date(2026, 4, 7)) == "Tue 7 Apr 2026"


def test_naive_instants_are_refused() -> None:
    """A datetime without a zone never gets inside."""
    with pytest.raises(ValueError, match="aware"):
        to_london(datetime(2026, 4, 7))  # noqa: DTZ001


@given(st.dates(date(2020, 1, 1), date(2030, 12, 31)), st.times())
def test_london_clock_comes_back(day: date, clock: time) -> None:
    """The clock time one asks for is the one London shows, except in the hour that is skipped."""
    at = london(day, clock)
    assert at.tzinfo is UTC
    shown = to_london(at)
    skipped = datetime.combine(day, clock, LONDON).astimezone(UTC).astimezone(LONDON).time() != clock
    assert skipped or (shown.date(), shown.time()) == (day, clock)


@given(st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_written_instants_read_back(at: datetime) -> None:
    """What is printed with its offset is read as the same instant, in whatever zone."""
    assert read_instant(to_london(at).isoformat(), "at") == at
    assert read_instant(at.isoformat(), "at") == at
