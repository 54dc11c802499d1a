"""Everybody sees only the children of their own setting, area or duty: every route and role, a child of each setting.

Who may see whom is worked out here from the roster alone (design.md, "What must always hold", 7), not by the code that
decides it. A page of a child out of reach is 404, whatever is asked of it, and no page ever holds such a child's name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import product
from typing import Any
from uuid import uuid4

import pytest
from sqlmodel import select

from config.secret import sign
from models.people import Child
from models.record import Concern, Observation, Referral, Task
from tests import people
from tests.driver import Driver
from tests.site import Browser, Site, routes

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
AT = "2026-03-02T11:00"
AREA = {people.OAKFIELD: "derby", people.ASHDOWN: "derby", people.HV_TEAM: "derby", people.SUNBEAMS: "derbyshire"}
# A child of each setting, without a sibling anywhere, and who logs and refers them.
CHILDREN = {
    people.OAKFIELD: (people.IFEOMA, people.TEACHER, people.DSL),
    people.ASHDOWN: (people.JEROME, people.ASHDOWN_TUTOR, people.ASHDOWN_DSL),
    people.SUNBEAMS: (people.ELSIE, people.KEY_PERSON, people.SUNBEAMS_DSL),
    people.HV_TEAM: (people.NOORIYAH, people.HEALTH_VISITOR, people.HV_DSL),
}
# One of each role: whose settings they see whole, and what besides.
WHOLE: dict[str, set[str]] = {
    people.TEACHER: set(),
    people.ASSISTANT: set(),
    people.DSL: {people.OAKFIELD},
    people.DEPUTY: {people.OAKFIELD},
    people.HEAD: {people.OAKFIELD},
    people.ASHDOWN_DSL: {people.ASHDOWN},
    people.COORDINATOR: {people.OAKFIELD, people.ASHDOWN, people.HV_TEAM},
    people.DERBYSHIRE_COORDINATOR: {people.SUNBEAMS},
    people.FRONT_DOOR: set(),
    people.DERBYSHIRE_FRONT_DOOR: set(),
    people.PARTNERSHIP: set(),
    people.ADMIN: set(),
}
LOGGED = {people.TEACHER: {people.OAKFIELD}}
REFERRED = {
    people.FRONT_DOOR: {people.OAKFIELD, people.ASHDOWN, people.HV_TEAM},
    people.DERBYSHIRE_FRONT_DOOR: {people.SUNBEAMS},
}
# Of a setting where they work they may log about every child; the name of one is no secret there.
WORKS = {people.ASSISTANT: {people.OAKFIELD}, people.TEACHER: {people.OAKFIELD}}


@dataclass(frozen=True)
class Known:
    """What addresses of one child's pages hold."""

    setting: str
    values: dict[str, str]


def parameters() -> dict[str, str]:
    """A value for each name in an address that leads to no child."""
    return {
        "signature": sign("welcome", "first"),
        "token": "nothing",
        "invitation": str(uuid4()),
        "called": "nothing",
        "absence": str(uuid4()),
        "held": str(uuid4()),
        "letter": str(uuid4()),
        "run": str(uuid4()),
        "person": str(uuid4()),
        "setting": str(uuid4()),
        "provider": "nobody",
        "file": "nothing",
        "page": "1",
        "step": "1",
        "name": "nothing",
        "key": str(uuid4()),
        "path": "nothing",
    }


@pytest.fixture
async def known(loaded: Driver) -> list[Known]:
    """A concern in each setting, referred, with a second observation that waits for a decision."""
    found = []
    for setting, (child, logs, refers) in CHILDREN.items():
        logged = await loaded.log(child, logs, "2026-03-02T09:00")
        await loaded.do("refer", refers, "2026-03-02T09:30", concern=logged.reference, reason="x", parents_informed="y")
        await loaded.log(child, refers, "2026-03-02T10:00", what="And again.")
        found.append(Known(setting, await _values(loaded, logged.reference)))
    return found


async def _values(loaded: Driver, reference: str) -> dict[str, str]:
    (concern,) = await loaded.rows(select(Concern).where(Concern.reference == reference))
    tasks = await loaded.rows(select(Task).where(Task.concern_id == concern.id))
    (referral,) = await loaded.rows(select(Referral).where(Referral.concern_id == concern.id))
    observation = (await loaded.rows(select(Observation).where(Observation.concern_id == concern.id)))[0]
    (child,) = await loaded.rows(select(Child).where(Child.id == concern.child_id))
    return {
        "reference": concern.reference,
        "number": str(referral.number),
        "task_id": str(tasks[0].id),
        "observation_id": str(observation.id),
        "child_id": str(child.id),
        "child": str(child.id),
    }


ABOUT_A_CHILD = ("{reference}", "{task_id}", "{observation_id}", "{child_id}", "{child}")


