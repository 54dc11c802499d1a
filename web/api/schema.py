"""What OpenAPI says beside what FastAPI finds out: bodies by the forms that pages fill, and every problem."""

from collections.abc import Mapping
from typing import Any, Literal

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from web.api.problems import KINDS, MEDIA_TYPE, Problem

REF = "#/components/schemas/{model}"
OF_ANY = (401, 403, 404, 422, 429, 503)
OF_BODIES = (400, 413, 415)
OF_CHANGES = (409,)
DESCRIPTION = """All that the forms of Neglect Pathway do, for programs.

Each request carries a personal key, which reaches what its owner reaches today and no further. Every view of a child is
written into the access log. A change is one transaction: what is refused has changed nothing. `Idempotency-Key` makes a
change safe to send again. Errors are `application/problem+json`.
"""
_forms: set[type[BaseModel]] = set()


def sends(*forms: type[BaseModel], changes: bool = True) -> dict[str, Any]:
    """The part of an operation that says what its body is: one form, or one of several."""
    _forms.update(forms)
    refs = [{"$ref": REF.format(model=form.__name__)} for form in forms]
    needed = not any(_may_be_empty(form) for form in forms)
    schema = refs[0] if len(refs) == 1 else {"anyOf": refs}
    body = {"required": needed, "content": {"application/json": {"schema": schema}}}
    return {"requestBody": body, "x-changes": changes}


def _may_be_empty(form: type[BaseModel]) -> bool:
    return not any(field.is_required() for field in form.model_fields.values())


def described(app: FastAPI) -> dict[str, Any]:
    """The whole of the API as OpenAPI says it, made once."""
    if app.openapi_schema is None:
        app.openapi_schema = _made(app)
    return app.openapi_schema


def _made(app: FastAPI) -> dict[str, Any]:
    made = get_openapi(
        title=app.title, version=app.version, description=DESCRIPTION, routes=app.routes, servers=[{"url": "/api/v1"}]
    )
    schemas = made.setdefault("components", {}).setdefault("schemas", {})
    schemas.pop("HTTPValidationError", None)
    schemas.pop("ValidationError", None)
    known: list[type[BaseModel]] = [*_forms, Problem]
    modes: list[tuple[type[BaseModel], Literal["validation"]]]
    modes = [(one, "validation") for one in sorted(known, key=lambda form: form.__name__)]
    parts = models_json_schema(modes, ref_template=REF)[1]["$defs"]
    for name, part in parts.items():
        if schemas.setdefault(name, part) != part:
            raise RuntimeError(f"two shapes are called {name}; name one of them otherwise")
    for path, operations in made["paths"].items():
        for operation in operations.values():
            _complete(operation, "{" in path)
    return made


def _complete(operation: dict[str, Any], names_one: bool) -> None:
    changes = operation.pop("x-changes", False)
    statuses = [*OF_ANY, *(OF_BODIES if "requestBody" in operation else ()), *(OF_CHANGES if changes else ())]
    answers = operation["responses"]
    if "304" in answers or any(one["in"] == "header" and one["name"] == "If-Match" for one in _given(operation)):
        statuses += [412] if changes else []
    for status in statuses:
        answers[str(status)] = _problem(status)
    for one in answers.values():
        one.setdefault("description", "Done")


def _given(operation: Mapping[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = operation.get("parameters", [])
    return found


def _problem(status: int) -> dict[str, Any]:
    said = "; ".join(kind.title for kind in KINDS.values() if kind.status == status)
    return {"description": said, "content": {MEDIA_TYPE: {"schema": {"$ref": REF.format(model="Problem")}}}}


def operations(made: Mapping[str, Any], prefix: str) -> dict[str, list[dict[str, Any]]]:
    """The operations by tag, as the handbook lists them; a field that must be given comes without brackets."""
    found: dict[str, list[dict[str, Any]]] = {}
    for path, by_method in made["paths"].items():
        for method, said in by_method.items():
            row = {"method": method.upper(), "path": prefix + path, "said": said, "fields": _fields(made, said)}
            found.setdefault(said["tags"][0], []).append(row)
    return found


def _fields(made: Mapping[str, Any], operation: Mapping[str, Any]) -> str:
    asked = [f"[?{one['name']}]" for one in operation.get("parameters", []) if one["in"] == "query"]
    body = operation.get("requestBody", {"content": {"application/json": {"schema": {}}}})
    schema = body["content"]["application/json"]["schema"]
    names = [one["$ref"].rpartition("/")[2] for one in schema.get("anyOf", [schema]) if "$ref" in one]
    forms = [made["components"]["schemas"][name] for name in names]
    for form in forms:
        needed = form.get("required", [])
        asked += [name if name in needed else f"[{name}]" for name in form.get("properties", {})]
    return ", ".join(dict.fromkeys(asked))
