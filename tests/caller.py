"""The API in process: programs of named people, each with a key made as the page makes it.

    dana = await api.program(people.DSL)
    answer = await dana.get("/tasks")
    assert answer.status_code == 200

Paths are below /api/v1. Instants are London's, as text.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import select

from config.settings import settings
from config.time import now, wall
from models.access import Scope
from models.api_keys import KeyForm, make_key
from models.database import writing
from models.people import Person
from models.reach import viewer_for
from tests.site import BASE
from web.app import make_app
from web.telling import all_told

ALL = (Scope.READ, Scope.RECORD)
PREFIX = "/api/v1"


class Program:
    """One program with one key."""

    def __init__(self, client: httpx.AsyncClient, token: str) -> None:
        self.client, self.token = client, token

    async def get(self, path: str, **named: Any) -> httpx.Response:
        """Ask."""
        return await self._send("GET", path, **named)

    async def post(self, path: str, fields: Any = None, *, once: str | None = None, **named: Any) -> httpx.Response:
        """Change something; `once` is its idempotency key."""
        headers = {**named.pop("headers", {}), **({"Idempotency-Key": once} if once else {})}
        body = {} if fields is None else {"json": fields}
        return await self._send("POST", path, headers=headers, **body, **named)

    async def _send(self, method: str, path: str, **named: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}", **named.pop("headers", {})}
        return await self.client.request(method, PREFIX + path, headers=headers, **named)


class Callers:
    """The application over one engine, and whoever calls it."""

    def __init__(self, engine: AsyncEngine, patch: pytest.MonkeyPatch) -> None:
        self.engine = engine
        self.app = make_app()
        self._patch = patch
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        self.client = httpx.AsyncClient(transport=transport, base_url=BASE)

    def at(self, instant: str) -> None:
        """From here on it is that instant of London's."""
        self._patch.setenv("PATHWAY_NOW", instant)
        settings.cache_clear()

    async def program(
        self, email: str, scopes: Sequence[Scope] = ALL, only: Sequence[str] = (), made: datetime | None = None
    ) -> Program:
        """A program that holds a key of that person's."""
        form = KeyForm(name="a test's program", scopes=list(scopes), settings=list(only))
        async with writing(self.engine) as session:
            person = (await session.exec(select(Person).where(Person.email == email))).one()
            token = await make_key(session, await viewer_for(session, person, now()), form, made or wall())
        return Program(self.client, token)

    def stranger(self, token: str) -> Program:
        """A program whose key was never given out."""
        return Program(self.client, token)

    async def close(self) -> None:
        """End all connections, once what was urgent has been told."""
        await all_told()
        await self.client.aclose()
