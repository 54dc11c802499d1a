"""Trying a policy before it goes live: exactly what it would change is found, nothing else, and nothing is written."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import pytest

from config.errors import BadInput, PolicyError
from flows.foresight import trying
from flows.foresight.trying import Tried, try_policy
from pathway.trying import as_answer, nothing_changes, print_tried, summary
from tests import people
from tests.driver import Driver, instant
from tests.integration import stories
from tests.integration.timeline import settle

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
AT = "2026-03-04T12:00"
OURS = files("config").joinpath("policies/derby-and-derbyshire.yaml").read_text("utf-8")


def changed(*pairs: tuple[str, str]) -> str:
    """The policy of the tests' areas with some of its text replaced."""
    text = OURS
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new)
    return text


async def tried(driver: Driver, text: str, area: str | None = None, weeks: int = 1) -> Tried:
    """Try a policy on Wednesday 4 March, noon."""
    return await try_policy(driver.engine, text, "new.yaml", instant(AT), area, weeks=weeks)


@pytest.fixture
async def moving(loaded: Driver) -> Driver:
    """Five concerns in two areas: one new in each, one watched, one whose family is asked, one with the front door."""
    await loaded.log(people.AMIRA, people.TEACHER, "2026-03-03T09:00")
    await loaded.log(people.ELSIE, people.KEY_PERSON, "2026-03-03T09:10")
    watched = await loaded.log(people.JEROME, people.ASHDOWN_TUTOR, "2026-03-03T09:20")
    await loaded.do("monitor", people.ASHDOWN_DSL, "2026-03-03T10:00", concern=watched.reference, reason="watch")
    asked = await loaded.log(people.DANIEL, people.TEACHER, "2026-03-03T09:30")
    lead: dict[str, Any] = {"reason": "help", "lead": people.LEAD}
    await loaded.do("early_help", people.DSL, "2026-03-03T10:10", kind=None, concern=asked.reference, **lead)
    referred = await loaded.log(people.NOORIYAH, people.HEALTH_VISITOR, "2026-03-03T09:40")
    harm = {"reason": "harm", "parents_informed": "yes"}
    await loaded.do("refer", people.HV_DSL, "2026-03-03T10:20", kind=None, concern=referred.reference, **harm)
    await settle(loaded, "2026-03-03T10:30")
    return loaded


NEW, ELSEWHERE, WATCHED, ASKED, REFERRED = (f"NC-2026-0000{number}" for number in range(1, 6))


async def test_the_policy_in_force_changes_nothing_and_nothing_is_written(moving: Driver) -> None:
    """Every row of every table is as it was, on both databases, after a trial that differs too."""
    before = await moving.dump()
    same = await tried(moving, OURS)
    assert nothing_changes(same)
    assert summary(same, "new.yaml") == ["new.yaml: of 5 open concerns, nothing would change."]
    other = await tried(moving, changed(("dsl_decision_due: {value: 1,", "dsl_decision_due: {value: 2,")))
    assert not nothing_changes(other)
    assert await moving.dump() == before


@ON_SQLITE
async def test_exactly_the_tasks_of_a_changed_figure_differ(moving: Driver) -> None:
    """The decisions a day later with both explanations, their rungs with them, and no other concern."""
    found = await tried(moving, changed(("dsl_decision_due: {value: 1,", "dsl_decision_due: {value: 2,")))
    assert found.compared.differing == {NEW, ELSEWHERE}
    moved = [(one.concern, one.kind, one.what, one.figure) for one in found.compared.moved]
    assert moved == [
        (NEW, "dsl_review", "due", "dsl_decision_due"),
        (ELSEWHERE, "dsl_review", "due", "dsl_decision_due"),
    ]
    first = found.compared.moved[0]
    assert first.old_because.startswith("Wed 4 Mar 2026 17:00: 1 working day from Tue 3 Mar")
    assert first.new_because.startswith("Thu 5 Mar 2026 17:00: 2 working days from Tue 3 Mar")
    heard = {(one.email, one.old, one.new) for one in found.compared.heard if one.concern == NEW}
    assert heard == {
        (people.DEPUTY, instant("2026-03-04T17:00"), instant("2026-03-05T17:00")),
        (people.HEAD, instant("2026-03-05T17:00"), instant("2026-03-06T17:00")),
        (people.COORDINATOR, instant("2026-03-06T17:00"), instant("2026-03-09T17:00")),
        (people.PARTNERSHIP, instant("2026-03-06T17:00"), instant("2026-03-09T17:00")),
    }
    assert not found.compared.happens


@ON_SQLITE
async def test_what_follows_from_a_lapse_differs_though_no_open_task_does(moving: Driver) -> None:
    """A shorter first stage of disagreement: what comes after it comes sooner, for the referred child alone."""
    shorter = changed(("escalation_stage1_due: {value: 2,", "escalation_stage1_due: {value: 1,"))
    found = await tried(moving, shorter)
    assert found.compared.differing == {REFERRED}
    assert not found.compared.moved
    stages = {(one.what, one.stage): (one.old, one.new) for one in found.compared.happens}
    assert stages["stepped_up", 2] == (instant("2026-03-10T17:00"), instant("2026-03-09T17:00"))
    assert ("disputed", 1) not in stages