def _address(template: str, known: Known, move: str = "acknowledge") -> str:
    """An address with everything filled in; a name that this test does not know is an error: say what it leads to."""
    values = {**parameters(), **known.values, "move": move}
    names = re.findall(r"\{(\w+)(?::\w+)?\}", template)
    unknown = [name for name in names if name not in values and not name.endswith("_id") and name != "id"]
    assert not unknown, f"{template}: what is {unknown}?"
    return re.sub(r"\{(\w+)(?::\w+)?\}", lambda found: values.get(found[1], str(uuid4())), template)


def may(who: str, setting: str, template: str) -> bool:
    """Whether a page about a child of `setting` may show them to `who`."""
    if setting in WHOLE[who]:
        return True
    if template.startswith("/referrals"):
        return setting in REFERRED.get(who, ())
    if template.startswith("/log"):
        return setting in WORKS.get(who, ())
    if template.startswith(("/concerns/{reference}", "/observations")):
        return setting in LOGGED.get(who, ())
    return setting in REFERRED.get(who, ())


def names_of(setting: str) -> list[str]:
    """The words that give away the child of a setting: both names, and what they said."""
    return people.CHILDREN[CHILDREN[setting][0]].name.split()


async def test_nobody_sees_a_child_out_of_reach(site: Site, known: list[Known]) -> None:
    """Pages about a child out of reach are 404 to GET and POST alike, and hold nothing of the child."""
    wrong: list[str] = []
    asked = 0
    about = [(method, path) for method, path in routes() if any(one in path for one in ABOUT_A_CHILD)]
    assert len(about) > 10
    for who in WHOLE:
        browser = await site.signed_in(who, AT)
        for (method, template), one in product(about, known):
            if may(who, one.setting, template):
                continue
            answer = await _ask(browser, method, _address(template, one))
            asked += 1
            sent_on = answer.status == 303 and one.setting in REFERRED.get(who, ()) and "/referrals/" in answer.leads_to
            if answer.status not in (404, 405) and not sent_on:
                wrong.append(f"{who} {method} {template} of {one.setting}: {answer.status}")
            if leaked := [name for name in names_of(one.setting) if name in answer.response.text]:
                wrong.append(f"{who} {method} {template} shows {leaked}")
    assert not wrong, "\n".join(wrong)
    assert asked > 500


async def test_no_page_of_ones_own_holds_a_child_out_of_reach(site: Site, known: list[Known]) -> None:
    """Desk, lists, tracker, office: every page without a child in its address, as every role."""
    wrong: list[str] = []
    plain = [path for method, path in routes() if method == "GET" and not any(one in path for one in ABOUT_A_CHILD)]
    for who in WHOLE:
        browser = await site.signed_in(who, AT)
        hidden = [one for one in known if not _may_be_named(who, one.setting)]
        for template in plain:
            answer = await _ask(browser, "GET", _address(template, known[0]))
            if answer.status >= 500:
                wrong.append(f"{who} GET {template}: {answer.status}")
            shown = [one.setting for one in hidden if any(name in answer.text for name in names_of(one.setting))]
            wrong += [f"{who} GET {template} shows the child of {setting}" for setting in shown]
    assert not wrong, "\n".join(wrong)


def _may_be_named(who: str, setting: str) -> bool:
    return setting in WHOLE[who] or any(setting in some.get(who, ()) for some in (LOGGED, REFERRED, WORKS))


async def test_whoever_may_see_a_child_does(site: Site, known: list[Known]) -> None:
    """The concern's own page, so that the test above cannot pass because nothing is shown to anybody."""
    for who, settings in WHOLE.items():
        browser = await site.signed_in(who, AT)
        for one in known:
            if one.setting in settings:
                answer = await browser.get(f"/concerns/{one.values['reference']}")
                assert answer.status == 200, (who, one.setting)
                assert names_of(one.setting)[0] in answer.text


async def test_every_page_asks_who_is_there(site: Site, known: list[Known]) -> None:
    """Without a session: to the sign-in page, or nothing at all; never a child."""
    wrong: list[str] = []
    nobody = site.browser()
    site.at(AT)
    for method, template in routes():
        answer = await _ask(nobody, method, _address(template, known[0]))
        if answer.status >= 500 or [name for one in known for name in names_of(one.setting) if name in answer.text]:
            wrong.append(f"{method} {template}: {answer.status}")
        if any(one in template for one in ABOUT_A_CHILD) and answer.status not in (303, 401, 404, 405):
            wrong.append(f"{method} {template}: {answer.status}")
    assert not wrong, "\n".join(wrong)


async def test_a_form_of_another_site_is_refused(site: Site, known: list[Known]) -> None:
    """Every POST, whatever it asks: the browser says where it came from, and nothing is changed."""
    dana = await site.signed_in(people.DSL, AT)
    for method, template in routes():
        if method != "POST":
            continue
        for headers in (
            {"sec-fetch-site": "cross-site"},
            {"sec-fetch-site": "", "origin": "https://elsewhere.example"},
        ):
            answer = await dana.post(_address(template, known[0]), {"reason": "x"}, headers=headers)
            assert answer.status == 403, (template, headers)


async def _ask(browser: Browser, method: str, address: str) -> Any:
    return await (browser.get(address) if method == "GET" else browser.post(address, {"reason": "x"}))
