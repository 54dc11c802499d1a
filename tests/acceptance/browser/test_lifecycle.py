"""The whole lifecycle through the pages, as five people with an administrator looking on, on both databases.

What time does by itself (the sweep, the letters, the lapse) is done by `pathway tick` between what people do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from playwright.async_api import Browser

from tests import people
from tests.acceptance.browser.joining import Crew, crew
from tests.acceptance.browser.serving import Served, served
from tests.acceptance.post import Post
from tests.acceptance.program import PREFECT_IS_DOWN, REFERENCE, Pathway
from tests.browser import DESK, PHONE, Visitor, chromium
from tests.postgres import new_database

pytestmark = pytest.mark.asyncio(loop_scope="session")
STAFF = (people.TEACHER, people.DSL, people.DEPUTY, people.LEAD, people.COORDINATOR, people.FRONT_DOOR)
CHILD = people.CHILDREN[people.AMIRA].name


@pytest.fixture(params=["sqlite", "postgresql"])
def pages(request: pytest.FixtureRequest, program: None, tmp_path: Path) -> Iterator[Served]:
    """The pages of a record that holds the tests' roster, in which nobody has an account."""
    chromium()
    told = {"PREFECT_API_URL": PREFECT_IS_DOWN}
    if request.param == "postgresql":
        told["PATHWAY_DATABASE_URL"] = new_database(request.getfixturevalue("postgres_server"), "browsing")
    roster = tmp_path / "roster.yaml"
    roster.write_text(yaml.safe_dump(people.roster(), allow_unicode=True), "utf-8")
    with Post() as post, served(Pathway(tmp_path / "home", post, told)) as found:
        found.pathway.ok("init", "--policy", "derby-and-derbyshire")
        found.pathway.ok("load", str(roster))
        yield found


class Days:
    """The clock of a story: pages are served at an instant; what is due then is done."""

    def __init__(self, pages: Served) -> None:
        self.pages = pages

    def at(self, now: str) -> None:
        """It is that instant; letters of what was done before go out."""
        self.now = now
        self.pages.at(now)

    def pass_by(self) -> None:
        """What is due at this instant is done."""
        self.pages.pathway.tick(self.now)


async def test_from_a_worry_to_a_closed_concern(browser: Browser, pages: Served) -> None:
    """Logged on a phone, helped, twice unchanged, referred by itself, asked back, decided, closed with a second."""
    days = Days(pages)
    async with crew(browser, pages) as everybody:
        await _come_in(everybody, days)
        await _log_and_help(everybody, days)
        await _review_without_change(everybody, days)
        await _refer(everybody, days)
        await _close(everybody, days)
        await _look_on(everybody)
    assert pages.pathway.check("2026-06-18T12:00").code == 0


async def _come_in(everybody: Crew, days: Days) -> None:
    """The administrator asks for a link at the door, and invites the others; each comes in; the DSL signs in again."""
    days.at("2026-03-02T09:00")
    admin = await everybody.arrive(people.ADMIN)
    await admin.open("/sign-in")
    await admin.follow("I have forgotten my password")
    await admin.fill("Your e-mail address at work", people.ADMIN)
    await admin.press("Send the link")
    days.pass_by()
    admin = await everybody.join(people.ADMIN)
    for email in STAFF:
        await admin.open("/admin/people")
        await admin.fill("Find by name or e-mail address", email)
        await admin.press("Find")
        await admin.go(admin.main().get_by_role("link").filter(has_text=_name(email)).first)
        await admin.press("Invite")
    days.pass_by()
    for email in STAFF:
        await everybody.join(email, PHONE if email == people.TEACHER else DESK)
    await everybody.sign_in_again(people.DSL)


def _name(email: str) -> str:
    rows = people.roster()["people"]
    return str(next(row["name"] for row in rows if row["email"] == email))


async def _log_and_help(everybody: Crew, days: Days) -> None:
    days.at("2026-03-02T10:00")
    teacher, dsl, lead = (everybody.of(email) for email in (people.TEACHER, people.DSL, people.LEAD))
    await teacher.open("/")
    await teacher.page.get_by_role("button", name="Menu").click()
    await teacher.follow("Log a concern")
    await teacher.fill("Child's name, or a part of it", "amir")
    await teacher.press("Find the child")
    await teacher.follow(CHILD)
    await teacher.choose("Today")
    await teacher.fill("At about what time?", "9:40")
    await teacher.fill("Where?", "classroom")
    await teacher.fill(
        "What did you see or hear?", "Came without a coat, wet through, and asked whether there was food."
    )
    await teacher.choose("The child said something")
    await teacher.fill("The child's own words", people.CHILD_WORDS)
    await teacher.choose("Physical: clothing, cleanliness, living conditions")
    await teacher.choose("No")
    await teacher.press("Hand it in")
    await teacher.is_at("What happens next")
    await teacher.sees(REFERENCE)
    days.pass_by()

    await dsl.open("/desk")
    await dsl.press("I have seen it")
    days.at("2026-03-03T10:00")
    await _begin(dsl, "Offer early help")
    await dsl.fill("Why early help?", "The third worry this term, and the family may welcome help at home.")
    await _name_person(dsl, "Who leads?", people.LEAD)
    await dsl.press("Offer early help")
    await dsl.sees("Early help assessment")
    days.pass_by()

    days.at("2026-03-05T15:00")
    await _begin(lead, "The family agrees")
    await lead.fill("Who agreed?", "Her mother")
    await lead.fill("What does it cover?", "School, health visitor, doctor")
    await lead.press("The family agrees")
    days.at("2026-03-20T14:00")
    await _begin(lead, "Complete the assessment")
    await lead.fill("What the whole family needs", "Meals, warm clothes, and support for her mother.")
    await lead.fill("The child's own words", "I like it when Mum gets up.")
    await lead.fill("The plan", "Breakfast club, a hardship grant, and the doctor.")
    await lead.choose(re.compile("level 2", re.IGNORECASE))
    await lead.press("Complete the assessment")
    await lead.sees("Early help")
    days.pass_by()