@ON_SQLITE
async def test_a_ladder_without_its_last_rung_is_heard_by_fewer(moving: Driver) -> None:
    """Who would not hear any more, and how many letters fewer that makes."""
    rung = "      - {after: review_overdue_escalate_partnership, to: [partnership_contact]}\n"
    start = OURS.index("  gain_consent:")
    end = OURS.index("  assess:", start)
    found = await tried(moving, OURS[:start] + OURS[start:end].replace(rung, "") + OURS[end:], weeks=5)
    assert found.compared.differing == {ASKED}
    assert [(one.email, one.new) for one in found.compared.heard] == [(people.PARTNERSHIP, None)]
    letters = found.compared.letters
    assert letters[people.PARTNERSHIP].new < letters[people.PARTNERSHIP].old
    assert letters[people.HEAD].new > letters[people.HEAD].old, "the last rung is told again and again"


@ON_SQLITE
async def test_one_area_alone_can_be_asked_for(moving: Driver) -> None:
    """Of Derbyshire only its own concern; of an area that nobody knows a refusal that names those there are."""
    later = changed(("dsl_decision_due: {value: 1,", "dsl_decision_due: {value: 2,"))
    found = await tried(moving, later, people.DERBYSHIRE)
    assert (found.open, found.compared.differing) == (1, {ELSEWHERE})
    with pytest.raises(BadInput, match="--area: nowhere is no area of the record; known are derby, derbyshire"):
        await tried(moving, later, "nowhere")


@ON_SQLITE
async def test_a_change_that_is_to_come_is_tried_as_if_it_had(moving: Driver) -> None:
    """A later version in the same file: its figures are those that are tried."""
    coming = "  - in_force_from: 2026-09-01\n    figures:\n"
    coming += "      dsl_decision_due: {value: 3, unit: working_days, basis: D, source: proposal}\n"
    found = await tried(moving, changed(("changes: []", "changes:\n" + coming + "#")))
    assert [one.concern for one in found.compared.moved] == [NEW, ELSEWHERE]
    assert found.changes[0].figures == [("dsl_decision_due", "1 working day", "3 working days")]


@ON_SQLITE
async def test_a_policy_that_does_not_validate_is_refused_as_check_refuses_it(moving: Driver) -> None:
    """The file, the line and the key."""
    with pytest.raises(PolicyError, match=r"new.yaml line \d+, column \d+: figures.dsl_decision_due"):
        await tried(moving, changed(("dsl_decision_due: {value: 1,", "dsl_decision_due: {value: many,")))


@ON_SQLITE
async def test_several_processes_find_the_same(moving: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches that are lived through side by side give what one batch gives."""
    text = changed(("escalation_stage1_due: {value: 2,", "escalation_stage1_due: {value: 1,"))
    whole = as_answer(await tried(moving, text))
    monkeypatch.setattr(trying, "BATCH", 2)
    assert as_answer(await tried(moving, text)) == whole


@ON_SQLITE
async def test_no_child_is_named(moving: Driver, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither in what is printed nor in JSON: references and people's roles only."""
    found = await tried(moving, changed(("dsl_decision_due: {value: 1,", "dsl_decision_due: {value: 2,")))
    print_tried(found, "new.yaml")
    printed = capsys.readouterr().out
    assert "NC-2026-00001  dsl review, owed by dsl: due Wed 4 Mar 2026 17:00 -> Thu 5 Mar 2026 17:00" in printed
    assert "Clocks that already run stay with the policy they were opened under" in printed
    assert not people.planted_in(printed + json.dumps(as_answer(found)))


@ON_SQLITE
async def test_a_review_follows_the_figure_that_set_it_or_none(loaded: Driver) -> None:
    """The first team follows its own figure and not the next one's; put off to a day of its own, it follows none."""
    first = changed(("first_taf_due: {value: 6,", "first_taf_due: {value: 5,"))
    later = changed(("taf_review_interval: {value: 6,", "taf_review_interval: {value: 5,"))
    reference = await stories.supported(loaded)

    async def moved(text: str, at: str) -> list[str]:
        found = await try_policy(loaded.engine, text, "new.yaml", instant(at), weeks=1)
        return [one.figure for one in found.compared.moved if one.concern == reference]

    assert await moved(first, "2026-03-16T12:00") == ["first_taf_due"]
    assert await moved(later, "2026-03-16T12:00") == []
    await loaded.do("postpone", people.LEAD, "2026-03-17T10:00", to="2026-04-30", reason="The worker is ill.")
    await settle(loaded, "2026-03-17T10:00")
    assert await moved(first, "2026-03-17T12:00") == await moved(later, "2026-03-17T12:00") == []
