"""What should have come of what people did, worked out apart from the code that did it: an oracle of the soak's own.

From acknowledged acts and the history alone, by the rules of design.md; deadlines are counted here by hand.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.faults import people

LONDON = ZoneInfo("Europe/London")
# England's bank holidays of 2026 and early 2027, from gov.uk/bank-holidays.
HOLIDAYS = frozenset(
    date(*one)
    for one in (
        (2026, 1, 1),
        (2026, 4, 3),
        (2026, 4, 6),
        (2026, 5, 4),
        (2026, 5, 25),
        (2026, 8, 31),
        (2026, 12, 25),
        (2026, 12, 28),
        (2027, 1, 1),
        (2027, 3, 26),
        (2027, 3, 29),
    )
)
# Who hears, so many working days after the deadline.
LADDERS: dict[str, tuple[tuple[int, tuple[str, ...]], ...]] = {
    "dsl_review": ((0, ("deputy",)), (1, ("head",)), (2, ("coordinator", "partnership"))),
    "dsl_decision": ((0, ("deputy",)), (1, ("head",)), (2, ("coordinator", "partnership"))),
    "gain_consent": ((0, ("lead",)), (1, ("dsl", "coordinator")), (5, ("head",)), (10, ("partnership",))),
    "assess": ((0, ("lead",)), (1, ("dsl", "coordinator")), (5, ("head",)), (10, ("partnership",))),
    "case_review": ((0, ("dsl",)), (1, ("deputy",)), (5, ("head",)), (10, ("partnership",))),
}
OF_AREA = ("coordinator", "partnership", "front-door")
SILENCE_DAYS = 3
UNCHANGED_RUNNING = 2
STATUTORY = ("s17", "s47")


def is_working(day: date) -> bool:
    """Whether England works on a day."""
    return day.weekday() < 5 and day not in HOLIDAYS


def close_of(start: datetime, days: int) -> datetime:
    """17:00 of so many working days after the day of an instant; of that day itself for none, wherever it falls."""
    day = start.astimezone(LONDON).date()
    for _ in range(days):
        day += timedelta(days=1)
        while not is_working(day):
            day += timedelta(days=1)
    return datetime.combine(day, time(17), LONDON)


def _setting(rows: Any, concern_id: Any) -> str:
    concern = next(one for one in rows.concerns if one.id == concern_id)
    child = next(one for one in rows.children if one.id == concern.child_id)
    return people.setting(int(child.key.rpartition("-")[2]))


def _address(setting: str, role: str) -> str:
    return people.staff(people.area(setting) if role in OF_AREA else setting, role)


def _who(rows: Any, task: Any, setting: str, role: str) -> str:
    """Who is meant by a ladder's word; without a lead it is the DSL."""
    lead = next(one.lead_id for one in rows.concerns if one.id == task.concern_id)
    return rows.email(lead) or _address(setting, "dsl") if role == "lead" else _address(setting, role)


def received(rows: Any, case: Any) -> Iterator[str]:
    """Whoever logged an observation was told that it was received, once for each."""
    told: dict[tuple[str, str], set[str]] = defaultdict(set)
    for one in case.taken:
        if one.letter == "concern-received":
            told[one.to, str(one.message["Subject"]).rpartition(": ")[2]].add(one.id)
    logged = Counter((rows.email(one.observer_id), rows.of(one)) for one in rows.observations)
    logged -= Counter(
        (rows.email(one.person_id), rows.of(one)) for one in rows.never_came("concern-received", case.arrived, case.now)
    )
    for (who, reference), count in logged.items():
        if len(told[who, reference]) != count:
            yield f"{who} logged {count} observations of {reference} and had {len(told[who, reference])} receipts"


def opened(rows: Any, case: Any) -> Iterator[str]:
    """A concern's first decision is due at 17:00 of the next working day, and the DSL was told of it."""
    first = {act.reference: act for act in case.ledger.acknowledged("log") if not act.answer.get("repeated")}
    told = {one.task_id: one for one in rows.deliveries if one.letter == "task-opened"}
    for task in rows.tasks:
        if str(task.kind) != "dsl_review":
            continue
        if rows.of(task) in first and task.due_at != close_of(task.opened_at, 1):
            yield f"{rows.of(task)}: dsl_review opened {task.opened_at} is due {task.due_at}"
        letter = told.get(task.id)
        if task.closed_at is None and not (letter and rows.reached(letter, case.arrived, case.now)):
            yield f"{rows.of(task)}: the DSL was never told of an open dsl_review"


