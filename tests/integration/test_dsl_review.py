"""The DSL's decisions: on a new concern, on one that is watched, and on what a rule or an observation asks."""

from __future__ import annotations

from typing import Any

import pytest
from sqlmodel import select

from models.errors import NotOffered, NotPermitted
from models.record import Task
from tests import people
from tests.driver import Driver, instant
from tests.integration import journeys
from tests.integration.refusals import refused

AT = journeys.DECIDED_AT
SIX_SCHOOL_WEEKS = (
    "Mon 27 Apr 2026 17:00: 6 school weeks from Mon 2 Mar; 2 weeks of the setting's closed days not counted"
)
OFFERS = "acknowledge, monitor, early_help, refer, close"
REFER = {"reason": "No food in the house.", "parents_informed": "yes"}
HELP = {"reason": "The family asks for help.", "lead": people.LEAD}
# Move, its fields, then: the status, what is owed by whom and by when, the event and its reason.
DECISIONS: list[tuple[str, dict[str, Any], str, dict[str, tuple[str, str]], tuple[str, str]]] = [
    (
        "monitor",
        {"reason": "One coat is not a pattern."},
        "MONITORING",
        {
            "case_review": (
                people.DSL,
                SIX_SCHOOL_WEEKS,
            )
        },
        ("monitored", "One coat is not a pattern."),
    ),
    (
        "early_help",
        HELP,
        "ASSESSING",
        {"gain_consent": (people.LEAD, "Mon 9 Mar 2026 17:00: 5 working days from Mon 2 Mar")},
        ("early_help_decided", "The family asks for help."),
    ),
    (
        "refer",
        REFER,
        "REFERRED",
        {
            "await_acknowledgement": (people.DSL, "Tue 3 Mar 2026 17:00: 1 working day from Mon 2 Mar"),
            "await_decision": (people.DSL, "Tue 3 Mar 2026 17:00: 1 working day from Mon 2 Mar"),
        },
        ("referral_sent", "sent at once"),
    ),
    (
        "acknowledge",
        {},
        "LOGGED",
        {"dsl_review": (people.DSL, "Tue 3 Mar 2026 17:00: 1 working day from Mon 2 Mar")},
        ("acknowledged", "seen"),
    ),
]


@pytest.mark.parametrize(("move", "fields", "status", "owed", "event"), DECISIONS, ids=[row[0] for row in DECISIONS])
async def test_a_decision_opens_the_next_task(
    loaded: Driver,
    move: str,
    fields: dict[str, Any],
    status: str,
    owed: dict[str, tuple[str, str]],
    event: tuple[str, str],
) -> None:
    """Each decision has its status, next task with owner and explained deadline, and an event with who and why."""
    reference = await journeys.logged(loaded)
    moved = await loaded.do(move, people.DSL, AT, **fields)
    assert (moved.reference, moved.status) == (reference, status)
    assert await loaded.owed(AT) == owed
    assert {task.kind for task in moved.opened} == (set() if move == "acknowledge" else set(owed))
    assert (await loaded.history(reference))[-1] == (event[0], people.DSL, event[1])


async def test_acknowledging_quiets_the_deputy_and_leaves_the_decision_due(loaded: Driver) -> None:
    """Once seen, the next moment is the decision's deadline; unseen, it is four opening hours on."""
    await journeys.logged(loaded)
    (task,) = await loaded.rows(select(Task))
    assert task.next_at == instant("2026-03-02T13:00")
    await loaded.do("acknowledge", people.DSL, AT)
    (task,) = await loaded.rows(select(Task))
    assert (task.acknowledged_at, task.next_at) == (instant(AT), instant("2026-03-03T17:00"))
    assert (await loaded.tasks(AT))[0]["acknowledge_by"] is None


