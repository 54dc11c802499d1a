"""Who may make which move: owners, who acts for them, roles at the setting and in the area, and nobody else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from config.policy import Channel
from models.case import Case
from models.errors import NotPermitted
from models.lifecycle import Kind, Move
from models.permission import must_be_permitted, who_may
from models.record import Task
from tests import people
from tests.unit.office import away, case, id_of, staff, task

AT = datetime(2026, 3, 2, 10, tzinfo=UTC)
SAFEGUARDING = {people.DSL, people.DEPUTY, people.HEAD}
HELPING = {people.DSL, people.DEPUTY, people.COORDINATOR}


def may(of: Case, one: Task, move: Move) -> set[str]:
    """The addresses of everybody who may."""
    return {person.email for person in who_may(of, one, move).values()}


def through(of: Case, channel: Channel) -> Case:
    """The case, its front door taking referrals by that channel."""
    areas = {**of.policy.areas, people.DERBY: replace(of.policy.areas[people.DERBY], channel=channel)}
    of.policy = replace(of.policy, areas=areas)
    return of


@pytest.mark.parametrize(
    ("kind", "owner", "move", "allowed"),
    [
        (Kind.DSL_REVIEW, people.DSL, Move.MONITOR, SAFEGUARDING),
        (Kind.DSL_DECISION, people.DSL, Move.NOTED, SAFEGUARDING),
        (Kind.CASE_REVIEW, people.DSL, Move.CONTINUE, SAFEGUARDING),
        (Kind.STATUTORY_REVIEW, people.DSL, Move.RECORD, SAFEGUARDING),
        (Kind.CONFIRM_REFERRAL, people.DSL, Move.STOP, SAFEGUARDING),
        (Kind.FILE_REFERRAL, people.DSL, Move.FILED, SAFEGUARDING),
        (Kind.GAIN_CONSENT, people.LEAD, Move.CONSENT, HELPING | {people.LEAD}),
        (Kind.ASSESS, people.LEAD, Move.COMPLETE, HELPING | {people.LEAD}),
        (Kind.HOLD_REVIEW, people.LEAD, Move.REVIEW, HELPING | {people.LEAD}),
        (Kind.HOLD_REVIEW, people.LEAD, Move.REFER, HELPING | {people.LEAD}),
        (Kind.ACTION, people.TEACHER, Move.DONE, SAFEGUARDING | {people.TEACHER}),
        (Kind.AWAIT_DECISION, people.DSL, Move.CHASE, SAFEGUARDING),
        (Kind.AWAIT_DECISION, people.DSL, Move.DECIDE, {people.FRONT_DOOR}),
        (Kind.AWAIT_ACKNOWLEDGEMENT, people.DSL, Move.ACKNOWLEDGE, {people.FRONT_DOOR}),
        (Kind.RESOLVE_DISAGREEMENT, people.DSL, Move.DECIDE, {people.FRONT_DOOR}),
        (Kind.AWAIT_ACKNOWLEDGEMENT, people.DSL, Move.ASK, {people.FRONT_DOOR}),
        (Kind.AWAIT_DECISION, people.DSL, Move.ASK, {people.FRONT_DOOR}),
        (Kind.RESOLVE_DISAGREEMENT, people.HEAD, Move.ASK, {people.FRONT_DOOR}),
        (Kind.ANSWER_QUESTION, people.DSL, Move.ANSWER, SAFEGUARDING),
        (Kind.ANSWER_QUESTION, people.LEAD, Move.ANSWER, SAFEGUARDING | {people.LEAD}),
        (Kind.RESOLVE_DISAGREEMENT, people.PARTNERSHIP, Move.RESOLVE, SAFEGUARDING | {people.PARTNERSHIP}),
        (Kind.COUNTERSIGN, people.DEPUTY, Move.AGREE, {people.DEPUTY}),
        (Kind.NAME_COVER, people.DSL, Move.NAME, SAFEGUARDING),
        (Kind.FIRST_DAY, people.DSL, Move.NOT_SEEN, SAFEGUARDING),
    ],
)
def test_who_may_by_kind_and_move(kind: Kind, owner: str, move: Move, allowed: set[str]) -> None:
    """Exactly these of the whole roster, and nobody of another setting or area."""
    assert may(case(AT, staff()), task(kind, owner, AT), move) == allowed


@pytest.mark.parametrize("channel", ["portal", "telephone_then_write"])
def test_by_portal_or_telephone_the_school_writes_down_the_answer(channel: Channel) -> None:
    """Where the front door does not sign in, who safeguards records what it said."""
    of = through(case(AT, staff()), channel)
    for kind, move in (
        (Kind.AWAIT_DECISION, Move.DECIDE),
        (Kind.AWAIT_ACKNOWLEDGEMENT, Move.ACKNOWLEDGE),
        (Kind.AWAIT_DECISION, Move.ASK),
    ):
        assert may(of, task(kind, people.DSL, AT), move) == SAFEGUARDING | {people.FRONT_DOOR}


def test_whoever_owes_a_task_may_answer_it_wherever_they_work() -> None:
    """A task given to another school's deputy is theirs to answer."""
    assert people.ASHDOWN_DEPUTY in may(
        case(AT, staff()), task(Kind.DSL_REVIEW, people.ASHDOWN_DEPUTY, AT), Move.MONITOR
    )


