"""What stands before every page: headers, other sites' forms, sizes, and addresses that lead nowhere."""

from __future__ import annotations

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
