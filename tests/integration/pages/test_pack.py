"""The outage pack on one's account page: the passphrase is shown once, the file is one's own."""

from __future__ import annotations

import io
import re

import pytest
from pypdf import PasswordType, PdfReader
from sqlmodel import select

from models.access import Deed, Door, Look, PackKey
from notifications.packing import BY_PAGE
from tests import people
from tests.driver import Driver
from tests.integration import journeys
from tests.site import Browser, Site

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
AT = "2026-03-02T12:00"
SECRET = re.compile(r"\b[a-z2-9]{5}(?:-[a-z2-9]{5}){3}\b")


async def _made(browser: Browser) -> str:
    shown = await browser.post("/account/pack")
    assert shown.status == 200
    assert "shown this once" in shown.text
    assert "no-store" in shown.response.headers["cache-control"]
    (passphrase,) = SECRET.findall(shown.text)
    return str(passphrase)


async def test_a_passphrase_is_shown_once_and_opens_ones_own_pack(site: Site, loaded: Driver) -> None:
    """Fetched at any time, noted in the access log; a new passphrase takes the place of the old, and none ends it."""
    await journeys.logged(loaded)
    dana = await site.signed_in(people.DSL, at=AT)
    assert (await dana.get("/account/pack/file")).leads_to == "/account/pack?done=pack-empty"
    first = await _made(dana)
    assert not SECRET.search((await dana.get("/account/pack")).text)
    file = (await dana.get("/account/pack/file")).response
    assert file.headers["content-type"] == "application/pdf"
    assert file.headers["content-disposition"] == 'attachment; filename="outage-pack.pdf"'
    assert "no-store" in file.headers["cache-control"]
    assert PdfReader(io.BytesIO(file.content)).decrypt(first) == PasswordType.USER_PASSWORD
    assert [one.page for one in await loaded.rows(select(Look)) if one.page == BY_PAGE] == [BY_PAGE]
    second = await _made(dana)
    newer = (await dana.get("/account/pack/file")).response.content
    assert PdfReader(io.BytesIO(newer)).decrypt(first) == PasswordType.NOT_DECRYPTED
    assert PdfReader(io.BytesIO(newer)).decrypt(second) == PasswordType.USER_PASSWORD
    await dana.post("/account/pack/end")
    assert await loaded.rows(select(PackKey)) == []
    deeds = [one.what for one in await loaded.rows(select(Deed).order_by(Deed.at)) if "pack" in one.what]  # type: ignore[arg-type]  # SQLModel
    assert sorted(deeds) == [Door.PACK_KEY_ENDED, Door.PACK_KEY_MADE, Door.PACK_KEY_MADE]


async def test_whoever_only_runs_the_system_is_offered_none(site: Site, loaded: Driver) -> None:
    """They read no child's name, here as elsewhere."""
    ada = await site.signed_in(people.ADMIN, at=AT)
    assert "outage pack" not in (await ada.get("/account")).text
    for answer in (
        await ada.get("/account/pack"),
        await ada.get("/account/pack/file"),
        await ada.post("/account/pack"),
    ):
        assert answer.status == 404
    assert await loaded.rows(select(PackKey)) == []


async def test_the_account_page_leads_there(site: Site, loaded: Driver) -> None:
    """Whoever may have one finds it."""
    dana = await site.signed_in(people.DSL, at=AT)
    assert "Your outage pack" in (await dana.get("/account")).text
    assert "Make my passphrase" in (await dana.get("/account/pack")).text