async def test_a_deputy_or_head_decides_as_well_and_a_teacher_does_not(loaded: Driver) -> None:
    """A DSL or deputy is always available; the sentence names who may."""
    await journeys.logged(loaded)
    may = f"{people.DSL}, {people.DEPUTY}, {people.HEAD}"
    async with refused(loaded, NotPermitted, f"as: {people.TEACHER} may not monitor on dsl_review; who may: {may}"):
        await loaded.do("monitor", people.TEACHER, AT, reason="x")
    assert (await loaded.do("monitor", people.DEPUTY, AT, reason="x")).status == "MONITORING"


async def test_another_settings_dsl_may_not_decide(loaded: Driver) -> None:
    """A role counts where it is held."""
    await journeys.logged(loaded)
    async with refused(loaded, NotPermitted, f"as: {people.ASHDOWN_DSL} may not monitor on dsl_review…"):
        await loaded.do("monitor", people.ASHDOWN_DSL, AT, reason="x")


async def test_a_move_that_is_not_offered_is_refused_naming_those_that_are(loaded: Driver) -> None:
    """Dissent only after a no further action; nobody lapses a task by hand; nothing is changed."""
    await journeys.logged(loaded)
    task = await loaded.task(AT)
    for move in ("dissent", "review", "lapse", "Monitor", ""):
        said = f"move: '{move}' is not offered on dsl_review of a concern that is LOGGED; it offers: {OFFERS}"
        async with refused(loaded, NotOffered, said):
            await loaded.do_task(task["id"], move, people.DSL, AT)


# Watching


async def test_continuing_sets_the_next_case_review(loaded: Driver) -> None:
    """Six school weeks on from the review that was held, rolled back from the bank holiday it falls on."""
    reference = await journeys.monitoring(loaded)
    await loaded.do("continue", people.DSL, "2026-04-13T10:00", reason="As before.")
    why = "Fri 22 May 2026 17:00: 6 school weeks from Mon 13 Apr; brought forward from Mon 25 May, Spring bank holiday"
    assert await loaded.owed("2026-04-13T10:00") == {"case_review": (people.DSL, why)}
    assert (await loaded.history(reference))[-1] == ("continued", people.DSL, "As before.")


async def test_watching_is_never_longer_than_eight_weeks(loaded: Driver) -> None:
    """Where school weeks would stretch through the summer, the calendar decides and says so."""
    await loaded.load({"settings": [_oakfield("2026-07-23..2026-09-30")]})
    await journeys.monitoring(loaded)
    await loaded.do("continue", people.DSL, "2026-07-20T10:00", reason="As before.")
    why = "Mon 14 Sep 2026 17:00: 8 weeks from Mon 20 Jul; the most that 6 school weeks may take"
    assert await loaded.owed("2026-07-20T10:00") == {"case_review": (people.DSL, why)}


def _oakfield(closed: str) -> dict[str, Any]:
    setting = dict(people.roster()["settings"][0])
    return setting | {"closed": [*setting["closed"], closed]}


@pytest.mark.parametrize("status", ["monitoring", "assessing", "consented", "supporting"])
async def test_the_dsl_may_refer_whoever_owes_the_task(loaded: Driver, status: str) -> None:
    """In every open status before REFERRED the DSL refers, and it is sent at once: rule decision, no hold."""
    reference = await getattr(journeys, status)(loaded)
    await loaded.do("refer", people.DSL, journeys.REVIEWED_AT, **REFER)
    seen = await loaded.show(reference, journeys.REVIEWED_AT)
    referral = seen["referral"]
    assert (seen["status"], referral["rule"], referral["hold_until"]) == ("REFERRED", "decision", None)
    assert referral["sent_at"] == referral["raised_at"] == "2026-04-13T11:00:00+01:00"
    assert {task["kind"] for task in seen["open_tasks"]} == {"await_acknowledgement", "await_decision"}


async def test_early_help_can_follow_watching(loaded: Driver) -> None:
    """From a case review, help begins and watching ends."""
    await journeys.monitoring(loaded)
    assert (await loaded.do("early_help", people.DSL, "2026-03-16T10:00", **HELP)).status == "ASSESSING"
    assert set(await loaded.owed("2026-03-16T10:00")) == {"gain_consent"}


# A decision on what joined


