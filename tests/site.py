"""The pages in process: browsers of named people over ASGI, against the record of the test.

    dana = await site.signed_in(people.DSL, at="2026-03-02T10:00")
    page = await dana.get("/desk")
    assert page.status_code == 200 and page.heading == "Your tasks"
    done = await dana.post("/sign-out")

Instants are London's, as text. Signing in here makes the session's row and its cookie, as the sign-in page does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import httpx
import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import select

from config.settings import settings
from config.time import wall
from flows.again import all_ended
from models.database import reading, writing
from models.people import Person
from models.sessions import begin_session
from web.app import make_app
from web.telling import all_told
from web.viewing import cookie_name

BASE = "http://127.0.0.1:8340"
HERE = {"sec-fetch-site": "same-origin"}
VOID = frozenset({"input", "br", "img", "hr", "meta", "link", "area", "base", "col", "source", "wbr"})


class Page(HTMLParser):
    """A page's words: title, main heading, visible text, links, forms' fields."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.heading = self.title = self.text = ""
        self.links: list[str] = []
        self.fields: dict[str, list[str]] = {}
        self.ids: set[str] = set()
        self._inside: list[str] = []
        self._area = ""
        self.feed(html)
        self.text = " ".join(self.text.split())
        self.heading, self.title = " ".join(self.heading.split()), " ".join(self.title.split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep where we are, and what links and fields say."""
        given = {name: value or "" for name, value in attrs}
        if "id" in given:
            self.ids.add(given["id"])
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        if tag == "input" and "name" in given and given.get("type") not in ("checkbox", "radio"):
            self.fields.setdefault(given["name"], []).append(given.get("value", ""))
        if tag == "input" and given.get("type") in ("checkbox", "radio") and "checked" in given:
            self.fields.setdefault(given.get("name", ""), []).append(given.get("value", ""))
        if tag == "textarea":
            self._area = given.get("name", "")
            self.fields.setdefault(self._area, []).append("")
        if tag not in VOID:
            self._inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Leave it."""
        while self._inside and self._inside.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        """Words."""
        if not self._inside or self._inside[-1] in ("script", "style"):
            return
        if "title" in self._inside and "svg" not in self._inside:
            self.title += data
        elif self._inside[-1] == "textarea":
            self.fields[self._area][-1] += data
        else:
            self.text += f" {data}"
        if "h1" in self._inside:
            self.heading += data


@dataclass
class Answer:
    """What a page answered."""

    response: httpx.Response

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.response.status_code

    @property
    def page(self) -> Page:
        """Its words."""
        return Page(self.response.text)

    @property
    def text(self) -> str:
        """Its visible text, in one line."""
        return self.page.text

    @property
    def leads_to(self) -> str:
        """Where a redirect leads."""
        return str(self.response.headers.get("location", ""))


@dataclass
class Browser:
    """Somebody's browser; it follows no redirect by itself."""

    client: httpx.AsyncClient
    email: str = ""
    headers: dict[str, str] = field(default_factory=lambda: dict(HERE))

    async def get(self, path: str, **named: Any) -> Answer:
        """Open a page."""
        headers = {**self.headers, **named.pop("headers", {})}
        return Answer(await self.client.get(path, headers=headers, **named))

    async def post(self, path: str, fields: Mapping[str, Any] | None = None, **named: Any) -> Answer:
        """Send a form."""
        headers = {**self.headers, **named.pop("headers", {})}
        return Answer(await self.client.post(path, data=dict(fields or {}), headers=headers, **named))

    async def send(self, path: str, content: bytes, kind: str) -> Answer:
        """Send a body of another kind than a form's."""
        headers = {**self.headers, "content-type": kind}
        return Answer(await self.client.post(path, content=content, headers=headers))


@contextmanager
def counted(engine: AsyncEngine) -> Iterator[list[str]]:
    """The SQL statements executed meanwhile."""
    seen: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(engine.sync_engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine.sync_engine, "before_cursor_execute", note)


class Site:
    """The application over one engine."""

    def __init__(self, engine: AsyncEngine, patch: pytest.MonkeyPatch) -> None:
        self.engine = engine
        self._patch = patch
        self._app = make_app()
        self._open: list[httpx.AsyncClient] = []

    def at(self, instant: str) -> None:
        """From here on it is that instant of London's."""
        self._patch.setenv("PATHWAY_NOW", instant)
        settings.cache_clear()

    def browser(self, address: str = "127.0.0.1") -> Browser:
        """A browser in which nobody is signed in, at that network address."""
        transport = httpx.ASGITransport(self._app, raise_app_exceptions=False, client=(address, 50_000))
        client = httpx.AsyncClient(transport=transport, base_url=BASE)
        self._open.append(client)
        return Browser(client)

    async def signed_in(self, email: str, at: str | None = None) -> Browser:
        """The browser of that person, signed in."""
        if at is not None:
            self.at(at)
        async with reading(self.engine) as session:
            person = (await session.exec(select(Person).where(Person.email == email))).one()
        async with writing(self.engine) as session:
            token = await begin_session(session, person, "password", "a test's browser", wall())
        browser = self.browser()
        browser.client.cookies.set(cookie_name(), token, domain="127.0.0.1")
        browser.email = email
        return browser

    def statements(self) -> AbstractContextManager[list[str]]:
        """The SQL statements executed meanwhile."""
        return counted(self.engine)

    async def close(self) -> None:
        """Close every browser, once what went on behind the answers has ended: the next test has a loop of its own."""
        await all_told()
        await all_ended()
        for client in self._open:
            await client.aclose()


def routes() -> Iterator[tuple[str, str]]:
    """Every page's method and address template; the API is another application, and not among them."""
    pages = make_app().app  # type: ignore[attr-defined]  # behind the guard
    yield from _routes(pages.routes)


def _routes(held: Any) -> Iterator[tuple[str, str]]:
    for route in held:
        if inner := getattr(route, "original_router", None):
            yield from _routes(inner.routes)
        elif methods := getattr(route, "methods", None):
            yield from ((method, route.path) for method in sorted(methods) if method in ("GET", "POST"))
