"""Every state of every page that somebody can meet: what the walk in test_every_page.py opens, one after another.

A page that is new is added here; a test of the repository finds those that are not.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.browser import Visitor

TEACHER = "ellen.dunmore@hollowmere.example"
DSL = "priya.ramanathan@hollowmere.example"
DEPUTY = "tom.ashworth-bell@hollowmere.example"
LEAD = "imran.sadiq@hollowmere.example"
HEAD = "gareth.llewellyn-hope@wrenfold.example"
AWAY = "nadia.farouk@wrenfold.example"
COVER = "owen.thackeray@wrenfold.example"
NURSERY = "hannah.oduya@puddlestones.example"
VISITOR = "folasade.adeyinka@fernmere-hv.example"
COORDINATOR = "marcus.delacroix-webb@derby.example"
FRONT_DOOR = "front-door@derby.example"
ELSEWHERE = "front-door@derbyshire.example"
PARTNERSHIP = "yvonne.castellane@derby.example"
ADMIN = "gwen.illingworth@partnership.example"
NOBODY = ""
Steps = Callable[[Visitor], Awaitable[None]]


@dataclass(frozen=True)
class State:
    """A page as `who` meets it at `path` (see facts.py), after `steps` where something is pressed or typed first.

    `route` is the page's address as the program declares it; `status` what is answered.
    """

    route: str
    who: str
    path: str
    status: int = 200
    steps: Steps | None = None
    what: str = ""

    def __str__(self) -> str:
        return f"{self.path} as {self.who.partition('@')[0] or 'nobody'}{', ' + self.what if self.what else ''}"


def pressing(button: str) -> Steps:
    """Press a button: of a form that is empty, it says what is wrong."""

    async def steps(visitor: Visitor) -> None:
        await visitor.press(button)

    return steps


def typing(label: str, text: str, button: str) -> Steps:
    """Type into one field and press a button."""

    async def steps(visitor: Visitor) -> None:
        await visitor.fill(label, text)
        await visitor.press(button)

    return steps


def _here(route: str, who: str, *paths: str) -> list[State]:
    return [State(route, who, path) for path in paths or (route,)]


# Pages that nothing has to be done for.
PLAIN = [
    *_here("/sign-in", NOBODY),
    *_here("/sign-in/forgotten", NOBODY),
    *_here("/sample", NOBODY),
    *_here("/mailbox", NOBODY),
    *_here("/mailbox/{number}", NOBODY, "/mailbox/1", "/mailbox/200"),
    *[one for who in (TEACHER, DSL, DEPUTY, LEAD, HEAD, AWAY, COVER, NURSERY, COORDINATOR, PARTNERSHIP, ADMIN)
      for one in _here("/desk", who)],
    *_here("/desk/away", DSL),
    *_here("/desk/away", AWAY),
    *_here("/desk/away/hand-over", DSL),
    *_here("/mine", TEACHER),
    *_here("/mine", DEPUTY),
    *_here("/log", TEACHER),
    *_here("/log/{child_id}", TEACHER, "/log/{child:anika}", "/log/{child:zayd}"),
    *_here("/log/done/{reference}", TEACHER, "/log/done/{reference:anika}"),
    *_here("/concerns", DSL),
    *_here("/concerns", COORDINATOR),
    *_here("/concerns/{reference}", DSL, *(f"/concerns/{{reference:{child}}}" for child in (
        "tobias", "lacey", "hodan", "mason", "ioana", "freya", "anika", "mariam", "sean", "parisa"))),
    *_here("/concerns/{reference}", DSL,
        "/concerns/{reference:tobias}?print=1", "/concerns/{reference:tobias}?order=oldest"),
    *_here("/concerns/{reference}", TEACHER, "/concerns/{reference:anika}"),
    *_here("/concerns/{reference}", HEAD, "/concerns/{reference:jayden}"),
    *_here("/concerns/{reference}", COORDINATOR, "/concerns/{reference:kayleigh}"),
    *_here("/concerns/{reference}/foresee", DSL, *(
        f"/concerns/{{reference:{child}}}/foresee" for child in ("freya", "ioana"))),
    *_here("/concerns/{reference}/foresee", COORDINATOR, "/concerns/{reference:kayleigh}/foresee"),
    *_here("/concerns/{reference}/looks", DSL, "/concerns/{reference:tobias}/looks"),
    *_here("/concerns/{reference}/reopen", DSL, "/concerns/{reference:ioana}/reopen"),
    *_here("/tasks/{task_id}", DSL, "/tasks/{task:freya/dsl_review}", "/tasks/{done:tobias/dsl_review}"),
    *_here("/tasks/{task_id}", LEAD, "/tasks/{task:oliwia/gain_consent}"),
    *_here("/tasks/{task_id}/reassign", DSL, "/tasks/{task:freya/dsl_review}/reassign"),
    *_here("/tasks/{task_id}/snooze", DSL, "/tasks/{task:freya/dsl_review}/snooze"),
    *_here("/tasks/{task_id}/snooze", LEAD, "/tasks/{task:oliwia/gain_consent}/snooze"),
    *_here("/observations/{observation_id}/withdraw", DSL, "/observations/{observation:lacey}/withdraw"),
    *_here("/tracker", COORDINATOR),
    *_here("/tracker/list", COORDINATOR, "/tracker/list"),
    *_here("/tracker/calendar", COORDINATOR),
    *_here("/tracker/capacity", COORDINATOR),
    *_here("/tracker/feed", COORDINATOR),
    *_here("/tracker/hand-over", COORDINATOR, "/tracker/hand-over", "/tracker/hand-over?task={task:kofi/assess}"),
    *_here("/tracker/told", COORDINATOR, "/tracker/told?sent={task:kofi/assess}&already={task:sean/hold_review}"),
    *_here("/referrals", FRONT_DOOR),
    *_here("/referrals", ELSEWHERE),
    *_here("/referrals/{reference}/{number}", FRONT_DOOR,
        "/referrals/{reference:lacey}/1", "/referrals/{reference:jayden}/1"),
    *_here("/tasks/{task_id}/{move}", FRONT_DOOR, *(
        f"/tasks/{{task:lacey/await_decision}}/{move}" for move in ("acknowledge", "decide", "ask"))),
    *_here("/account", DSL),
    *_here("/account/keys", DSL),
    *_here("/account/pack", DSL),
    State("/account/pack", DSL, "/account/pack", steps=pressing("Make my passphrase"), what="a passphrase"),
    *_here("/admin", ADMIN),
    *_here("/admin/runs/{run}", ADMIN, "/admin/runs/{run:reconcile}"),
    *_here("/admin/letters", ADMIN),
    *_here("/admin/letters/{letter}", ADMIN, "/admin/letters/{letter:overdue}"),
    *_here("/admin/statements", ADMIN),
    *_here("/admin/statements/{day}", ADMIN, "/admin/statements/{statement:20}"),
    *_here("/admin/people", ADMIN),
    *_here("/admin/people/new", ADMIN),
    *(State(f"/admin/people/{{called}}{part}", ADMIN, f"/admin/people/{{person:{DSL}}}{part}")
      for part in ("", "/details", "/roles", "/leave", "/left")),
    *_here("/admin/settings", ADMIN),
    *_here("/admin/settings/new", ADMIN),
    *_here("/admin/settings/{called}", ADMIN, "/admin/settings/{setting:hollowmere}"),
    *_here("/admin/roster", ADMIN),
    *_here("/admin/policy", ADMIN),
    *_here("/admin/audit", ADMIN),
    *_here("/admin/audit/looks", ADMIN),
]  # fmt: skip

# Pages of a first start, of joining and of an account of one's own, walked in test_first_start.py.
FIRST_START = frozenset(
    {
        "/welcome/{signature}",
        "/join/{invitation}/{signature}",
        "/account",
        "/account/password",
        "/account/codes",
        "/account/authenticator",
        "/account/keys",
        "/admin",
        "/admin/beginning",
        "/admin/beginning/policy",
        "/admin/check/{called}",
        "/admin/people",
        "/admin/settings",
        "/admin/letters",
        "/admin/statements",
        "/admin/audit",
        "/admin/roster",
        "/admin/roster/loaded/{called}",
        "/desk",
        "/mailbox",
    }
)

# What is refused, and forms that were filled in wrongly.
REFUSED = [
    State("", DSL, "/nowhere", 404),
    State("/concerns/{reference}", TEACHER, "/concerns/{reference:lacey}", 404),
    State("/tasks/{task_id}/{move}", TEACHER, "/tasks/{task:freya/dsl_review}/monitor", 404),
    State("/sign-in", NOBODY, "/sign-in", 422, pressing("Continue"), "empty"),
    State("/sign-in", NOBODY, "/sign-in", 422, typing("E-mail address", "not an address", "Continue"), "no password"),
    State("/log", TEACHER, "/log", 422, pressing("Find the child"), "no name"),
    State("/log", TEACHER, "/log", 200, typing("Child's name, or a part of it", "frey", "Find the child"), "found"),
    State("/log", TEACHER, "/log", 200, typing("Child's name, or a part of it", "qq", "Find the child"), "not found"),
    State("/log/{child_id}", TEACHER, "/log/{child:rohan}", 422, pressing("Hand it in"), "empty"),
    State("/admin/people/new", ADMIN, "/admin/people/new", 422, pressing("Add"), "empty"),
]

ALL = [*PLAIN, *REFUSED]
# The forms of moves are found by what the tasks of the sample offer.
WALKED = FIRST_START | {state.route for state in ALL} | {"/tasks/{task_id}/{move}"}

# Addresses that answer with no page of ours.
NO_PAGE = {
    "/": "leads to the first page of whoever opens it",
    "/health": "a word, for whoever watches",
    "/tracker/reviews.csv": "a table for a spreadsheet",
    "/admin/audit.csv": "a table for a spreadsheet",
    "/admin/audit/looks.csv": "a table for a spreadsheet",
    "/calendar/{token}.ics": "a calendar for another program",
    "/sign-in/single": "leads to the provider of single sign-on",
    "/sign-in/single/back": "the way back from there; its refusals are the sign-in page",
    "/account/pack/file": "a file, encrypted for its reader",
    "/account/single": "leads to the provider of single sign-on",
    "/join/{invitation}/{signature}/single": "leads to the provider of single sign-on",
}