def referred(rows: Any, case: Any) -> Iterator[str]:
    """Every referral that a move, a danger or a rule asks for is in the record, and the front door has its letter."""
    got: dict[str, set[str]] = defaultdict(set)
    for one in case.taken:
        if one.letter == "referral":
            got[f"{one.to} {str(one.message['Subject']).rpartition(': ')[2]}"].add(one.id)
    sent = Counter(rows.of(one) for one in rows.referrals if one.sent_at)
    sent -= Counter(rows.of(one) for one in rows.never_came("referral", case.arrived, case.now))
    for concern in rows.concerns:
        to = people.staff(concern.area, "front-door")
        have = len(got[f"{to} {concern.reference}"])
        if have != sent[concern.reference]:
            yield f"{concern.reference}: {sent[concern.reference]} referrals sent, {have} letters at the front door"
    raised = Counter(rows.of(one) for one in rows.referrals)
    for reference, count in _asked_for(rows, case).items():
        if raised[reference] < count:
            yield f"{reference}: rules and people asked for {count} referrals, there are {raised[reference]}"


def _asked_for(rows: Any, case: Any) -> Counter[str]:
    """By concern, how many referrals moves and reviews ask for; a held one that danger overtakes is counted once."""
    asked: Counter[str] = Counter()
    for act in case.ledger.acknowledged("do"):
        asked[act.reference] += act.move == "refer"
    for concern in rows.concerns:
        unchanged = 0
        for event in rows.history(concern.id):
            if event.kind == "reopened" or event.fields.get("decision") in STATUTORY:
                unchanged = 0  # other work begins
            if event.kind != "reviewed":
                continue
            outcome = event.fields["outcome"]
            unchanged = unchanged + 1 if outcome == "unchanged" else 0
            asked[concern.reference] += outcome == "worse" or unchanged >= UNCHANGED_RUNNING
    return +asked


def alarmed(rows: Any, case: Any) -> Iterator[str]:
    """At immediate danger a referral went, and DSL, deputy and head were told to telephone."""
    called = {
        (rows.email(one.person_id), rows.of(one)) for one in rows.never_came("telephone-now", case.arrived, case.now)
    }
    for one in case.taken:
        if one.letter == "telephone-now":
            called.add((one.to, str(one.message["Subject"]).rpartition(": ")[2]))
    for one in rows.observations:
        if not one.immediate_danger:
            continue
        mine = [each for each in rows.referrals if each.concern_id == one.concern_id]
        if not any(each.rule == "immediate_danger" and each.sent_at for each in mine):
            yield f"{rows.of(one)}: immediate danger, and no referral was sent"
        setting = _setting(rows, one.concern_id)
        for role in ("dsl", "deputy", "head"):
            if (_address(setting, role), rows.of(one)) not in called:
                yield f"{rows.of(one)}: immediate danger, and the {role} was not told to telephone"


def silent(rows: Any, case: Any) -> Iterator[str]:
    """A front door that is silent for three working days is in dispute."""
    for concern in rows.concerns:
        mine = [one for one in rows.referrals if one.concern_id == concern.id and one.sent_at]
        if str(concern.status) != "REFERRED" or not mine:
            continue
        last = max(mine, key=lambda one: one.number)
        if last.decided_at is None and close_of(last.sent_at, SILENCE_DAYS) <= case.now:
            yield f"{concern.reference}: silence since {last.sent_at} and it is REFERRED still"


def climbed(rows: Any, case: Any) -> Iterator[str]:
    """Of every task that is overdue now, everybody on the rungs it has passed was told, alone or in a round-up."""
    told: dict[Any, list[Any]] = defaultdict(list)
    for one in rows.deliveries:
        if one.letter == "overdue":
            told[one.task_id, rows.email(one.person_id)].append(one)
    for task in rows.tasks:
        if task.closed_at is not None or task.due_at > case.now:
            continue
        setting = _setting(rows, task.concern_id)
        for days, roles in LADDERS.get(str(task.kind), ()):
            passed = close_of(task.due_at, days) <= case.now - timedelta(minutes=1)
            for who in {_who(rows, task, setting, role) for role in roles} if passed else ():
                if not any(rows.reached(one, case.arrived, case.now) for one in told[task.id, who]):
                    yield f"{rows.of(task)}: {task.kind} overdue since {task.due_at}, and {who} never heard"


EXPECTATIONS = (received, opened, referred, alarmed, silent, climbed)
