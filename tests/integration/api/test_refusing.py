"""What the API refuses: keys that open nothing, bodies that are no JSON, too much of anything. Nothing is echoed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import col, delete, select, update

from config.secret import digest
from config.time import wall
from models.access import ApiKey, Scope
from models.api_keys import end_key
from models.database import writing
from models.people import Person, RoleHeld
from tests import people
from tests.caller import PREFIX, Callers, Program
from tests.driver import Driver
from tests.integration.api.test_changing import SEEN
from tests.integration.stories import logged
from web.api import callers
from web.guard import LARGEST

JSON = {"Content-Type": "application/json"}
PROBLEM = {"type", "title", "status", "detail"}


async def _raw(program: Program, body: bytes, kind: str = "application/json") -> Any:
    headers = {"Authorization": f"Bearer {program.token}", "Content-Type": kind}
    return await program.client.post(f"{PREFIX}/observations", content=body, headers=headers)


async def test_without_a_key_nothing_opens(api: Callers) -> None:
    """No header, another scheme, a key that was never given out, a cookie: 401 with what would open."""
    for headers in ({}, {"Authorization": "Basic eDp5"}, {"Authorization": "Bearer npw_x"}, {"Cookie": "pathway=x"}):
        answer = await api.client.get(f"{PREFIX}/me", headers=headers)
        assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert set(answer.json()) == PROBLEM


async def test_a_key_ends(api: Callers, loaded: Driver) -> None:
    """By its owner's word, by time, and when its owner has left; by nobody else's word."""
    ended, expired = await api.program(people.DSL), await api.program(people.DSL, made=wall() - timedelta(days=90))
    living = await api.program(people.DSL)
    assert (await ended.get("/me")).status_code == 200
    key = (await loaded.rows(select(ApiKey).where(ApiKey.token == digest(ended.token))))[0]
    dana = (await loaded.rows(select(Person).where(Person.email == people.DSL)))[0]
    async with writing(api.engine) as session:
        await end_key(session, dana, key.id, wall())
    assert (await ended.get("/me")).status_code == (await expired.get("/me")).status_code == 401
    assert (await living.get("/me")).status_code == 200
    async with writing(api.engine) as session:
        gone = update(Person).where(col(Person.email) == people.DSL)
        await session.exec(gone.values(left_on=date(2026, 3, 2)))
    assert (await living.get("/me")).status_code == 401


async def test_a_role_that_ended_ends_its_reach(api: Callers, loaded: Driver) -> None:
    """A key reaches what its owner reaches today, and no more."""
    reference = await logged(loaded)
    devan = await api.program(people.DEPUTY)
    assert (await devan.get(f"/concerns/{reference}")).status_code == 200
    whose = select(Person.id).where(Person.email == people.DEPUTY).scalar_subquery()
    async with writing(api.engine) as session:
        await session.exec(delete(RoleHeld).where(col(RoleHeld.person_id) == whose))
    assert (await devan.get(f"/concerns/{reference}")).status_code == 404


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"", 422),
        (b"[]", 422),
        (b'"text"', 422),
        (b'{"child": NaN}', 400),
        (b'{"child": "amira", "child": "daniel"}', 400),
        (b'{"child": "\\ud800"}', 400),
        (b"\xff\xfe{}", 400),
        (b"[" * 100_000, 400),
        (b'{"child": ' + b"9" * 5000 + b"}", 400),
        (b"\0" * 100, 400),
        (b'{"child": "a\\u0000b"}', 422),
    ],
)
async def test_a_body_that_is_no_form_is_refused(api: Callers, body: bytes, status: int) -> None:
    """With the right status, as a problem, and without a word of it."""
    answer = await _raw(await api.program(people.TEACHER), body)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert set(answer.json()) >= PROBLEM


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-16"]
)
async def test_a_body_of_another_kind_is_refused(api: Callers, kind: str) -> None:
    """415: a form of another site cannot be taken for a request either."""
    assert (await _raw(await api.program(people.TEACHER), b"{}", kind)).status_code == 415


async def test_a_body_that_is_too_large_is_refused(api: Callers) -> None:
    """By its announced length, and when none is announced; a roster may be larger."""
    tessa = await api.program(people.TEACHER)
    assert (await _raw(tessa, b" " * (LARGEST + 1))).status_code == 413

    async def in_pieces() -> AsyncIterator[bytes]:
        for _ in range(3):
            yield b" " * (LARGEST // 2)

    assert (await _raw(tessa, in_pieces())).status_code == 413  # type: ignore[arg-type]  # httpx takes either
    ada = await api.program(people.ADMIN, [Scope.MANAGE])
    answer = await ada.post("/roster", {"households": [{"key": "k" * 70} for _ in range(30_000)]})
    assert answer.status_code == 422


async def test_every_field_that_is_wrong_is_named(api: Callers) -> None:
    """Unknown ones too, by name; no value comes back."""
    secret = "Qzxwvut"
    fields = {"child": people.AMIRA, "seen_at": secret, "place": 7, "types": [secret], "surname": secret, "what": ""}
    answer = await (await api.program(people.TEACHER)).post("/observations", fields)
    wrong = {one["field"] for one in answer.json()["errors"]}
    assert (answer.status_code, answer.json()["title"]) == (422, "Not valid")
    assert wrong == {"seen_at", "place", "types.0", "surname", "what"}
    assert secret not in answer.text


async def test_no_value_is_echoed_by_casework_either(api: Callers, loaded: Driver) -> None:
    """A name in a field for addresses, a day that is none."""
    await logged(loaded)
    dana = await api.program(people.DSL)
    task = (await dana.get("/tasks")).json()["items"][0]["id"]
    for fields in ({"reason": "r", "lead": "amira.quillonby@x.example"}, {"reason": "r", "lead": "Amira Quillonby"}):
        answer = await dana.post(f"/tasks/{task}/moves/early_help", fields)
        assert (answer.status_code, answer.json()["field"]) == (422, "lead")
        assert people.planted_in(answer.text) == []
    answer = await dana.post("/people/me/leave", {"from": "Amira", "to": "2026-03-03"})
    assert people.planted_in(answer.text) == []


async def test_what_any_alphabet_says_is_kept_as_it_was_said(api: Callers) -> None:
    """Scripts, combining marks and signs outside the first plane."""
    tessa = await api.program(people.TEACHER)
    said = "“Мне холодно” — \u05e9\u05dc\u05d5\u05dd\u200f e\u0301 🧸"
    made = await tessa.post("/observations", {"child": people.AMIRA, **SEEN, "what": said})
    seen = (await tessa.get(f"/observations/{made.json()['observation']}")).json()
    assert seen["what"] == said


@pytest.mark.parametrize("key", ["", " ", "two words", "ü", "k" * 201])
async def test_an_idempotency_key_must_be_one(api: Callers, key: str) -> None:
    """Visible signs, at most two hundred."""
    tessa = await api.program(people.TEACHER)
    headers = {b"Authorization": f"Bearer {tessa.token}".encode(), b"Idempotency-Key": key.encode()}
    answer = await tessa.client.post(f"{PREFIX}/observations", json={}, headers=headers)
    assert (answer.status_code, answer.json()["field"]) == (422, "Idempotency-Key")


async def test_an_address_that_leads_nowhere_says_so(api: Callers) -> None:
    """Crafted ids too, as 404; a wrong method as 405 with those that are right."""
    dana = await api.program(people.DSL)
    for path in ("/nowhere", "/tasks/x", "/tasks/%00", "/concerns/NC-1", "/concerns/%27", "/referrals/NC-2026-00001/0"):
        answer = await dana.get(path)
        assert (answer.status_code, answer.json()["title"]) == (404, "Nothing here"), path
    answer = await dana.post("/me")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")


@pytest.mark.parametrize("query", ["setting=%00", "status=NOTHING", "open=perhaps", "setting=" + "x" * 81])
async def test_a_query_that_cannot_be_is_refused(api: Callers, query: str) -> None:
    """Also what no database could hold."""
    answer = await (await api.program(people.DSL)).get(f"/concerns?{query}")
    assert (answer.status_code, answer.json()["field"]) == (422, query.partition("=")[0])


async def test_who_hurries_is_asked_to_wait(api: Callers, monkeypatch: pytest.MonkeyPatch) -> None:
    """429, with how long; another key goes on."""
    monkeypatch.setattr(callers, "PER_MINUTE", 2)
    callers.limiter.cache_clear()
    dana, devan = await api.program(people.DSL), await api.program(people.DEPUTY)
    answers = [await dana.get("/me") for _ in range(3)]
    assert [one.status_code for one in answers] == [200, 200, 429]
    assert 1 <= int(answers[2].headers["retry-after"]) <= 60
    assert (await devan.get("/me")).status_code == 200
    callers.limiter.cache_clear()


async def test_what_breaks_says_nothing(api: Callers) -> None:
    """Where the record has no such table: a problem without a word of why; the log has the error's class and place."""
    dana = await api.program(people.DSL)
    async with api.engine.begin() as connection:
        await connection.execute(text("ALTER TABLE concern RENAME TO elsewhere"))
    answer = await dana.get("/concerns")
    async with api.engine.begin() as connection:
        await connection.execute(text("ALTER TABLE elsewhere RENAME TO concern"))
    assert (answer.status_code >= 500, set(answer.json())) == (True, PROBLEM)
    assert "elsewhere" not in answer.text
    assert "SELECT" not in answer.text
