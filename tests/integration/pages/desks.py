"""What tests of the desk, the log and the list of concerns share: leave, children, concerns, counted statements."""

from __future__ import annotations

from datetime import date

from sqlmodel import select

from models.people import Child, Household, Setting
from models.staffing import leave
from tests import people
from tests.driver import Driver, instant
from tests.site import Site

AT = "2026-03-02T09:05"


async def away(driver: Driver, email: str, first: str, last: str, cover: str | None = None) -> None:
    """Somebody is on leave, perhaps covered."""
    await driver.act(leave, email, date.fromisoformat(first), date.fromisoformat(last), cover, instant(AT))


async def child_called(driver: Driver, key: str) -> Child:
    """The child of that key."""
    (child,) = await driver.rows(select(Child).where(Child.key == key))
    found: Child = child
    return found


async def many_children(driver: Driver, count: int, start: int = 0, name: str = "Child") -> None:
    """So many more children of Oakfield's, numbered."""
    (school,) = await driver.rows(select(Setting).where(Setting.key == people.OAKFIELD))
    async with driver.writing() as session:
        for number in range(start, start + count):
            household = Household(key=f"more-{number}")
            session.add(household)
            await session.flush()
            session.add(
                Child(key=f"more-{number}", name=f"{name} {number}", household_id=household.id, setting_id=school.id)
            )


async def many_concerns(driver: Driver, count: int, start: int = 0) -> None:
    """So many more of them, each with a concern."""
    await many_children(driver, count, start)
    for number in range(start, start + count):
        await driver.log(f"more-{number}", people.TEACHER, AT, what=f"Number {number}.")


async def statements(site: Site, email: str, path: str) -> list[str]:
    """The statements that a page costs somebody who has just looked at it."""
    browser = await site.signed_in(email, at="2026-03-02T12:00")
    await browser.get(path)
    with site.statements() as seen:
        answer = await browser.get(path)
    assert answer.status == 200
    return [one for one in seen if not one.startswith(("BEGIN", "PRAGMA"))]
