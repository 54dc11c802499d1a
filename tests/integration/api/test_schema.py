"""Everything the description allows, and much that it does not, tried as five people: it holds what it promises.

Schemathesis makes the requests from openapi.json and judges the answers: no server error, no status, media type or
shape that the description does not name, nothing accepted that it forbids. Requests are made first and sent then, in
an order that a seed fixes. Not asked for here: that a valid request is accepted always (a child may be unknown, a move
not offered now, a day have passed: 404, 409 or 422), and what other tests ask (keys, orders of requests).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import Case, GenerationMode
from schemathesis.config import (
    ChecksConfig,
    PositiveDataAcceptanceConfig,
    ProjectConfig,
    ProjectsConfig,
    SchemathesisConfig,
)
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import ensure_resource_availability, ignored_auth, use_after_free
from sqlmodel import col, select

from models.access import Scope
from models.people import Absence, Child, Person, RoleHeld
from models.record import Concern, Observation, Task
from models.telling import Delivery
from tests import people
from tests.caller import Callers, Program
from tests.driver import Driver
from tests.integration.stories import held
from web.api import callers

pytestmark = [
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
    # It suspects its strategies of chance when a thread of another test's draws some meanwhile.
    pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisDeprecationWarning"),
]
EVERYBODY = (people.DSL, people.COORDINATOR, people.TEACHER, people.ADMIN, people.FRONT_DOOR)
# Which operations somebody's program is for: these are tried in depth, all others in passing.
FOR: Mapping[str, tuple[str, ...]] = {
    people.DSL: ("/observations", "/concerns", "/tasks", "/reviews", "/children", "/me"),
    people.COORDINATOR: ("/tasks/{task}/reassign", "/reviews", "/children", "/concerns"),
    people.TEACHER: ("/observations", "/children", "/people/me"),
    people.ADMIN: ("/people", "/settings", "/roster", "/status", "/deliveries", "/firings"),
    people.FRONT_DOOR: ("/referrals", "/tasks/{task}/moves/acknowledge", "/tasks/{task}/moves/decide"),
}
DEEP, SHALLOW = 4, 1
LEFT_TO_OTHERS = [ignored_auth, use_after_free, ensure_resource_availability]
ACCEPTED = PositiveDataAcceptanceConfig(expected_statuses=["2xx", "304", "401", "403", "404", "409", "412", "422"])


@dataclass
class Known:
    """What a program could know, by the name of the field or path parameter that asks for it."""

    values: dict[str, list[Any]] = field(default_factory=dict)

    def put_into(self, case: Case[Any], chance: Random) -> None:
        """In place of made-up names those of the record, for most of a request that keeps to the description."""
        body: Any = case.body
        for place in (case.path_parameters, body):
            for name in place if isinstance(place, dict) else ():
                if self.values.get(name) and chance.random() < 0.85:
                    place[name] = chance.choice(self.values[name])


async def _known(loaded: Driver) -> Known:
    found: dict[str, Any] = {
        "task": select(Task.id),
        "observation": select(Observation.id),
        "reference": select(Concern.reference),
        "person": select(Person.id).where(col(Person.email) != people.ADMIN),
        "role": select(RoleHeld.id),
        "leave": select(Absence.id),
        "delivery": select(Delivery.id),
        "child": select(Child.key),
        "setting": select(Child.setting_id),
    }
    values = {name: [str(one) for one in await loaded.rows(asked)] for name, asked in found.items()}
    colleagues = [people.DSL, people.DEPUTY, people.HEAD, people.LEAD]
    values |= dict.fromkeys(("second", "to", "cover", "lead", "observer"), colleagues)
    plain: dict[str, list[Any]] = {"number": [1], "setting": [people.OAKFIELD], "seen_at": ["2026-04-20T08:30:00Z"]}
    return Known({**values, **plain})


async def _busy(loaded: Driver) -> None:
    """Concerns at several stages and settings, on Monday 20 April."""
    await held(loaded)
    for child, who in (
        (people.DANIEL, people.DSL),
        (people.IFEOMA, people.TEACHER),
        (people.YUSUF, people.ASHDOWN_DSL),
    ):
        await loaded.log(child, who, "2026-04-20T09:00")
    await loaded.log(people.JEROME, people.ASHDOWN_TUTOR, "2026-04-20T09:00", immediate_danger=True)
    daniel = (await loaded.rows(select(Concern.reference).join(Child).where(Child.key == people.DANIEL)))[0]
    informed = {"reason": "harm", "parents_informed": "yes"}
    await loaded.do("refer", people.DSL, "2026-04-20T10:00", concern=daniel, **informed)


def _made(operation: Any, mode: GenerationMode, count: int) -> list[Case[Any]]:
    cases: list[Case[Any]] = []

    @seed(20260302)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy(generation_mode=mode))
    def gather(case: Case[Any]) -> None:
        cases.append(case)

    gather()
    return cases


def _cases(email: str, schema: Any) -> Iterator[Case[Any]]:
    for result in schema.get_all_operations():
        operation = result.ok()
        if not operation.path.startswith(FOR[email]):
            yield from _made(operation, GenerationMode.POSITIVE, SHALLOW)
            continue
        yield from _made(operation, GenerationMode.POSITIVE, DEEP)
        if operation.body or len(operation.query):
            yield from _made(operation, GenerationMode.NEGATIVE, DEEP)


async def _sent(program: Program, case: Case[Any]) -> httpx.Response:
    asked = case.as_transport_kwargs(base_url="http://127.0.0.1:8340/api/v1")
    asked.pop("cookies", None)
    headers = {**asked.pop("headers", {}), "Authorization": f"Bearer {program.token}"}
    asked["content"] = asked.pop("data", None) if not isinstance(asked.get("data"), dict) else None
    return await program.client.request(headers=headers, **asked)


@pytest.mark.parametrize("email", EVERYBODY)
async def test_the_description_holds(api: Callers, loaded: Driver, email: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As this person's program, in everything it is for, and in passing in all else."""
    monkeypatch.setattr(callers, "PER_MINUTE", 100_000)
    await _busy(loaded)
    api.at("2026-04-20T11:00")
    scopes = [Scope.READ, Scope.RECORD, *([Scope.MANAGE] if email == people.ADMIN else [])]
    program, known, chance = await api.program(email, scopes), await _known(loaded), Random(42)
    described = (await api.client.get("/api/v1/openapi.json")).json()
    described["components"].pop("securitySchemes")  # the key is always sent here: test_refusing leaves it out
    checks = ProjectConfig(checks=ChecksConfig(positive_data_acceptance=ACCEPTED))
    schema = schemathesis.openapi.from_dict(
        described, config=SchemathesisConfig(projects=ProjectsConfig(default=checks))
    )
    statuses: set[int] = set()
    wrong: dict[str, str] = {}
    for case in _cases(email, schema):
        if case.meta is not None and case.meta.generation.mode == GenerationMode.POSITIVE:
            known.put_into(case, chance)
        answer = await _sent(program, case)
        statuses.add(answer.status_code)
        try:
            case.validate_response(answer, excluded_checks=LEFT_TO_OTHERS)
        except FailureGroup as broken:
            wrong.setdefault(case.operation.label, str(broken))
    assert wrong == {}, "\n".join(wrong.values())
    assert {200, 404, 422} <= statuses, statuses
