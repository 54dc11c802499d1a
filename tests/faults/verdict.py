"""The verdict: from the record, the mail that was really taken and what people were told, never from one alone.

Each question is one function that yields findings, a line each; none is clean.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from tests.faults.expected import EXPECTATIONS
from tests.faults.ledger import Ledger
from tests.faults.mail import Taken
from tests.faults.programs import Death
from tests.faults.rows import Rows, read

SOON = 90.0  # seconds after an acceptance within which its sender must have died for a repeat to be excused
ON_THE_LINE = 10.0  # seconds after its sender's death within which a slow server may still take a letter
JUST_THEN = 0.5  # seconds by which a death is noticed too late
MOST = 12  # findings of one kind that are told in full


@dataclass
class Case:
    """What is judged: the record at `url`, the time there, what the mail server took, and what people and programs did.

    `down` says when (wall clock) the record could not be written.
    """

    url: str
    now: datetime
    taken: list[Taken]
    down: list[tuple[float, float]]
    ledger: Ledger
    deaths: list[Death]

    @cached_property
    def arrived(self) -> frozenset[str]:
        """The Message-IDs of what was taken."""
        return frozenset(one.id for one in self.taken)


@dataclass
class Verdict:
    """What was found, what was excused (and counted), and how much was looked at."""

    findings: list[str] = field(default_factory=list)
    allowed: Counter[str] = field(default_factory=Counter)
    counts: dict[str, Any] = field(default_factory=dict)


def judge(case: Case, rows: Rows | None = None) -> Verdict:
    """Ask every question; of the record as it was read before, or as it is now."""
    rows = rows or read(case.url)
    verdict = Verdict()
    for ask in (_undone, _untold, _history, _mail_and_record, _written_down, _said_twice, *EXPECTATIONS):
        found = list(ask(rows, case))
        verdict.findings += found[:MOST] + ([f"… and {len(found) - MOST} more like it"] if len(found) > MOST else [])
    verdict.findings += repeats(case, verdict.allowed)
    verdict.counts = {
        "concerns": len(rows.concerns),
        "events": len(rows.events),
        "tasks": len(rows.tasks),
        "referrals_sent": sum(one.sent_at is not None for one in rows.referrals),
        "deliveries": dict(Counter(str(one.state) for one in rows.deliveries)),
        "statuses": dict(Counter(str(one.status) for one in rows.concerns)),
        "letters": dict(Counter(one.letter for one in case.taken).most_common()),
        "repeats": sum(verdict.allowed.values()),
    }
    return verdict


def _undone(rows: Rows, case: Case) -> Iterator[str]:
    """Nothing is due and unsaid, unfollowed, or held past its hold; and every open concern has somebody's task."""
    at = case.now
    for task in rows.tasks:
        if task.closed_at is None and task.next_at <= at:
            yield f"{rows.of(task)}: {task.kind} was due for a look at {task.next_at} and is untouched"
    for event in rows.events:
        if event.followed_up_at is None:
            yield f"{rows.of(event)}: event {event.number} ({event.kind}) is not followed up"
    for referral in rows.referrals:
        ended = referral.sent_at or referral.stopped_at
        if not ended and referral.hold_until and referral.hold_until <= at:
            yield f"{rows.of(referral)}: referral {referral.number} was held to {referral.hold_until} and not sent"
    for concern in rows.concerns:
        if concern.closed_at is None and not rows.open_tasks(concern.id):
            yield f"{concern.reference} is open and nobody owes anything"


def _untold(rows: Rows, case: Case) -> Iterator[str]:
    """No letter waits, and of those that failed somebody was told."""
    for one in rows.deliveries:
        who, state = f"letter {one.letter} to {rows.email(one.person_id)}", str(one.state)
        if state == "waiting" and (one.try_after <= case.now or one.claimed_by):
            yield f"{who} still waits: {one.error}, {one.tries} tries"
        if state in ("refused", "given_up") and not one.told_at and one.letter != "letter-refused":
            yield f"{who} was {state} and nobody was told"


def _history(rows: Rows, _: Case) -> Iterator[str]:
    """Every chain is whole: numbers without a gap, each link that of the line before, the head that of the last."""
    for concern in rows.concerns:
        head = ""
        for place, event in enumerate(rows.history(concern.id), start=1):
            if event.number != place or event.previous_hash != head:
                yield f"{concern.reference}: its history breaks at line {place}"
                break
            head = event.hash
        else:
            if head != concern.chain_head:
                yield f"{concern.reference}: its history ends before its head"
    numbers = sorted(int(one.reference.rpartition("-")[2]) for one in rows.concerns)
    if numbers != list(range(1, len(numbers) + 1)):
        yield "concerns are missing from the year's numbers"