def test_who_acts_for_the_owner_may_while_they_do() -> None:
    """Cover from elsewhere on the day of leave, and not on the day after."""
    of = case(AT, staff())
    away(of.staff, people.DSL, people.ASHDOWN_DEPUTY)
    one = task(Kind.DSL_REVIEW, people.DSL, AT)
    assert people.ASHDOWN_DEPUTY in may(of, one, Move.MONITOR)
    of.at = datetime(2026, 3, 3, 10, tzinfo=UTC)
    assert people.ASHDOWN_DEPUTY not in may(of, one, Move.MONITOR)


def test_a_leaver_may_nothing_more() -> None:
    """Neither as owner nor by role."""
    of = case(AT, staff())
    of.staff.people[id_of(people.DSL)].left_on = AT.date()
    assert may(of, task(Kind.DSL_REVIEW, people.DSL, AT), Move.MONITOR) == {people.DEPUTY, people.HEAD}


def test_the_lead_may_answer_for_an_action() -> None:
    """Whoever leads the support closes what was agreed, whoever owes it."""
    of = case(AT, staff(), lead_id=id_of(people.LEAD))
    assert people.LEAD in may(of, task(Kind.ACTION, people.HEALTH_VISITOR, AT), Move.NOT_DONE)


@pytest.mark.parametrize(
    ("absent", "allowed"),
    [
        ([], {people.DEPUTY}),
        ([people.DEPUTY], {people.DEPUTY, people.HEAD}),
        ([people.DEPUTY, people.HEAD], {people.DEPUTY, people.COORDINATOR}),
    ],
)
def test_a_second_persons_word_is_never_the_proposers_own(absent: list[str], allowed: set[str]) -> None:
    """Whoever is away, somebody else may give it."""
    of = case(AT, staff())
    for email in absent:
        away(of.staff, email)
    one = task(Kind.COUNTERSIGN, people.DEPUTY, AT, role="deputy_dsl", by=str(id_of(people.DSL)))
    assert may(of, one, Move.AGREE) == allowed


def test_a_proposer_who_stands_in_for_the_second_gives_no_word() -> None:
    """The deputy named the proposing DSL as cover: the head may, the DSL may not."""
    of = case(AT, staff())
    away(of.staff, people.DEPUTY, people.DSL)
    one = task(Kind.COUNTERSIGN, people.DEPUTY, AT, role="deputy_dsl", by=str(id_of(people.DSL)))
    assert people.DSL not in may(of, one, Move.AGREE)
    assert people.HEAD in may(of, one, Move.AGREE)


def test_the_refusal_names_who_may() -> None:
    """One sentence: who asked, for what, and who may."""
    of = case(AT, staff())
    teacher = of.staff.named(people.TEACHER)
    with pytest.raises(NotPermitted) as caught:
        must_be_permitted(of, task(Kind.COUNTERSIGN, people.DEPUTY, AT), Move.AGREE, teacher)
    assert str(caught.value) == f"as: {people.TEACHER} may not agree on countersign; who may: {people.DEPUTY}"
    must_be_permitted(of, task(Kind.COUNTERSIGN, people.DEPUTY, AT), Move.AGREE, of.staff.named(people.DEPUTY))


def test_when_nobody_may_it_says_so() -> None:
    """A front door that nobody holds."""
    of = case(AT, staff(without=[people.FRONT_DOOR]))
    with pytest.raises(NotPermitted, match=r"who may: nobody present$"):
        must_be_permitted(of, task(Kind.AWAIT_DECISION, people.DSL, AT), Move.DECIDE, of.staff.named(people.DSL))
