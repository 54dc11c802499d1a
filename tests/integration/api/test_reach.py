"""Reach through the API: every operation of its description, as every role, about a child of each setting."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from models.access import Scope
from models.lifecycle import Move
from tests import people
from tests.caller import Callers, Program
from tests.driver import Driver
from tests.integration.reach import (
    ABOUT_A_CHILD,
    AT,
    REFERRED,
    Known,
    address,
    concerns_everywhere,
    may,
    may_be_named,
    names_of,
)

# Every move is the same operation with another form; some stand for all.
SOME = (Move.ACKNOWLEDGE, Move.NOTED, Move.REFER)
# One of each role; the pages' own test has everybody.
EACH_ROLE = (
    people.TEACHER,
    people.DSL,
    people.COORDINATOR,
    people.FRONT_DOOR,
    people.DERBYSHIRE_FRONT_DOOR,
    people.PARTNERSHIP,
    people.ADMIN,
)
LIKE_THE_OTHERS = {f"/tasks/{{task}}/moves/{move}" for move in Move if move not in SOME}
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
async def known(loaded: Driver) -> list[Known]:
    """A concern in each setting."""
    return await concerns_everywhere(loaded)


async def operations(api: Callers) -> list[tuple[str, str]]:
    """Each operation's method and address template, from the description."""
    described = (await api.client.get("/api/v1/openapi.json")).json()
    return [(method.upper(), path) for path, held in described["paths"].items() for method in held if method != "head"]


async def everybodys(api: Callers, who: str) -> Program:
    """A program with all that a key of that person may hold."""
    scopes = (*Scope,) if who == people.ADMIN else (Scope.READ, Scope.RECORD)
    return await api.program(who, scopes)


async def ask(program: Program, method: str, path: str) -> Any:
    """Ask, with a body that fits no form."""
    return await (program.get(path) if method == "GET" else program.post(path, {"reason": "x"}))


async def test_no_operation_shows_a_child_out_of_reach(api: Callers, known: list[Known]) -> None:
    """About a child: 404 or a refusal before it is looked for; and nothing of the child, whatever is asked."""
    api.at(AT)
    all_of_them = [(method, path) for method, path in await operations(api) if path not in LIKE_THE_OTHERS]
    about = [(method, path) for method, path in all_of_them if any(one in path for one in ABOUT_A_CHILD)]
    assert len(about) > 10
    wrong: list[str] = []
    for who in EACH_ROLE:
        program = await everybodys(api, who)
        for (method, path), one in product(about, known):
            if may(who, one.setting, path) or (method == "GET" and one.setting in REFERRED.get(who, ())):
                continue
            answer = await ask(program, method, address(path, one))
            if answer.status_code not in (403, 404, 422) or (method == "GET" and answer.status_code == 422):
                wrong.append(f"{who} {method} {path} of {one.setting}: {answer.status_code}")
            if any(name in answer.text for name in names_of(one.setting)):
                wrong.append(f"{who} {method} {path} shows the child of {one.setting}")
    assert not wrong, "\n".join(wrong)


async def test_no_list_names_a_child_out_of_reach(api: Callers, known: list[Known]) -> None:
    """Everything that can be read without naming a child, as everybody."""
    api.at(AT)
    plain = [path for method, path in await operations(api) if method == "GET" and "{" not in path]
    wrong: list[str] = []
    for who in EACH_ROLE:
        program = await everybodys(api, who)
        hidden = [one for one in known if not may_be_named(who, one.setting)]
        for path in plain:
            answer = await program.get(path)
            if answer.status_code >= 500:
                wrong.append(f"{who} {path}: {answer.status_code}")
            shown = [one.setting for one in hidden if any(name in answer.text for name in names_of(one.setting))]
            wrong += [f"{who} {path} shows the child of {setting}" for setting in shown]
    assert not wrong, "\n".join(wrong)