def _mail_and_record(rows: Rows, case: Case) -> Iterator[str]:
    """What the record calls sent was taken, by the right person; what was taken is in the record, as sent."""
    taken = {one.id: one for one in case.taken}
    known = {one.message_id: one for one in rows.deliveries}
    for one in rows.deliveries:
        if str(one.state) == "sent" and one.message_id not in taken:
            yield f"letter {one.letter} to {rows.email(one.person_id)} is called sent and no server took it"
    for number, letter in taken.items():
        delivery = known.get(number)
        if delivery is None:
            yield f"letter {letter.letter} to {letter.to} was taken and is in no record"
        elif letter.to != rows.email(delivery.person_id):
            yield f"letter {letter.letter} went to {letter.to}, not to {rows.email(delivery.person_id)}"
        elif str(delivery.state) != "sent" and not (_excuse(letter, case) or _ends_before(letter, case)):
            yield f"letter {letter.letter} to {letter.to} was taken and is called {delivery.state}"


def _written_down(rows: Rows, case: Case) -> Iterator[str]:
    """What people were told is recorded is there, once; what is there, somebody asked for."""
    by_key: dict[str, list[Any]] = defaultdict(list)
    for one in rows.observations:
        by_key[str(one.key)].append(one)
    for act in case.ledger.acknowledged("log"):
        found = by_key.get(act.key, [])
        if len(found) != 1:
            yield f"observation {act.key} was acknowledged and is there {len(found)} times"
        elif rows.of(found[0]) != act.reference:
            yield f"observation {act.key} was acknowledged as {act.reference} and is in {rows.of(found[0])}"
    asked = {act.key for act in case.ledger.acts if act.what == "log"}
    yield from (f"observation {key} is there and nobody logged it" for key in by_key if key not in asked)
    yield from _moves_written_down(rows, case)


def _moves_written_down(rows: Rows, case: Case) -> Iterator[str]:
    there = Counter((str(event.task_id), rows.email(event.by_id)) for event in rows.events if event.by_id)
    ended = Counter((one, rows.email(event.by_id)) for event in rows.events for one in event.closed)
    acts = [act for act in case.ledger.acts if act.what == "do"]
    told = Counter((act.key, act.who) for act in acts if act.outcome == "acknowledged")
    asked_of = {str(task.id): str(task.about.get("task", task.id)) for task in rows.tasks}
    moved = [act for act in acts if act.outcome != "refused"]
    # Whoever agrees to a move makes it: on the task that it was asked of.
    perhaps = Counter((key, act.who) for act in moved for key in {act.key, asked_of.get(act.key, act.key)})
    for key, count in told.items():
        if there[key] + ended[key] == 0:
            yield f"a move on task {key[0][:8]} by {key[1]} was acknowledged {count} times and is in no history"
    for key, count in there.items():
        if key[0] != "None" and count > 2 * perhaps[key]:
            yield f"task {key[0][:8]}: {count} lines by {key[1]}, who moved {perhaps[key]} times"


def repeats(case: Case, allowed: Counter[str]) -> list[str]:
    """A Message-ID may be taken twice only where the sender could not know, or could not write down, that it was."""
    copies: dict[str, list[Taken]] = defaultdict(list)
    for one in case.taken:
        copies[one.id].append(one)
    found: list[str] = []
    for number, times in copies.items():
        alive = [one for one in times if not _sent_by_the_dead(one, times, case)]
        if dead := len(times) - max(len(alive), 1):
            allowed["on the line when its sender was killed"] += dead
        for first in sorted(alive, key=lambda one: one.at)[:-1]:
            if why := _excuse(first, case):
                allowed[why] += 1
            else:
                found.append(f"letter {first.letter} to {first.to} ({number}) was taken twice, {len(times)} in all")
    return found


def _sent_by_the_dead(copy: Taken, copies: list[Taken], case: Case) -> bool:
    """Whether a slow server took it off the line of a sender that was dead by then, and another after that death.

    Neither sender could know of the other's, in whichever order they were taken.
    """
    ends = _ends_before(copy, case)
    return any(other is not copy and other.at > end - JUST_THEN for end in ends for other in copies)


def _ends_before(copy: Taken, case: Case) -> list[float]:
    return [one.at for one in case.deaths if one.pid == copy.pid and one.at < copy.at < one.at + ON_THE_LINE]


def _excuse(first: Taken, case: Case) -> str | None:
    for one in case.deaths:
        if one.pid == first.pid and -JUST_THEN < one.at - first.at < SOON:
            return "killed between 250 and commit"
    if not first.answered:
        return "the answer 250 never arrived"
    if any(begin - SOON < first.at < end + SOON for begin, end in case.down):
        return "the record could not be written after 250"
    return None


def _said_twice(rows: Rows, _: Case) -> Iterator[str]:
    """One letter to a person about one event, rung, referral and day, or one digest a day."""
    said = Counter(
        (one.letter, rows.email(one.person_id), one.concern_id and rows.of(one), one.slot)
        for one in rows.deliveries
        if str(one.state) == "sent" and one.letter not in ONE_FOR_EACH
    )
    yield from (
        f"{letter} went to {who} {count} times ({about}, {slot})"
        for (letter, who, about, slot), count in said.items()
        if count > 1
    )


# One for each task or observation, of which one event may concern several; or for each address that refuses.
ONE_FOR_EACH = frozenset(
    {
        "task-opened",
        "reminder",
        "unacknowledged",
        "overdue",
        "handed-over",
        "concern-received",
        "concern-acted-on",
        "letter-refused",
    }
)
Question = Callable[[Rows, Case], Iterator[str]]
