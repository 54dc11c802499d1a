"""The second opinion where the clocks of two machines differ, and where everything happens at one instant."""

from __future__ import annotations

from tests import people
from tests.driver import Driver
from tests.integration import journeys
from tests.integration.timeline import settle


async def test_a_sibling_recorded_later_by_a_slow_clock_is_not_held_against_what_came_first(loaded: Driver) -> None:
    """One machine's clock is five minutes fast: what the other records afterwards bears an earlier time.

    The pattern is complete with the last of three observations, and asks there; nobody could have asked at the first.
    """
    await loaded.log(people.AMIRA, people.TEACHER, "2026-03-02T10:05")
    await loaded.follow("2026-03-02T10:05")
    for minute in ("10:01", "10:02"):
        await loaded.log(
            people.YUSUF,
            people.ASHDOWN_TUTOR,
            f"2026-03-02T{minute}",
            what=f"Tired, {minute}.",
            seen_at="2026-03-02T09:58",
        )
        await loaded.follow(f"2026-03-02T{minute}")
    asked = [kind for kind, *_ in await loaded.history("NC-2026-00002") if kind == "rule_fired"]
    assert asked == ["rule_fired"]
    assert (await loaded.check("2026-03-02T10:06")).findings == []


async def test_a_task_closed_before_a_slow_clock_followed_it_up_needed_no_letter(loaded: Driver) -> None:
    """The DSL decides at once; only then does a machine whose clock is a minute behind follow up what was logged."""
    await loaded.log(people.AMIRA, people.TEACHER, "2026-03-02T10:00")
    await loaded.do("monitor", people.DSL, "2026-03-02T10:00", kind="dsl_review", reason="Known to us; we watch.")
    await loaded.follow("2026-03-02T09:59")
    assert (await loaded.check("2026-03-02T10:01")).findings == []


async def test_what_joined_after_a_move_needs_no_word_of_it(loaded: Driver) -> None:
    """The move was made on a machine whose clock is fast: what joins afterwards bears an earlier time."""
    await loaded.log(people.AMIRA, people.TEACHER, "2026-03-02T10:00")
    await loaded.do("monitor", people.DSL, "2026-03-02T10:10", kind="dsl_review", reason="Known to us; we watch.")
    await loaded.follow("2026-03-02T10:10")
    await loaded.log(people.AMIRA, people.ASSISTANT, "2026-03-02T10:05", what="Had no lunch.")
    await loaded.follow("2026-03-02T10:05")
    assert (await loaded.check("2026-03-02T10:11")).findings == []


async def test_a_stop_is_due_with_the_hold_that_it_would_stop(loaded: Driver) -> None:
    """At the instant at which one referral is stopped another is held, and for longer."""
    await journeys.worse(loaded)
    at = "2026-04-14T12:00"
    await loaded.do("stop", people.DSL, at, reason="The aunt took her in.", second=people.DEPUTY)
    await loaded.do("agree", people.DEPUTY, at)
    for _ in range(2):
        await loaded.do("review", people.LEAD, at, **journeys.REVIEW | {"outcome": "unchanged"})
    await settle(loaded, at)
    assert [kind for kind, *_ in await loaded.history("NC-2026-00001")].count("referral_raised") == 2
    assert (await loaded.check(at)).findings == []


async def test_a_review_may_be_brought_forward_by_a_slow_clock(loaded: Driver) -> None:
    """The review was opened by a machine that is two minutes ahead of the one on which it is brought forward."""
    await loaded.log(people.AMIRA, people.TEACHER, "2026-03-02T09:00")
    await loaded.do("early_help", people.DSL, "2026-03-02T10:00", reason="They ask for help.", lead=people.LEAD)
    await loaded.do("consent", people.LEAD, "2026-03-04T11:00", given_by="mother", covers="all")
    await loaded.do("complete", people.LEAD, "2026-03-20T12:00", **journeys.ASSESSMENT | {"level": 4})
    await loaded.follow("2026-03-20T12:00")
    await loaded.do("bring_forward", people.DSL, "2026-03-20T11:58", reason="Sooner.")
    await settle(loaded, "2026-03-20T12:01")
    assert [one.what for one in (await loaded.check("2026-03-20T12:01")).findings if "is due" in one.what] == []
