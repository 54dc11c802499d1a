"""Sixteen weeks of Amira's concern by commands: logged, helped, reviewed, referred by itself, chased, answered.

On the way the DSL is on leave and the lead practitioner leaves. Every text that people write holds a planted name, so
that a leak of any of them can be found. Good Friday is 3 April, bank holidays 6 April, 4 and 25 May.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests import people
from tests.acceptance.post import Post
from tests.acceptance.program import START, Pathway, Result

CHILD = people.CHILDREN[people.AMIRA]
# Everything that is a child's, for the texts that people write.
PLANTED = (
    f"{CHILD.name}, born {CHILD.born:%Y-%m-%d}, that is {CHILD.born:%d/%m/%Y}, of Oakfield Primary School, and Yusuf,"
    f' who said: "{people.CHILD_WORDS}"'
)
LAST = "2026-06-17T10:00"
REVIEW: dict[str, Any] = {
    "outcome": "unchanged",
    "evidence": PLANTED,
    "engagement": PLANTED,
    "child_words": people.CHILD_WORDS,
    "parents_informed": PLANTED,
}
ASSESSMENT: dict[str, Any] = {
    "level": 2,
    "needs": PLANTED,
    "plan": PLANTED,
    "child_words": people.CHILD_WORDS,
    "scores": {"nutrition": 4},
    "actions": [{"what": PLANTED, "owner": people.ASSISTANT, "due": "2026-03-27"}],
}


@dataclass
class Life:
    """What the sixteen weeks left: what was owed after each tick, how each went, and how it all looks at the end."""

    pathway: Pathway
    post: Post
    owed: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    opened: dict[str, str] = field(default_factory=dict)
    moved: dict[str, dict[str, Any]] = field(default_factory=dict)
    ticks: dict[str, Result] = field(default_factory=dict)
    refused: list[Result] = field(default_factory=list)
    end: dict[str, Any] = field(default_factory=dict)
    reviews: list[dict[str, Any]] = field(default_factory=list)
    check: dict[str, Any] = field(default_factory=dict)

    def tick(self, now: str) -> None:
        """Do what is due, and look at what is owed then."""
        self.ticks[now] = self.pathway.tick(now)
        self.owed[now] = self.pathway.tasks(now)
        self.opened |= {one["kind"]: one["id"] for one in self.owed[now]}

    def do(self, now: str, kind: str, move: str, who: str, **fields: Any) -> None:
        """Make a move on the task of that kind that was opened last."""
        said = self.pathway.do_task(self.opened[kind], move, who, now, **fields)
        self.moved[now] = said.json
        self.opened |= {one["kind"]: one["id"] for one in said.json["opened"]}


def live(pathway: Pathway) -> Life:
    """Take Amira's concern through sixteen weeks."""
    life = Life(pathway, pathway.post)
    pathway.log(people.AMIRA, people.TEACHER, START, place=PLANTED, what=PLANTED, child_words=people.CHILD_WORDS)
    life.tick(START)
    life.do("2026-03-03T10:00", "dsl_review", "early_help", people.DSL, reason=PLANTED, lead=people.LEAD)
    life.do("2026-03-05T15:00", "gain_consent", "consent", people.LEAD, given_by=PLANTED, covers=PLANTED)
    _away(life)
    _leaver(life)
    _reviews(life)
    _referral(life)
    _end(life)
    return life


def _away(life: Life) -> None:
    """The DSL is on leave when the assessment, with a grade of 4, asks her for a decision."""
    words = ("--from", "2026-03-16", "--to", "2026-03-27", "--cover", people.DEPUTY)
    life.pathway.ok("leave", people.DSL, *words, now="2026-03-09T09:00")
    life.do("2026-03-20T14:00", "assess", "complete", people.LEAD, **ASSESSMENT)
    life.tick("2026-03-20T14:05")
    life.do("2026-03-20T15:30", "dsl_decision", "noted", people.DEPUTY, reason=PLANTED)


def _leaver(life: Life) -> None:
    """The lead practitioner leaves: refused until somebody is named to take over; an action is late meanwhile.

    Then the school closes for Easter, and cover is named.
    """
    now = "2026-04-01T10:00"
    life.refused.append(life.pathway.run("left", people.LEAD, now=now))
    life.pathway.ok("left", people.LEAD, "--to", people.ASSISTANT, "--reason", PLANTED, now=now)
    life.tick(now)
    life.do("2026-04-01T11:00", "action", "not_done", people.ASSISTANT, reason=PLANTED)
    cover = {"cover": people.COORDINATOR, "last_seen": PLANTED, "everywhere": True}
    life.do("2026-04-02T09:00", "name_cover", "name", people.DSL, **cover)


def _reviews(life: Life) -> None:
    """Two reviews without improvement: the rule raises the referral and holds it for a working day."""
    life.do("2026-04-14T14:00", "hold_review", "review", people.ASSISTANT, **REVIEW)
    life.tick("2026-04-20T08:00")
    life.do("2026-04-20T09:00", "first_day", "seen", people.DEPUTY, note=PLANTED)
    life.do("2026-05-21T11:00", "hold_review", "review", people.ASSISTANT, **REVIEW)
    life.tick("2026-05-21T11:05")


def _referral(life: Life) -> None:
    """Nobody acts: the hold ends and the referral goes; the front door is silent, is chased, and answers."""
    life.tick("2026-05-22T17:00")
    life.tick("2026-05-27T09:00")
    now = "2026-05-28T11:00"
    life.do("2026-05-27T12:00", "await_acknowledgement", "acknowledge", people.FRONT_DOOR, by="Duty desk", number="7")
    life.do(now, "await_decision", "decide", people.FRONT_DOOR, decision="s17", reason=PLANTED)
    life.do("2026-06-17T09:00", "statutory_review", "record", people.DSL, what="plan", on="2026-06-16", note=PLANTED)


def _end(life: Life) -> None:
    life.tick(LAST)
    life.end = life.pathway.show(LAST)
    life.reviews = list(life.pathway.ok("reviews", "--json", now=LAST).json)
    life.check = dict(life.pathway.check(LAST).json)
