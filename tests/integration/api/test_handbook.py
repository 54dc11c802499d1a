"""The examples of docs/api.md work as they are printed: each curl command is sent as curl would send it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from string import Template

import httpx

from models.access import Scope
from tests import people
from tests.caller import Callers
from tests.driver import Driver
from tests.integration.stories import logged
from tests.site import BASE
from web.api.problems import KINDS

PAGE = Path(__file__).parents[3] / "docs" / "api.md"


def commands() -> list[str]:
    """The page's curl commands, each in one line."""
    blocks = re.findall(r"```sh\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    lines = "\n".join(blocks).replace("\\\n", " ")
    return [f"curl {one.strip()}" for one in re.split(r"^curl ", lines, flags=re.MULTILINE)[1:]]


def request(command: str, known: Mapping[str, str]) -> httpx.Request:
    """The request that curl would make of a command."""
    words = shlex.split(command)[1:]
    headers, body, url = {}, None, ""
    while words:
        word = words.pop(0)
        if word == "-H":
            name, _, value = words.pop(0).partition(": ")
            headers[name] = Template(value).substitute(known)
        elif word == "-d":
            body = words.pop(0)
        elif word != "-i":
            url = Template(word).substitute(known)
    return httpx.Request("POST" if body else "GET", url, headers=headers, content=body)


async def test_every_example_works(api: Callers, loaded: Driver) -> None:
    """One after the other, as somebody would try them who reads the page."""
    reference = await logged(loaded)
    dana = await api.program(people.DSL)
    task = (await dana.get("/tasks")).json()["items"][0]["id"]
    known = {
        "PATHWAY": BASE,
        "KEY": dana.token,
        "ADMIN_KEY": (await api.program(people.ADMIN, [Scope.MANAGE])).token,
        "REFERENCE": reference,
        "TASK": task,
        "ETAG": (await dana.get(f"/tasks/{task}")).headers["etag"],
    }
    examples = commands()
    assert len(examples) > 12
    for command in examples:
        answer = await api.client.send(request(command, known))
        assert answer.status_code in (200, 201), (command, answer.text)


def test_every_problem_is_on_the_page() -> None:
    """A status that the API answers with is explained."""
    said = PAGE.read_text("utf-8")
    missing = {kind.status for kind in KINDS.values() if not re.search(rf"\b{kind.status}\b", said)}
    assert missing == {405, 500}
