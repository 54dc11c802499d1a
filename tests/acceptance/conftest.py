"""The program from outside: one Prefect server for the session, a mail server and a PATHWAY_HOME for each scenario.

Two flows in flight stall Prefect's own SQLite for half a minute. So one scenario at a time uses the server; those that
run side by side are told of one that is down, which must make no difference to what is due.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import yaml

from config.environment import DEFAULTS
from tests import people
from tests.acceptance.life import Life, live
from tests.acceptance.post import HOST, Post
from tests.acceptance.program import (
    PATIENCE,
    PREFECT_IS_DOWN,
    REFERENCE,
    ROOT,
    START,
    Pathway,
    Result,
    environment,
    eventually,
)
from tests.acceptance.warm import warm
from tests.integration.conftest import postgres_server
from tests.postgres import new_database

__all__ = ["postgres_server"]
POLICY = "derby-and-derbyshire"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The demonstration runs beside all others and is looked at last."""
    items.sort(key=lambda item: item.path.name == "test_demo.py")


@pytest.fixture(scope="session", autouse=True)
def bytecode(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Where Python is told to write no bytecode beside the code, the commands keep theirs for the session."""
    with pytest.MonkeyPatch.context() as patch:
        if os.environ.get("PYTHONDONTWRITEBYTECODE"):
            patch.delenv("PYTHONDONTWRITEBYTECODE")
            patch.setenv("PYTHONPYCACHEPREFIX", str(tmp_path_factory.mktemp("bytecode")))
        yield


@pytest.fixture(scope="session", autouse=True)
def program(bytecode: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The process that commands are copied from."""
    with warm(tmp_path_factory.mktemp("warm"), ROOT, environment({})) as started:
        Pathway.warm = started
        yield
        Pathway.warm = None


@dataclass(frozen=True)
class Prefect:
    """The session's Prefect server: where its API is, and the folder of all it keeps."""

    url: str
    home: Path
    log: Path


@pytest.fixture(scope="session")
def starting_prefect(bytecode: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prefect]:
    """Prefect's server on its way up."""
    home = tmp_path_factory.mktemp("prefect")
    with socket.socket() as tried:
        tried.bind((HOST, 0))
        port = tried.getsockname()[1]
    server = Prefect(f"http://{HOST}:{port}/api", home / "home", home / "server.log")
    told = {**DEFAULTS, "PREFECT_HOME": str(server.home), "PREFECT_SERVER_API_HOST": HOST}
    told |= {"PREFECT_SERVER_API_PORT": str(port), "PREFECT_API_URL": server.url}
    words = [sys.executable, "-m", "flows.server_program", str(os.getpid()), HOST, str(port)]
    with server.log.open("wb") as log:
        process = subprocess.Popen(words, cwd=ROOT, env=environment(told), stdout=log, stderr=log)
    yield server
    process.terminate()
    process.wait(PATIENCE)


@pytest.fixture(scope="session")
def prefect(starting_prefect: Prefect, shelf: Shelf) -> Prefect:
    """Prefect's server, once it answers; the template homes are made meanwhile."""
    eventually(lambda: _answers(starting_prefect.url), "Prefect's server answers")
    return starting_prefect


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health", trust_env=False, timeout=5).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


@dataclass(frozen=True)
class Shelf:
    """Homes made once, to be copied: `loaded` has the tests' roster, `logged` one concern that nobody was told of."""

    folder: Path

    def take(self, name: str, to: Path) -> Path:
        """A copy of a home."""
        return Path(shutil.copytree(self.folder / name, to / "home"))


@pytest.fixture(scope="session")
def shelf(starting_prefect: Prefect, tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    """The template homes."""
    folder = tmp_path_factory.mktemp("shelf")
    roster = folder / "roster.yaml"
    roster.write_text(yaml.safe_dump(people.roster(), allow_unicode=True), "utf-8")
    pathway = Pathway(folder / "loaded", Post(), {"PREFECT_API_URL": PREFECT_IS_DOWN})
    pathway.ok("init", "--policy", POLICY)
    pathway.ok("load", str(roster))
    shutil.copytree(folder / "loaded", folder / "logged")
    pathway.home = folder / "logged"
    assert pathway.log(people.AMIRA, people.TEACHER, START) == REFERENCE
    return Shelf(folder)


@pytest.fixture
def post() -> Iterator[Post]:
    """A mail server of the test's own."""
    with Post() as server:
        yield server


@pytest.fixture
def loaded(shelf: Shelf, prefect: Prefect, post: Post, tmp_path: Path) -> Pathway:
    """A record with the tests' roster, and Prefect's server up."""
    return Pathway(shelf.take("loaded", tmp_path), post, {"PREFECT_API_URL": prefect.url})


@pytest.fixture
def logged(shelf: Shelf, prefect: Prefect, post: Post, tmp_path: Path) -> Pathway:
    """Amira's concern was logged on Monday 2 March, 10:00, and nobody was told; Prefect's server is up."""
    return Pathway(shelf.take("logged", tmp_path), post, {"PREFECT_API_URL": prefect.url})


@pytest.fixture(scope="session")
def beside() -> Iterator[ThreadPoolExecutor]:
    """One thread for what runs beside the tests, on the second core: none of it uses the session's Prefect server."""
    with ThreadPoolExecutor(1) as pool:
        yield pool


@pytest.fixture(scope="session")
def life_on_sqlite(shelf: Shelf, prefect: Prefect, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Life]:
    """Amira's sixteen weeks on SQLite, each step a run at the session's Prefect server."""
    with Post() as post:
        home = shelf.take("loaded", tmp_path_factory.mktemp("life"))
        yield live(Pathway(home, post, {"PREFECT_API_URL": prefect.url}))


Apart = Callable[[str, str], Pathway]


def _apart(shelf: Shelf, folder: Path, stack: ExitStack) -> Apart:
    def make(name: str, template: str) -> Pathway:
        home = shelf.take(template, folder / name) if template != "empty" else folder / name / "home"
        return Pathway(home, stack.enter_context(Post()), {"PREFECT_API_URL": PREFECT_IS_DOWN})

    return make


@pytest.fixture
def apart(shelf: Shelf, tmp_path: Path) -> Iterator[Apart]:
    """Makes homes for scenarios that run side by side: `apart("march", "logged")`. Own mail servers, no Prefect."""
    with ExitStack() as stack:
        yield _apart(shelf, tmp_path, stack)


@pytest.fixture(scope="module")
def apart_for_module(shelf: Shelf, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Apart]:
    """The same, for a scenario that several tests look at."""
    with ExitStack() as stack:
        yield _apart(shelf, tmp_path_factory.mktemp("apart"), stack)


@pytest.fixture(scope="session")
def postgres_life(
    postgres_server: str, beside: ThreadPoolExecutor, shelf: Shelf, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Future[Life]]:
    """The same sixteen weeks on PostgreSQL, with Prefect down all the while, begun beside the first tests."""
    told = {"PREFECT_API_URL": PREFECT_IS_DOWN, "PATHWAY_DATABASE_URL": new_database(postgres_server, "life")}
    with Post() as post:
        pathway = Pathway(tmp_path_factory.mktemp("postgresql"), post, told)
        yield beside.submit(lambda: live(_filled(pathway, shelf)))


def _filled(pathway: Pathway, shelf: Shelf) -> Pathway:
    pathway.ok("init", "--policy", POLICY)
    pathway.ok("load", str(shelf.folder / "roster.yaml"))
    return pathway


@pytest.fixture(scope="session")
def life_on_postgresql(postgres_life: Future[Life]) -> Life:
    """Amira's sixteen weeks on PostgreSQL, done without Prefect."""
    return postgres_life.result(4 * PATIENCE)


@pytest.fixture(scope="session")
def demonstration(
    beside: ThreadPoolExecutor, bytecode: None, tmp_path_factory: pytest.TempPathFactory
) -> Future[Result]:
    """`pathway demo --home`, begun beside the first tests; it starts a Prefect server of its own."""
    pathway = Pathway(tmp_path_factory.mktemp("demo") / "home", Post())
    return beside.submit(lambda: _to_its_end(pathway, "demo", "--home", str(pathway.home)))


def _to_its_end(pathway: Pathway, *words: str) -> Result:
    process = pathway.start(*words, now=None)
    out, err = process.communicate(timeout=PATIENCE)
    return Result(words, process.returncode, out, err)


@pytest.fixture(scope="session", autouse=True)
def long_ones(program: None, request: pytest.FixtureRequest) -> None:
    """What takes a minute begins at once, if it is asked for at all."""
    for module, fixture in (("test_life", "postgres_life"), ("test_demo", "demonstration")):
        if any(item.path.stem == module for item in request.session.items):
            request.getfixturevalue(fixture)
