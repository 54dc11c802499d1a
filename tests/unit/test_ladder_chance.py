"""Chance lets tasks of every kind grow old: each rung's people hear once, never early, and none is passed over.

Ladders are made up too. What the sweep says of a task is compared with a paper calendar's count, day by day.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from uuid import UUID, uuid5

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from config.calendars import calendar_for
from config.policy import TASK_KINDS, Ladder, Policy, Reminder, Rung
from config.policy_book import PolicyBook
from models import sweep
from models.case import Case
from models.ladder import Clocks, What, moments
from models.lifecycle import Kind
from models.people import Role
from models.record import Task
from models.scene import Scene
from models.sweep import Hit
from notifications.hearing import hear_moment
from tests import people
from tests.chance import play
from tests.naive import LONDON, clock, day_of, days_back, days_on, same_time, works
from tests.unit.office import BOOK, DAY, SPACE, away, case, id_of, staff

ENGLAND = calendar_for()
LAPSING = frozenset(
    {"confirm_referral", "await_acknowledgement", "await_decision", "resolve_disagreement", "name_cover"}
)
# The working day before, and the days around: two bank holidays and a change of clocks, the other change, Christmas.
STARTS = ("2026-03-02T09:00", "2026-03-26T15:00", "2026-04-02T16:30", "2026-10-22T11:00", "2026-12-23T14:00")
ROLES = ("owner", "lead", "dsl", "deputy_dsl", "head", "early_help_coordinator", "partnership_contact")
# Who holds a role at Oakfield, and who is next where they are away.
UPWARDS = ("dsl", "deputy_dsl", "head", "early_help_coordinator", "partnership_contact")
HOLDS = {
    "dsl": people.DSL,
    "deputy_dsl": people.DEPUTY,
    "head": people.HEAD,
    "early_help_coordinator": people.COORDINATOR,
    "partnership_contact": people.PARTNERSHIP,
}

to = st.lists(st.sampled_from(ROLES), min_size=1, max_size=2, unique=True).map(tuple)
before = st.builds(Reminder, st.just("before"), to, st.integers(1, 12))
others = st.builds(Reminder, st.sampled_from(["opening", "unacknowledged", "half_way"]), to)
chases = st.builds(Reminder, st.just("chase"), to, st.integers(1, 3))
rungs = st.lists(st.integers(0, 12), max_size=4, unique=True).flatmap(
    lambda days: st.tuples(*(st.builds(Rung, st.just(day), to) for day in sorted(days)))
)
ladders = st.builds(
    Ladder,
    st.lists(st.one_of(before, others, chases), max_size=3).map(tuple),
    rungs,
    st.integers(0, 6),
    st.just("D"),
    st.just("chance"),
)
lengths = st.timedeltas(timedelta(minutes=30), timedelta(weeks=9)).map(
    lambda one: one - timedelta(microseconds=one.microseconds)
)
pauses = st.one_of(
    st.timedeltas(timedelta(minutes=1), timedelta(hours=20)), st.timedeltas(timedelta(days=1), timedelta(weeks=5))
)
Said = tuple[datetime, str, int]


@dataclass
class Watched:
    """One task with what has been said of it so far."""

    task: Task
    said: list[Said] = field(default_factory=list)
    told: dict[int, set[str]] = field(default_factory=dict)


def on_paper(ladder: Ladder, task: Task, until: datetime) -> list[Said]:
    """The moments of a task up to an instant, counted by hand from its instants alone."""
    found: list[Said] = []
    chased: list[Said] = []
    opened, due, lapse = task.opened_at, task.due_at, task.lapse_at
    for reminder in ladder.reminders:
        days = reminder.working_days or 1
        if reminder.when == "before" and (at := clock(days_back(day_of(due), days), 9)) > opened:
            found.append((at, "REMIND", 0))
        elif reminder.when == "half_way":
            at = opened + (due - opened) / 2
            found.append((at if works(day_of(at)) else clock(days_on(day_of(at), 1), 9), "HALF_WAY", 0))
        elif reminder.when == "unacknowledged" and task.acknowledge_by and task.acknowledged_at is None:
            found.append((task.acknowledge_by, "UNACKNOWLEDGED", 0))
        elif reminder.when == "chase" and lapse:
            chased += [(clock(days_on(day_of(due), one), 9), "CHASE", 0) for one in range(days, 90)]
    found = _put_off(found, task) + chased
    if lapse:
        # What lapses is not told for ever: its rungs end with the last one written.
        found += [one for one in _climbed(ladder, due, lapse) if one[2] <= len(ladder.rungs)]
        return sorted([*(one for one in found if one[0] < lapse), (lapse, "LAPSE", 0)])
    return sorted(one for one in [*found, *_climbed(ladder, due, until)] if one[0] <= until)


def _put_off(found: list[Said], task: Task) -> list[Said]:
    """What only reminds is said once when the snooze ends, if that is before the deadline; nothing else is put off."""
    until = task.snoozed_until
    if until is None or until >= task.due_at:
        return found
    slept = [one for one in found if one[0] <= until and one[1] in ("REMIND", "HALF_WAY")]
    half = any(what == "HALF_WAY" for _, what, _ in slept)
    return [*(one for one in found if one not in slept), (until, "HALF_WAY" if half else "REMIND", 0)]


def _climbed(ladder: Ladder, due: datetime, until: datetime) -> Iterator[Said]:
    """Rungs are counted from the deadline; past the last it is told again and again."""
    days = [rung.after for rung in ladder.rungs]
    number = 1
    while True:
        if number > len(ladder.rungs):
            days.append((days[-1] if days else 0) + max(1, ladder.repeat_after))
        at = same_time(due, days[number - 1])
        if at > until:
            return
        yield at, "RUNG", number
        number += 1


class Ladders(RuleBasedStateMachine):
    """Tasks of every kind about one child, under ladders that nobody would write."""

    @initialize(
        start=st.sampled_from(STARTS),
        own=st.dictionaries(st.sampled_from(TASK_KINDS), ladders, max_size=len(TASK_KINDS)),
        times=st.lists(st.tuples(lengths, st.integers(0, 4)), min_size=len(TASK_KINDS), max_size=len(TASK_KINDS)),
    )
    def begin(self, start: str, own: dict[str, Ladder], times: list[tuple[timedelta, int]]) -> None:
        """One task of each kind is opened."""
        self.at = datetime.fromisoformat(start).replace(tzinfo=LONDON).astimezone(UTC)
        shipped = BOOK.for_area(people.DERBY, DAY)
        self.policy: Policy = replace(shipped, areas={}, ladders={**shipped.ladders, **own})
        self.book = PolicyBook({self.policy.key: [self.policy]}, self.policy.key)
        self.staff = staff()
        self.keys: set[tuple[str, str, UUID, str]] = set()
        self.watched: list[Watched] = []
        for kind, (length, more) in zip(TASK_KINDS, times, strict=True):
            self._open(kind, length, more)

    def _open(self, kind: str, length: timedelta, more: int) -> None:
        due = self.at + length
        task = Task(
            id=uuid5(SPACE, f"{kind} {len(self.watched)}"),
            concern_id=id_of("concern"),
            area=people.DERBY,
            setting_id=id_of(people.OAKFIELD),
            kind=Kind(kind),
            owner_id=id_of(people.DSL),
            role=Role.DSL,
            opened_at=self.at,
            due_at=due,
            due_because="chance",
            lapse_at=due + timedelta(days=more) if kind in LAPSING else None,
            acknowledge_by=self.at + length / 2 if more % 2 else None,
            next_at=due,
            said_until=self.at,
            policy=self.policy.key,
            policy_from=self.policy.in_force_from,
        )
        self._case().look_again(task)
        self.watched.append(Watched(task))

    def _case(self) -> Case:
        return replace(case(self.at, self.staff), policy=self.policy, book=self.book)

    def _scene(self) -> Scene:
        one = self._case()
        return Scene(
            one.concern, one.child, one.setting, one.staff, one.policy, one.calendar, one.book, day_of(self.at)
        )

    def _ladder(self, task: Task) -> Ladder:
        return self.policy.ladders[task.kind]

    # What people and time do

    @rule(number=st.integers(0, 20))
    def acknowledge(self, number: int) -> None:
        """Somebody has seen it: nobody else need hear that they have not."""
        if self.watched:
            task = self.watched[number % len(self.watched)].task
            task.acknowledged_at = task.acknowledged_at or self.at
            self._case().look_again(task)

    @rule(number=st.integers(0, 20), who=st.sampled_from([people.DEPUTY, people.HEAD, people.LEAD, people.DSL]))
    def hand_over(self, number: int, who: str) -> None:
        """Somebody else owes it now; its clocks are the child's, and stay."""
        if self.watched:
            self.watched[number % len(self.watched)].task.owner_id = id_of(who)

    @rule(number=st.integers(0, 20), days=st.integers(1, 9))
    def bring_forward(self, number: int, days: int) -> None:
        """A deadline comes sooner, and never lies in the past."""
        if self.watched:
            task, due = self.watched[number % len(self.watched)].task, clock(days_on(day_of(self.at), days), 17)
            if due < task.due_at and task.lapse_at is None:
                task.due_at = due
                self._case().look_again(task)

    @rule(number=st.integers(0, 20), days=st.integers(1, 5))
    def snooze(self, number: int, days: int) -> None:
        """Whoever owes it asks to be reminded later, before the deadline; the deadline stays."""
        if self.watched:
            task, until = self.watched[number % len(self.watched)].task, clock(days_on(day_of(self.at), days), 9)
            if until < task.due_at:
                task.snoozed_until = until
                self._case().look_again(task)

    @rule(who=st.sampled_from(list(HOLDS.values())), days=st.integers(0, 20))
    def leave(self, who: str, days: int) -> None:
        """Somebody is away from today, and nobody in particular stands in."""
        today: date = day_of(self.at)
        away(self.staff, who, first=today, last=today + timedelta(days=days))

    @rule(pause=pauses)
    def let_time_pass(self, pause: timedelta) -> None:
        """Nothing runs for a while: minutes, or weeks."""
        self.at += pause

    @rule(pause=st.sampled_from([timedelta(days=3), timedelta(days=12), timedelta(weeks=5)]))
    def outage(self, pause: timedelta) -> None:
        """Everything is off for days or weeks, and then the sweep comes."""
        self.at += pause
        self.sweep()

    @precondition(lambda self: self.watched)
    @rule(moments=st.integers(1, 6))
    def let_the_clock_work(self, moments: int) -> None:
        """A sweep at each instant at which the record asks for one."""
        for _ in range(moments):
            if self.watched:
                self.at = max(self.at, min(one.task.next_at for one in self.watched))
                self.sweep()

    @rule()
    def sweep(self) -> None:
        """A sweep now, as the sweep of the record does it: what is due alone is looked at."""
        for one in [one for one in self.watched if one.task.next_at <= self.at]:
            self._look(one)

    # What must hold

    def _look(self, one: Watched) -> None:
        task = one.task
        until, ladder = task.said_until, self._ladder(task)
        paper = [moment for moment in on_paper(ladder, task, self.at) if until < moment[0] <= self.at]
        hit = sweep._look(task, self._scene(), self.at)
        if any(what == "LAPSE" for _, what, _ in paper):
            assert hit is not None
            assert (hit.moment.what, hit.moment.at) == (What.LAPSE, task.lapse_at)
            self.watched.remove(one)
            return
        latest = max(paper, key=lambda moment: (What[moment[1]], moment[0]), default=None)
        assert (hit and (hit.moment.at, hit.moment.what.name, hit.moment.rung)) == latest
        assert task.said_until == self.at >= until
        assert task.next_at > self.at
        assert not on_paper_between(ladder, task, self.at, task.next_at)
        if hit is not None:
            self._heard(one, hit, [number for _, what, number in paper if what == "RUNG"])

    def _heard(self, one: Watched, hit: Hit, reached: list[int]) -> None:
        letters = hear_moment(hit, self.at)
        keys = [(letter.letter, letter.subject, letter.person_id, letter.slot) for letter in letters]
        subject = [(letter.subject, letter.letter, letter.person_id) for letter in letters]
        assert len(set(subject)) == len(subject), "one person, one letter"
        if hit.moment.what != What.CHASE:  # the clocks of one referral chase once a day together
            assert not self.keys & set(keys), "told twice"
        self.keys |= set(keys)
        assert [moment.rung for moment in hit.rungs] == (reached if hit.moment.what == What.RUNG else [])
        assert one.task.rung == max([*one.told, *reached, 0])
        heard = {person.email for person in self.staff.people.values() if any(k[2] == person.id for k in keys)}
        assert heard, "somebody always hears"
        for number in reached:
            assert number not in one.told
            one.told[number] = heard
            assert self._meant(one.task, number) <= heard

    def _meant(self, task: Task, number: int) -> set[str]:
        ladder = self._ladder(task)
        roles = ladder.rungs[min(number, len(ladder.rungs)) - 1].to if ladder.rungs else ("owner",)
        return {self._acts(role, task) for role in roles}

    def _acts(self, role: str, task: Task) -> str:
        if role == "owner":
            owner = next(one.email for one in self.staff.people.values() if one.id == task.owner_id)
            if not self._away(owner):
                return owner
            role = "dsl"
        climb = UPWARDS[UPWARDS.index("dsl" if role == "lead" else role) :]
        return next((HOLDS[one] for one in climb if not self._away(HOLDS[one])), people.ADMIN)

    def _away(self, email: str) -> bool:
        today = day_of(self.at)
        return any(one.first <= today <= one.last for one in self.staff.absences.get(id_of(email), ()))

    @invariant()
    def there_is_a_next_moment(self) -> None:
        """What has been looked at will be looked at again, and nothing was said of the future."""
        for one in getattr(self, "watched", ()):
            assert one.task.said_until <= self.at
            assert one.task.next_at > one.task.said_until


def on_paper_between(ladder: Ladder, task: Task, first: datetime, last: datetime) -> list[Said]:
    """What lies between two instants, neither included: a next look that comes too late."""
    return [one for one in on_paper(ladder, task, last) if first < one[0] < last]


def test_ladders_hold_whatever_is_written_on_them() -> None:
    """Each rung once, on its day, to whoever is there; the next look never too late, the last word never said."""
    play(Ladders, 40)


def test_a_snooze_silences_no_silence() -> None:
    """Reminders are put off to Wednesday; that nobody has acknowledged is said on Monday all the same, and once."""
    opened, due = clock(DAY, 9), clock(days_on(DAY, 4), 17)
    asked, until = clock(DAY, 13), clock(days_on(DAY, 2), 8)
    found = moments(
        BOOK.for_area(people.DERBY, DAY).ladders["dsl_review"], Clocks(opened, due, None, asked, until), ENGLAND
    )
    assert [(one.at, one.what) for one in islice(found, 3)] == [
        (asked, What.UNACKNOWLEDGED),
        (until, What.REMIND),
        (due, What.RUNG),
    ]