async def _review_without_change(everybody: Crew, days: Days) -> None:
    lead, dsl, coordinator = (everybody.of(email) for email in (people.LEAD, people.DSL, people.COORDINATOR))
    for now in ("2026-04-14T14:00", "2026-05-21T11:00"):
        days.at(now)
        await coordinator.open("/tracker")
        await coordinator.sees(REFERENCE)
        await _begin(lead, "Record the review")
        await lead.choose("No change")
        await lead.fill("What shows it?", "Late and hungry as before; the machine is not mended.")
        await lead.fill("The child's own words", "It's the same.")
        await lead.fill("How did the family take part?", "Her mother came, and was warm.")
        await lead.choose("Yes")
        await lead.press("Record the review")
        days.pass_by()
    await dsl.open("/desk")
    await _begin(dsl, "Add to the referral")
    await dsl.fill("What the front door should also know", "Her brother was kept at home twice this week.")
    await dsl.press("Add to the referral")


async def _refer(everybody: Crew, days: Days) -> None:
    """Nobody stops it, so that it goes when its hold ends; the letter's link leads the front door to it."""
    door, dsl = everybody.of(people.FRONT_DOOR), everybody.of(people.DSL)
    days.at("2026-05-22T17:00")
    days.pass_by()
    letter = next(one for one in reversed(everybody.post.to(people.FRONT_DOOR)) if one.name == "referral")
    assert f"{days.pages.base}/referrals/{REFERENCE}/1" in letter.text
    days.at("2026-05-26T09:30")
    await door.open(f"/referrals/{REFERENCE}/1")
    await door.is_at(CHILD)
    await door.sees("Her brother was kept at home twice this week.")
    await door.press("Acknowledge the referral")
    await door.fill("Who acknowledged it?", "Ravi, duty desk")
    await door.fill("The front door's number for it", "FD-20417")
    await door.press("Acknowledge the referral")
    await door.press("Ask the referrer")
    await door.fill("What do you need to know?", "Who collects her from school?")
    await door.press("Ask the referrer")
    days.pass_by()

    days.at("2026-05-26T11:00")
    await _begin(dsl, "Answer the front door")
    await dsl.fill("Your answer", "Her aunt, on all days but Friday.")
    await dsl.press("Answer the front door")
    await door.open(f"/referrals/{REFERENCE}/1")
    await door.sees("Her aunt, on all days but Friday.")
    await door.press("Record the decision")
    await door.choose("Child in need (section 17)")
    await door.fill("The reasons for the decision", "Unmet need over months in spite of a plan.")
    await door.press("Record the decision")
    days.pass_by()
    await dsl.open(f"/concerns/{REFERENCE}")
    await dsl.sees("With social care")


async def _close(everybody: Crew, days: Days) -> None:
    dsl, deputy, teacher = (everybody.of(email) for email in (people.DSL, people.DEPUTY, people.TEACHER))
    days.at("2026-06-17T09:00")
    await _begin(dsl, "Record a step of social care's work")
    await dsl.choose("Plan")
    await dsl.fill("Day", "16")
    await dsl.fill("Month", "6")
    await dsl.fill("Year", "2026")
    await dsl.fill("What was said or decided?", "A plan for six months, agreed with her mother and the school.")
    await dsl.press("Record a step of social care's work")
    await _begin(dsl, "Propose to close")
    await dsl.fill("What the concern was", "Hungry and cold at school from March to May.")
    await dsl.fill("What was done", "Early help, then a plan of social care's.")
    await dsl.fill("What was reached", "Fed, warm and in time for three weeks.")
    await dsl.select("Who is to agree as the second person?", _name(people.DEPUTY))
    await dsl.press("Propose to close")
    days.pass_by()

    days.at("2026-06-18T09:00")
    await _begin(deputy, "Agree")
    await deputy.press("Agree")
    await dsl.open(f"/concerns/{REFERENCE}")
    await dsl.sees("Closed")
    await teacher.open("/mine")
    await teacher.sees("Closed")
    days.pass_by()


async def _look_on(everybody: Crew) -> None:
    """The administrator sees that it went, and no child."""
    admin = everybody.of(people.ADMIN)
    for path in ("/admin", "/admin/letters", "/admin/audit"):
        await admin.open(path)
        assert not people.planted_in(await admin.main().inner_text())
    assert await admin.open(f"/concerns/{REFERENCE}") == 404


async def _begin(visitor: Visitor, move: str) -> None:
    """From their own desk to the form of a move, as the task offers it."""
    await visitor.open("/desk")
    tasks = visitor.page.locator(".pathway-task__buttons a")
    for place in range(await tasks.count()):
        await visitor.go(tasks.nth(place))
        offered = visitor.main().get_by_role("link", name=move, exact=True)
        if await offered.count():
            await visitor.go(offered.first)
            return
        await visitor.open("/desk")
    raise AssertionError(f"no task on the desk offers {move!r}: {await visitor.main().inner_text()}")


async def _name_person(visitor: Visitor, label: str, email: str) -> None:
    field = visitor.page.get_by_label(label, exact=True).first
    if await field.evaluate("one => one.tagName") == "SELECT":
        await visitor.select(label, _name(email))
    else:
        await visitor.fill(label, email)
