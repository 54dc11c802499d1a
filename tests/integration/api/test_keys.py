"""The page of one's personal keys: a key is shown once, opens the API, and is ended where it was made."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlmodel import col, select

from config.time import wall
from flows.checking import purge
from models.access import Answered, ApiKey, Deed, Door
from models.answers_kept import claim
from models.people import Person
from tests import people
from tests.caller import PREFIX, Callers
from tests.driver import Driver
from tests.site import Site

MAKING = {"name": "attendance system", "scopes": "read", "days": "30"}
TOKEN = re.compile(r"npw_[\w-]{43}")


@pytest.fixture
async def site(api: Callers, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Site]:
    """The pages of the same record."""
    site = Site(api.engine, monkeypatch)
    yield site
    await site.close()


async def test_a_key_is_shown_once_and_opens(site: Site, api: Callers, loaded: Driver) -> None:
    """Neither the page of keys nor the record has it afterwards."""
    dana = await site.signed_in(people.DSL)
    made = await dana.post("/account/keys", MAKING)
    assert (made.status, made.page.heading) == (200, "Your new key")
    token = made.page.fields["key"][0]
    assert TOKEN.fullmatch(token)
    again = await dana.get("/account/keys")
    assert "attendance system" in again.text
    assert not TOKEN.search(again.response.text)
    assert token not in str(await loaded.dump())
    opened = await api.client.get(f"{PREFIX}/me", headers={"Authorization": f"Bearer {token}"})
    assert (opened.status_code, opened.json()["email"]) == (200, people.DSL)
    assert "Last used" in (await dana.get("/account/keys")).text


async def test_a_key_is_ended_by_its_owner_alone(site: Site, api: Callers, loaded: Driver) -> None:
    """Somebody else's page leads nowhere; both deeds are in the audit."""
    dana, devan = await site.signed_in(people.DSL), await site.signed_in(people.DEPUTY)
    token = (await dana.post("/account/keys", MAKING)).page.fields["key"][0]
    key = (await loaded.rows(select(ApiKey)))[0]
    assert (await devan.post(f"/account/keys/{key.id}/end")).status == 404
    assert (await dana.post(f"/account/keys/{key.id}/end")).leads_to == "/account/keys?done=key-ended"
    opened = await api.client.get(f"{PREFIX}/me", headers={"Authorization": f"Bearer {token}"})
    assert opened.status_code == 401
    assert "attendance system: ended" in (await dana.get("/account/keys")).text
    assert [one.what for one in await loaded.rows(select(Deed).order_by(col(Deed.at)))] == [
        Door.KEY_MADE,
        Door.KEY_ENDED,
    ]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": ""}, "name"),
        (MAKING | {"name": "two\nlines"}, "name"),
        (MAKING | {"scopes": ""}, "scopes"),
        (MAKING | {"scopes": "manage"}, "scopes"),
        (MAKING | {"days": "3650"}, "days"),
        (MAKING | {"days": "x"}, "days"),
        (MAKING | {"settings": people.SUNBEAMS}, "settings"),
    ],
)
async def test_a_key_that_cannot_be_is_refused(site: Site, loaded: Driver, fields: dict[str, str], field: str) -> None:
    """With what was typed still there, and no key made."""
    colin = await site.signed_in(people.COORDINATOR)
    answer = await colin.post("/account/keys", fields)
    assert (answer.status, answer.page.title.startswith("Error:")) == (422, True)
    assert any(link.startswith(f"#{field}") for link in answer.page.links), answer.page.links
    assert answer.page.fields["name"] == [fields.get("name", "")]
    assert await loaded.rows(select(ApiKey)) == []


async def test_a_key_may_be_narrowed_to_settings_of_ones_own(site: Site, api: Callers, loaded: Driver) -> None:
    """Offered are those where one works, or of one's area."""
    colin = await site.signed_in(people.COORDINATOR)
    page = await colin.get("/account/keys")
    assert "Ashdown Secondary School" in page.text
    assert "Sunbeams" not in page.text
    token = (await colin.post("/account/keys", MAKING | {"settings": people.ASHDOWN})).page.fields["key"][0]
    me = await api.client.get(f"{PREFIX}/me", headers={"Authorization": f"Bearer {token}"})
    assert me.json()["narrowed_to"] == [people.ASHDOWN]
    assert "only at Ashdown Secondary School" in (await colin.get("/account/keys")).text


async def test_only_an_administrator_is_offered_to_manage(site: Site) -> None:
    """A DSL's key may read and record."""
    assert "Manage" not in (await (await site.signed_in(people.DSL)).get("/account/keys")).text
    ada = await site.signed_in(people.ADMIN)
    assert "Manage" in (await ada.get("/account/keys")).text
    assert (await ada.post("/account/keys", MAKING | {"scopes": "manage"})).page.heading == "Your new key"


async def test_the_handbook_needs_no_key(api: Callers) -> None:
    """Every operation and every problem is in it; it and the description hold nothing of anybody's."""
    page = await api.client.get(f"{PREFIX}/docs")
    described = (await api.client.get(f"{PREFIX}/openapi.json")).json()
    assert page.status_code == 200
    for path in described["paths"]:
        assert f"{PREFIX}{path}" in page.text
    for word in ("stale", "key-reused", "too-many"):
        assert f'id="problem-{word}"' in page.text
    assert people.planted_in(page.text + str(described)) == []
    assert (await api.client.get(PREFIX + "/")).headers["location"] == f"{PREFIX}/docs"


async def test_old_answers_are_forgotten(api: Callers, loaded: Driver) -> None:
    """A day after, by the nightly purge; those of today stay."""
    owner = (await loaded.rows(select(Person.id)))[0]
    for key, age in (("old", 25), ("new", 1)):
        await loaded.act(claim, owner, key, "fingerprint", wall() - timedelta(hours=age))
    assert (await purge(api.engine, wall()))["answers"] == 1
    assert [one.key for one in await loaded.rows(select(Answered))] == ["new"]
