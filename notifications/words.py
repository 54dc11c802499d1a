"""The words a letter's templates may use: references, instants as the reader's clock shows them, and what is asked.

Nothing here is taken from what people wrote, nor from the child, the setting or the rules.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from config.policy import Policy
from config.settings import settings
from config.time import LONDON, say_day, say_instant, to_london
from models.invitations import invitation_path, is_open
from models.people import Person
from models.record import Concern, Referral, Task
from models.snoozing import is_snoozed
from models.telling import Delivery
from notifications.asks import ASKS
from notifications.desk import Owed
from notifications.facts import Facts
from notifications.letters import LETTERS

Words = dict[str, Any]
# "Tue 7 Apr 2026 17:00: 1 working day from …; policy derby, dsl_decision_due": the instant is said apart, in the
# reader's own zone, and a figure's name may give a rule away.
_INSTANT = re.compile(r"^\w{3} \d{1,2} \w{3} \d{4} \d\d:\d\d: ")
_FIGURE = re.compile(r"(; policy [^,;]+), \w+$")
ROWS = 50
# Beyond its rows a list names what is left by reference alone; nobody is told of more than this at once.
MANY = 500


class NotNeeded(Exception):
    """The letter need not go any more; the text says why. `gone`: because its reader has left."""

    def __init__(self, reason: str, *, gone: bool = False) -> None:
        super().__init__(reason)
        self.gone = gone


@dataclass(frozen=True)
class Reader:
    """Who reads the letter, and when: whose zone, and what counts as today."""

    person: Person
    at: datetime

    @property
    def zone(self) -> ZoneInfo:
        """The zone whose clock they read."""
        return ZoneInfo(self.person.zone)

    def when(self, at: datetime | None) -> str:
        """An instant as their clock shows it; empty when there is none."""
        if at is None:
            return ""
        said = say_instant(at, self.zone)
        return said if self.zone == LONDON else f"{said} ({self.person.zone})"

    def late(self, due: datetime) -> str:
        """How long past `due` it is: "3 hours", "2 days"; empty before."""
        past = self.at - due
        if past < timedelta(minutes=1):
            return ""
        for unit, size in (("day", timedelta(days=1)), ("hour", timedelta(hours=1)), ("minute", timedelta(minutes=1))):
            if count := past // size:
                return f"{count} {unit}{'s' if count != 1 else ''}"
        return ""


def words(delivery: Delivery, facts: Facts) -> Words:
    """Everything the templates of this letter may say. Raises NotNeeded when it need not go."""
    person = facts.people[delivery.person_id]
    if person.left_on and person.left_on <= to_london(facts.at).date():
        raise NotNeeded(f"they left on {say_day(person.left_on)}", gone=True)
    reader = Reader(person, facts.at)
    task = facts.tasks[delivery.task_id] if delivery.task_id else None
    concern_id = delivery.concern_id or (task.concern_id if task else None)
    concern = facts.concerns[concern_id] if concern_id else None
    policy = facts.policy(concern)
    said: Words = {
        "letter": delivery.letter,
        "why_you": delivery.why_you,
        "urgent": delivery.urgent,
        "reference": concern.reference if concern else "",
        "term": policy.label,
        "count": delivery.fields.get("count", 0),
        "agreed": delivery.fields.get("agreed"),
        "unreached": bool(delivery.fields.get("unreached")),
        **_telephones(policy, concern),
    }
    if task:
        said["task"] = _task(task, reader, policy, still_owed=LETTERS[delivery.letter].about_task)
    if concern and not LETTERS[delivery.letter].about_task:
        said |= _about(concern, delivery, facts, reader)
    said |= _MORE.get(delivery.letter, _nothing)(delivery, facts, reader)
    return said | {"link": _link(delivery, concern, said)}


def _nothing(_delivery: Delivery, _facts: Facts, _reader: Reader) -> Words:
    return {}


def _telephones(policy: Policy, concern: Concern | None) -> Words:
    numbers = policy.place(concern.area if concern else None).telephones
    return {"telephone": numbers.get("front_door", ""), "out_of_hours": numbers.get("out_of_hours", "")}


def _task(task: Task, reader: Reader, policy: Policy, *, still_owed: bool) -> Words:
    if task.closed_at and still_owed:
        raise NotNeeded("the task was closed before this could be sent")
    ask = ASKS[task.kind].under(policy)
    waiting = task.acknowledge_by if task.acknowledged_at is None else None
    return {
        "short": ask.short,
        "asked": ask.asked,
        "otherwise": ask.otherwise,
        "due": reader.when(task.due_at),
        "because": because(task.due_because),
        "late": reader.late(task.due_at),
        "acknowledge_by": reader.when(waiting if waiting and waiting < task.due_at else None),
        "yours": task.owner_id == reader.person.id,
    }


def because(said: str) -> str:
    """Why a deadline is when it is, without the instant it begins with and the figure it ends with."""
    return _FIGURE.sub(r"\1", _INSTANT.sub("", said))


def _about(concern: Concern, delivery: Delivery, facts: Facts, reader: Reader) -> Words:
    referrals = facts.referrals.get(concern.id, [])
    number = delivery.fields.get("referral")
    referral = next((one for one in reversed(referrals) if number in (None, one.number)), None)
    clocks = {str(clock.kind): clock for clock in facts.clocks.get(concern.id, ())}
    if delivery.letter in ("chase", "chase-copy") and not clocks:
        raise NotNeeded("the front door has answered meanwhile")
    first = min(clocks.values(), key=lambda clock: clock.due_at, default=None)
    stage = clocks.get("resolve_disagreement")
    return {
        "referral": _referral(referral, reader)
        if referral
        else {"number": 1, "hold_until": "", "sent": "", "stopped": ""},
        "answer_due": reader.when(first.due_at) if first else "",
        "answer_because": because(first.due_because) if first else "",
        "silence_until": reader.when(first.lapse_at) if first else "",
        "stage_due": reader.when(stage.due_at) if stage else "",
    }


def _referral(referral: Referral, reader: Reader) -> Words:
    return {
        "number": referral.number,
        "hold_until": reader.when(referral.hold_until),
        "sent": reader.when(referral.sent_at),
        "stopped": reader.when(referral.stopped_at),
    }


def _digest(delivery: Delivery, facts: Facts, reader: Reader) -> Words:
    desk = facts.desks[delivery.person_id]
    others = _kept_tasks(delivery, facts, {task.id for task, _ in (*desk.own, *desk.heard)})
    groups = [*_groups(desk.own, facts, reader), *_group("Overdue with others", desk.heard, facts, reader)]
    groups += _group("Open with others", others, facts, reader)
    return _listed(groups, _news(delivery, facts), "nothing is left to do")


def _round_up(delivery: Delivery, facts: Facts, reader: Reader) -> Words:
    tasks = [facts.tasks[UUID(one)] for one in delivery.fields["tasks"] if UUID(one) in facts.tasks]
    groups = _groups(_open(tasks, facts), facts, reader)
    return _listed(groups, _news(delivery, facts), "all of it was done meanwhile")


def _kept_tasks(delivery: Delivery, facts: Facts, shown: Collection[UUID]) -> list[Owed]:
    """Tasks of letters that were held back for this digest, open still and nowhere else in it."""
    about = {one.task_id for one in facts.kept.get(delivery.id, ()) if LETTERS[one.letter].about_task}
    left = (facts.tasks[one] for one in about if one in facts.tasks and one not in shown)
    return _open((task for task in left if not is_snoozed(task, facts.at)), facts)


def _open(tasks: Iterable[Task], facts: Facts) -> list[Owed]:
    still = sorted((task for task in tasks if task.closed_at is None), key=lambda task: (task.due_at, str(task.id)))
    return [(task, facts.concerns[task.concern_id]) for task in still]


def _news(delivery: Delivery, facts: Facts) -> list[Words]:
    """What was held back and asks for nothing: each letter once, by its subject, with the references it was about."""
    about: dict[str, list[str]] = {}
    for one in facts.kept.get(delivery.id, ()):
        if not LETTERS[one.letter].about_task:
            references = about.setdefault(one.letter, [])
            if one.concern_id and (reference := facts.concerns[one.concern_id].reference) not in references:
                references.append(reference)
    return [
        {"letter": letter, "references": ", ".join(found[:MANY]), "more": max(0, len(found) - MANY)}
        for letter, found in about.items()
    ]


def _listed(groups: list[Words], news: list[Words], otherwise: str) -> Words:
    if not groups and not news:
        raise NotNeeded(otherwise)
    total = sum(len(group["rows"]) + group["more"] for group in groups)
    return {"groups": groups, "total": total, "news": news}


def _groups(owed: Iterable[Owed], facts: Facts, reader: Reader) -> list[Words]:
    rows = list(owed)
    today = reader.at.astimezone(reader.zone).date()
    sunday = today + timedelta(days=6 - today.weekday())
    days = [(task.due_at.astimezone(reader.zone).date(), task, concern) for task, concern in rows]
    late = [(task, concern) for _, task, concern in days if task.due_at <= reader.at]
    coming = [(day, (task, concern)) for day, task, concern in days if task.due_at > reader.at]
    return [
        *_group("Overdue", late, facts, reader),
        *_group("Due today", [row for day, row in coming if day == today], facts, reader),
        *_group("Due this week", [row for day, row in coming if today < day <= sunday], facts, reader),
        *_group("Later", [row for day, row in coming if day > sunday], facts, reader),
    ]


def _group(title: str, owed: list[Owed], facts: Facts, reader: Reader) -> list[Words]:
    rows = [
        {
            "reference": concern.reference,
            "short": ASKS[task.kind].under(facts.policy(concern)).short,
            "due": reader.when(task.due_at),
            "late": reader.late(task.due_at),
        }
        for task, concern in owed[:ROWS]
    ]
    others = ", ".join(concern.reference for _, concern in owed[ROWS : ROWS + MANY])
    return [{"title": title, "rows": rows, "more": max(0, len(owed) - ROWS), "others": others}] if rows else []


def _refused(delivery: Delivery, facts: Facts, _reader: Reader) -> Words:
    person = facts.people.get(UUID(delivery.fields["person"])) if delivery.fields["person"] else None
    return {"address": person.email if person else "", "trouble": delivery.fields["trouble"]}


def _closing(delivery: Delivery, _facts: Facts, _reader: Reader) -> Words:
    return {"closes": say_day(date.fromisoformat(delivery.fields["first"]))}


def _invited(delivery: Delivery, facts: Facts, reader: Reader) -> Words:
    invitation = facts.invitations[UUID(delivery.fields["invitation"])]
    if not is_open(invitation, facts.at):
        raise NotNeeded("the invitation was used, or a newer one has taken its place")
    return {"until": reader.when(invitation.until), "path": invitation_path(invitation.id)}


_MORE: Mapping[str, Callable[[Delivery, Facts, Reader], Words]] = MappingProxyType(
    {
        "morning-digest": _digest,
        "round-up": _round_up,
        "letter-refused": _refused,
        "invitation": _invited,
        "password-reset": _invited,
        **dict.fromkeys(("cover-asked", "cover-yours", "cover-given", "cover-moved", "first-day-back"), _closing),
    }
)


def _link(delivery: Delivery, concern: Concern | None, said: Words) -> str:
    page = LETTERS[delivery.letter].page
    base = settings().base_url
    if page == "join":
        return f"{base}{said['path']}"
    if page == "account":
        return f"{base}/account"
    if page == "task" and delivery.task_id:
        return f"{base}/tasks/{delivery.task_id}"
    if page == "referral" and concern:
        return f"{base}/referrals/{concern.reference}/{said['referral']['number']}"
    return f"{base}/concerns/{concern.reference}" if concern else f"{base}/desk"
