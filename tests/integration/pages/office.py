"""What tests of the office share: who administers, which of the tests' planted words no administrator may read."""

from __future__ import annotations

from uuid import UUID

from sqlmodel import select

from models.access import Deed
from models.people import Person
from tests import people
from tests.driver import Driver
from tests.site import Browser, Site

SETTINGS = {
    "Oakfield Primary School",
    "Ashdown Secondary School",
    "Sunbeams Nursery School",
    "Marlbank Health Visiting Team",
}


def children_in(text: str) -> list[str]:
    """What a page says of a child; a setting's own name is an administrator's business."""
    return [word for word in people.planted_in(text) if word not in SETTINGS]


async def ada(site: Site, at: str | None = None) -> Browser:
    """The administrator's browser."""
    return await site.signed_in(people.ADMIN, at)


async def person(driver: Driver, email: str) -> Person:
    """Somebody as they now stand in the record."""
    found: Person = (await driver.rows(select(Person).where(Person.email == email)))[0]
    return found


async def number_of(driver: Driver, email: str) -> UUID:
    """Somebody's id."""
    return (await person(driver, email)).id


async def deeds_of(driver: Driver, what: str) -> list[Deed]:
    """Every deed of that kind."""
    return await driver.rows(select(Deed).where(Deed.what == what))