async def _asked(driver: Driver, status: str) -> str:
    reference: str = await getattr(journeys, status)(driver)
    await driver.log(people.AMIRA, people.ASSISTANT, "2026-03-24T09:00")
    return reference


async def test_noting_leaves_the_main_task_as_it_is(loaded: Driver) -> None:
    """Noted with a reason: the decision is made, the next review stays where it was."""
    reference = await _asked(loaded, "supporting")
    before = (await loaded.owed("2026-03-24T09:00"))["hold_review"]
    await loaded.do("noted", people.DSL, "2026-03-24T10:00", reason="The lead knows.")
    assert await loaded.owed("2026-03-24T10:00") == {"hold_review": before}
    assert (await loaded.history(reference))[-1] == ("noted", people.DSL, "The lead knows.")


@pytest.mark.parametrize(
    ("status", "kind"),
    [("supporting", "hold_review"), ("monitoring", "case_review"), ("statutory", "statutory_review")],
)
async def test_bringing_forward_sets_the_next_review_within_five_working_days(
    loaded: Driver, status: str, kind: str
) -> None:
    """Whoever owes the review owes it sooner, and hears why then."""
    await _asked(loaded, status)
    owner = people.LEAD if kind == "hold_review" else people.DSL
    await loaded.do("bring_forward", people.DSL, "2026-03-24T10:00", reason="A third time.")
    assert await loaded.owed("2026-03-24T10:00") == {
        kind: (owner, "Tue 31 Mar 2026 17:00: 5 working days from Tue 24 Mar")
    }
    assert (await loaded.rows(select(Task).where(Task.kind == kind)))[-1].next_at <= instant("2026-03-31T17:00")


async def test_bringing_forward_never_puts_a_review_off(loaded: Driver) -> None:
    """A review that is due sooner than in five working days stays there."""
    await journeys.supporting(loaded)
    await loaded.log(people.AMIRA, people.ASSISTANT, "2026-04-09T09:00")
    await loaded.do("bring_forward", people.DSL, "2026-04-09T10:00", reason="Again.")
    assert (await loaded.owed("2026-04-09T10:00"))["hold_review"][1].startswith("Mon 13 Apr 2026 17:00: 6 weeks")


@pytest.mark.parametrize(
    ("status", "offers"),
    [
        ("logged", ["noted", "early_help", "refer"]),
        ("monitoring", ["noted", "bring_forward", "early_help", "refer"]),
        ("assessing", ["noted", "refer"]),
        ("supporting", ["noted", "bring_forward", "refer"]),
        ("referred", ["noted"]),
        ("disputed", ["noted"]),
        ("statutory", ["noted", "bring_forward"]),
    ],
)
async def test_a_decision_offers_what_the_concerns_status_allows(
    loaded: Driver, status: str, offers: list[str]
) -> None:
    """Nothing is offered that would be refused."""
    await _asked(loaded, status)
    assert (await loaded.task("2026-03-24T09:00", kind="dsl_decision"))["moves"] == offers


@pytest.mark.parametrize(
    ("move", "fields", "status"), [("early_help", HELP, "ASSESSING"), ("refer", REFER, "REFERRED")]
)
async def test_a_decision_can_move_the_concern(loaded: Driver, move: str, fields: dict[str, Any], status: str) -> None:
    """Helping or referring from the decision ends both the decision and the watching."""
    await _asked(loaded, "monitoring")
    moved = await loaded.do(move, people.DSL, "2026-03-24T10:00", kind="dsl_decision", **fields)
    assert moved.status == status
    assert not {"dsl_decision", "case_review"} & set(await loaded.owed("2026-03-24T10:00"))


async def test_what_was_proposed_about_a_task_ends_with_it(loaded: Driver) -> None:
    """A closing that waits for a second person is overtaken when the DSL decides otherwise."""
    await journeys.logged(loaded)
    await loaded.do("close", people.DSL, AT, **journeys.CLOSING)
    await loaded.do("early_help", people.DSL, "2026-03-02T10:30", **HELP)
    assert set(await loaded.owed("2026-03-02T10:30")) == {"gain_consent"}
