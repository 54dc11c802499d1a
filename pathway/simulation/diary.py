"""Who is at their desk when: hours, weekends, a setting's holidays with one person on call, leave, leaving."""

from datetime import date, datetime, time, timedelta

from config.calendars import Calendar, calendar_for
from config.time import london, to_london
from pathway.simulation.chance import Chance
from pathway.simulation.partnership import OF_A_SETTING, Actor, Partnership, Place

OPENS, CLOSES = time(8, 30), time(16, 30)
# People turn to their tasks every two hours, to what is urgent on the hour.
TURN, HOUR = timedelta(hours=2), timedelta(hours=1)
DAY = timedelta(days=1)
AHEAD = 120  # days to look for the next one at the desk
ON_CALL = ("dsl", "deputy_dsl", "head")


class Diary:
    """The diary of one area's people."""

    def __init__(self, partnership: Partnership) -> None:
        self._who: Partnership = partnership
        self._chance: Chance = partnership.chance
        self._calendar: Calendar = calendar_for()
        self._leave: dict[str, list[tuple[date, date]]] = {}
        self._left: dict[str, date] = {}

    def go(self, email: str, first: date, last: date) -> None:
        """Somebody is away, both days included."""
        self._leave.setdefault(email, []).append((first, last))

    def part(self, email: str, day: date) -> None:
        """Somebody has left from that day on."""
        self._left[email] = day

    def has_left(self, email: str, day: date) -> bool:
        """Whether they are in post no more."""
        return email in self._left and self._left[email] <= day

    def is_away(self, email: str, day: date) -> bool:
        """On leave or gone, as the record knows it too."""
        return self.has_left(email, day) or any(first <= day <= last for first, last in self._leave.get(email, ()))

    def is_working(self, day: date) -> bool:
        """Monday to Friday less England's bank holidays."""
        return self._calendar.is_working(day)

    def works_on(self, actor: Actor, day: date) -> bool:
        """Whether somebody has a day at their desk: not away, their setting open, or they are the one on call."""
        if not self._calendar.is_working(day) or self.is_away(actor.email, day):
            return False
        place = self._who.places.get(actor.place) if actor.role in OF_A_SETTING else None
        closure = _closed(place, day) if place else None
        return closure is None or self._is_on_call(actor, closure)

    def _is_on_call(self, actor: Actor, closure: date) -> bool:
        shares = {"dsl": 0.55, "deputy_dsl": 0.30, "head": 0.15}
        return actor.role in ON_CALL and self._chance.pick(shares, "on-call", actor.place, closure) == actor.role

    def on_call(self, place: str, first: date, last: date) -> Actor | None:
        """Who can be named for a closure: whoever is on call in it, or else one who is not away on any of its days."""
        days = [first + DAY * number for number in range((last - first).days + 1)]
        closure = next((found for day in days if (found := _closed(self._who.places[place], day))), first)
        able = [one for role in ON_CALL for one in self._who.holders(role, place)]
        able += self._who.holders("early_help_coordinator", place)
        there = [one for one in able if not any(self.is_away(one.email, day) for day in days)]
        return next((one for one in there if self._is_on_call(one, closure)), next(iter(there), None))

    def is_open(self, place: Place, day: date) -> bool:
        """Whether a setting is open."""
        return self._calendar.is_working(day) and _closed(place, day) is None

    def is_closed(self, place: str, at: datetime) -> bool:
        """Whether a setting is in one of its closures at an instant."""
        return _closed(self._who.places[place], to_london(at).date()) is not None

    def is_at_desk(self, actor: Actor, at: datetime) -> bool:
        """Whether somebody sits at their desk at that instant."""
        local = to_london(at)
        return OPENS <= local.time() <= CLOSES and self.works_on(actor, local.date())

    def after(self, actor: Actor, at: datetime, hours: float, *, urgent: bool = False) -> datetime | None:
        """The instant after so many hours at their desk from `at`; None when they are not back for months."""
        step = HOUR if urgent else TURN
        day, left = to_london(at).date(), timedelta(hours=hours)
        for _ in range(AHEAD):
            if self.works_on(actor, day):
                start, end = max(at, london(day, OPENS)), london(day, CLOSES)
                if start + left <= end:
                    return min(_rounded(start + left, step), end)
                left -= max(end - start, timedelta())
            elif self.has_left(actor.email, day):
                return None
            day += DAY
        return None

    def first_there(self, actors: list[Actor], at: datetime) -> tuple[Actor, datetime] | None:
        """Who of several is at their desk soonest, and when; the first named of those who are alike."""
        found = [(one, when) for one in actors if (when := self.after(one, at, 0)) is not None]
        return min(found, key=lambda row: row[1], default=None)


def _closed(place: Place, day: date) -> date | None:
    return next((first for first, last in place.closed if first <= day <= last), None)


def _rounded(at: datetime, step: timedelta) -> datetime:
    past = (at - at.replace(hour=0, minute=0, second=0, microsecond=0)) % step
    return at + step - past if past else at
