"""What stands before every page: headers, other sites' forms, sizes, and addresses that lead nowhere."""

from __future__ import annotations

from uuid import UUID

import pytest

from tests import people
from tests.site import Site

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def test_every_answer_carries_the_security_headers(site: Site) -> None:
    """A page that exists and one that does not."""
    dana = await site.signed_in(people.DSL)
    for path in ("/", "/nowhere"):
        answer = await dana.get(path)
        headers = answer.response.headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "'unsafe-inline'" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"


async def test_nobody_signed_in_is_asked_to_sign_in(site: Site) -> None:
    """And comes back to the same page."""
    answer = await site.browser().get("/")
    assert (answer.status, answer.leads_to) == (303, "/sign-in?next=%2F")


async def test_an_address_that_leads_nowhere_says_so(site: Site) -> None:
    """In words that help."""
    answer = await (await site.signed_in(people.DSL)).get("/nowhere")
    assert (answer.status, answer.page.heading) == (404, "You cannot see this page")


@pytest.mark.parametrize(
    ("who", "path", "status"),
    [
        (people.DSL, "/tracker?area=%00x", 404),
        (people.DSL, "/concerns/NC-2026-00001%00", 404),
        (people.DSL, f"/referrals/NC-2026-00001/{'9' * 30}", 404),
        (people.FRONT_DOOR, f"/referrals?start={'9' * 30}", 200),
        (people.ADMIN, f"/admin/audit?before=0001-01-01T00:00:00%2B14:00&last={UUID(int=0)}", 200),
    ],
)
async def test_no_address_breaks_a_page(site: Site, who: str, path: str, status: int) -> None:
    """Numbers, instants and texts that no database takes."""
    assert (await (await site.signed_in(who)).get(path)).status == status
