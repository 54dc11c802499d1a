"""Faults in who is at work, and in the morning digest."""

from __future__ import annotations

from tests.mutations.fault import Fault, fault

STAFF, DIGESTING = "models/staff.py", "flows/digesting.py"
PURE, STAFFING = "tests/unit/test_staff.py", "tests/integration/test_staffing.py"
MORNINGS, CHANCE = "tests/integration/test_mornings.py", "tests/integration/test_digest_chance.py"

PEOPLE_FAULTS: tuple[Fault, ...] = (
    fault(
        "Somebody who has left keeps their tasks",
        "models/staffing.py",
        "    gone = (col(Person.left_on) <= day) | col(Person.refused_at).is_not(None)\n",
        "    gone = col(Person.refused_at).is_not(None)\n",
        STAFFING,
    ),
    fault(
        "Somebody whose address refuses letters keeps their tasks",
        "models/staffing.py",
        "    gone = (col(Person.left_on) <= day) | col(Person.refused_at).is_not(None)\n",
        "    gone = col(Person.left_on) <= day\n",
        STAFFING,
        "tests/integration/test_failing_letters.py",
    ),
    fault(
        "Cover is ignored: the task of somebody on leave goes past the colleague who stands in",
        STAFF,
        "                return self.people[absence.cover_id]\n",
        "                return None\n",
        PURE,
    ),
    fault(
        "Leave is ignored: whoever is away goes on owing and hearing",
        STAFF,
        "        return not (self.has_left(person, day) or self.is_away(person, day) or person.refused_at)\n",
        "        return not (self.has_left(person, day) or person.refused_at)\n",
        PURE,
    ),
    fault(
        "The last day of leave counts as a day at work",
        STAFF,
        "        return any(one.first <= day <= one.last for one in self.absences.get(person.id, ()))\n",
        "        return any(one.first <= day < one.last for one in self.absences.get(person.id, ()))\n",
        PURE,
        STAFFING,
    ),
    fault(
        "Where nobody holds a role nobody is told: there is no next role up",
        STAFF,
        "        steps = CLIMB[CLIMB.index(role) :] if role in CLIMB else (role, *CLIMB)\n",
        "        steps = (role,)\n",
        PURE,
    ),
    fault(
        "After an outage the digests of two missed days are sent",
        DIGESTING,
        "(newest_morning(at, zone) for zone in sorted(zones))",
        "(newest_morning(at - timedelta(days=one), zone) for zone in sorted(zones) for one in (1, 0))",
        MORNINGS,
        CHANCE,
    ),
    fault(
        "Somebody who has left has a digest",
        DIGESTING,
        "if one.id in who and (one.left_on is None or one.left_on > morning.day)}",
        "if one.id in who}",
        MORNINGS,
        CHANCE,
    ),
    fault(
        "There is one digest and never another: the firing's slot has no day",
        DIGESTING,
        '        return f"{self.day.isoformat()} {self.zone}"\n',
        "        return self.zone\n",
        MORNINGS,
        CHANCE,
    ),
    fault(
        "The digest goes at eight o'clock UTC, whatever the reader's zone",
        DIGESTING,
        "        return datetime.combine(self.day, HOUR, ZoneInfo(self.zone)).astimezone(UTC)\n",
        "        return datetime.combine(self.day, HOUR, UTC)\n",
        MORNINGS,
        CHANCE,
    ),
    fault(
        "What was held back in a storm is not in the digest",
        DIGESTING,
        "        await name_in(session, _held_back(morning), FLOW, day)\n",
        "",
        MORNINGS,
        CHANCE,
    ),
)
