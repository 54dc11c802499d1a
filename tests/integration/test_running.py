"""Running a flow: at Prefect, without it, handed to a worker; once a slot; and nothing of a child on the way."""

from __future__ import annotations

import asyncio
import base64
import pickle
import re
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import select

from config.environment import prefect_home
from flows import dispatch, running, starting
from flows.artifacts import table
from flows.containment import SafeError, contained
from flows.dispatch import PATIENCE, make_pool, settle, to_workers
from flows.firings import ALONE, DONE, HANDED_OVER, Work
from flows.server import PrefectServer, PrefectServerError, known_address
from flows.starting import temporary_server
from models.database import reading
from models.telling import Firing
from tests.integration import runs

AT = datetime(2026, 3, 2, 10, tzinfo=UTC)
COUNT = "tests.integration.runs:count_events"
LEAK = "tests.integration.runs:leak"
# Prefect's client leaves closing its sockets to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

Run = Callable[..., Awaitable[Any]]


@pytest.fixture
def run(engine: AsyncEngine) -> Run:
    """Running the flow `count-events` on the test's record."""

    async def count(at: datetime = AT, **given: Any) -> Any:
        plain, entrypoint = given.pop("plain", counted_plainly), given.pop("entrypoint", COUNT)
        ids = given.pop("event_ids", ["e1", "e2", "e3"])
        return await running.run("count-events", plain, entrypoint, at=at, on=engine, event_ids=ids, **given)

    return count


async def counted_plainly(at: datetime, event_ids: list[str]) -> dict[str, int]:
    """The same without Prefect."""
    return {"events": len(event_ids), "plainly": 1}


async def failing_plainly(at: datetime, event_ids: list[str]) -> dict[str, int]:
    """An error that holds a child's name."""
    raise ValueError(runs.NAME)


async def firings(engine: AsyncEngine) -> list[Firing]:
    """What is written down, in the order of the slots."""
    async with reading(engine) as session:
        return list((await session.exec(select(Firing).order_by(Firing.slot))).all())


async def ask(method: str, path: str, **body: Any) -> Any:
    """Ask the session's Prefect server."""
    async with httpx.AsyncClient(trust_env=False, timeout=20) as client:
        url = (known_address() or "") + path
        while (answered := await client.request(method, url, json=body or None)).status_code == 503:  # noqa: ASYNC110
            await asyncio.sleep(0.2)  # its database is busy
        answered.raise_for_status()
        return answered.json() if answered.content else None


# Without Prefect


async def test_without_prefect_the_plain_function_runs(run: Run, engine: AsyncEngine) -> None:
    """Deadlines and letters go on, and it is written down that they did."""
    assert await run(slot="monday") == {"events": 3, "plainly": 1}
    (firing,) = await firings(engine)
    assert (firing.flow, firing.slot, firing.outcome) == ("count-events", "monday", ALONE)
    assert firing.counts == {"events": 3, "plainly": 1}
    assert firing.started_at == AT
    assert firing.ended_at
    assert firing.prefect_run_id is None


async def test_a_slot_that_ended_is_passed_over(run: Run, engine: AsyncEngine) -> None:
    """Two clocks, one firing."""
    await run(slot="monday")
    assert await run(slot="monday", plain=failing_plainly) is None
    assert len(await firings(engine)) == 1


async def test_two_clocks_at_once_are_one(run: Run, engine: AsyncEngine) -> None:
    """The second waits for the first and finds it done."""
    done = await asyncio.gather(*(run(slot="monday") for _ in range(5)))
    assert [one for one in done if one] == [{"events": 3, "plainly": 1}]
    assert len(await firings(engine)) == 1


async def test_work_that_was_found_may_come_again(run: Run, engine: AsyncEngine) -> None:
    """Found twice at one instant, done twice: what makes that harmless is the record's own claims."""
    await run()
    await run()
    assert len(await firings(engine)) == 2


async def test_a_failure_is_told_and_done_again(run: Run, engine: AsyncEngine) -> None:
    """The firing says which error under which id, and stays unfinished until it ends well."""
    with pytest.raises(SafeError) as raised:
        await run(slot="monday", plain=failing_plainly)
    (firing,) = await firings(engine)
    assert (firing.outcome, firing.ended_at) == (f"failed {raised.value}", None)
    assert runs.NAME not in str(raised.value)
    assert await run(slot="monday", at=AT + timedelta(minutes=1))
    (firing,) = await firings(engine)
    assert firing.outcome == ALONE
    assert firing.ended_at


async def test_a_prefect_that_does_not_answer_is_done_without(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """PREFECT_API_URL of a server that is down."""
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    assert await run() == {"events": 3, "plainly": 1}


async def test_a_prefect_that_fails_is_done_without(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """It answers, and then fails before the flow has begun."""

    async def refuse(url: str, work: object) -> str:
        raise RuntimeError("Failed to reach API")

    async def there() -> str:
        return "http://127.0.0.1:9/api"

    monkeypatch.setattr(starting, "server_for_run", there)
    monkeypatch.setattr(starting, "start_flow", refuse)
    assert await run() == {"events": 3, "plainly": 1}


async def test_work_that_was_done_is_not_done_again(
    run: Run, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prefect fails after the flow's body has ended: its result counts, and the plain function is not called."""

    async def lose(url: str, work: Any) -> str:
        await contained("count-events")(counted_at_prefect)(**work.arguments())
        raise httpx.ConnectError("All connection attempts failed")

    async def counted_at_prefect(at: datetime, event_ids: list[str]) -> dict[str, int]:
        return {"events": 3}

    async def there() -> str:
        return "http://127.0.0.1:9/api"

    monkeypatch.setattr(starting, "server_for_run", there)
    monkeypatch.setattr(starting, "start_flow", lose)
    assert await run(plain=failing_plainly) == {"events": 3}
    assert [one.outcome for one in await firings(engine)] == [ALONE]


# At Prefect


@on_sqlite
async def test_a_run_at_prefect_can_be_opened(run: Run, engine: AsyncEngine, at_prefect: PrefectServer) -> None:
    """An administrator finds it by our row: its name, tags and parameters are ids and references alone."""
    assert await run(slot="monday", concerns=["NC-2026-00042", runs.NAME], size="3 events") == {"events": 3}
    (firing,) = await firings(engine)
    assert firing.outcome == DONE
    seen = await ask("GET", f"/flow_runs/{firing.prefect_run_id}")
    assert seen["name"] == "count-events 2026-03-02T10:00Z 3 events"
    assert sorted(seen["tags"]) == ["concern:NC-2026-00042", "flow:count-events"]
    assert seen["parameters"] == {"at": "2026-03-02T10:00:00+00:00", "event_ids": ["e1", "e2", "e3"]}
    assert seen["state_type"] == "COMPLETED"


@on_sqlite
async def test_task_runs_have_no_tags(run: Run, engine: AsyncEngine, at_prefect: PrefectServer) -> None:
    """A task run with tags asks Prefect for permission first, which takes six times as long."""
    await run()
    await starting.drain()
    (firing,) = await firings(engine)
    mine = {"flow_runs": {"id": {"any_": [firing.prefect_run_id]}}}
    async with asyncio.timeout(20):
        while len(seen := await ask("POST", "/task_runs/filter", **mine)) < 2:  # noqa: ASYNC110  # Prefect's own time
            await asyncio.sleep(0.1)
    assert [one["tags"] for one in seen] == [[], []]


@on_sqlite
async def test_a_run_leaves_a_table(run: Run, engine: AsyncEngine, at_prefect: PrefectServer) -> None:
    """Counts and references for the administrator; what could be a person's words is redacted."""
    await run()
    (firing,) = await firings(engine)
    mine = {"artifacts": {"flow_run_id": {"any_": [firing.prefect_run_id]}}}
    (artifact,) = await ask("POST", "/artifacts/filter", **mine)
    assert artifact["key"] == "count-events"
    assert '"events": 3' in artifact["data"]
    assert '"note": "redacted"' in artifact["data"]


async def test_outside_a_run_there_is_no_table() -> None:
    """The same code runs without Prefect."""
    await table("count-events", [{"events": 3}], "What was counted")


@on_sqlite
async def test_a_flow_that_cannot_be_loaded_is_done_without(run: Run, at_prefect: PrefectServer) -> None:
    """Whatever is wrong with Prefect's side, the work is done."""
    assert await run(entrypoint="tests.integration.runs:no_such_flow") == {"events": 3, "plainly": 1}


@on_sqlite
async def test_a_flow_that_does_not_begin_is_done_without(run: Run, at_prefect: PrefectServer) -> None:
    """Prefect refuses the parameters before the body: the plain function, which takes them, does the work."""
    assert await run(event_ids="e1") == {"events": 2, "plainly": 1}


@on_sqlite
async def test_no_child_reaches_prefect(engine: AsyncEngine, at_prefect: PrefectServer) -> None:
    """A child's name and words in errors of a task and of its flow: neither is anywhere in Prefect's files.

    The search reads what is stored as text, base64 and pickles; that it can is shown by the error's id, which is there.
    """
    with pytest.raises(SafeError) as raised:
        await running.run("leak", failing_plainly, LEAK, at=AT, on=engine, concern="NC-2026-00042")
    await starting.drain()
    stored = everything_stored(prefect_home()) + everything_stored(at_prefect.log.parent)
    assert raised.value.kind == "ValueError"
    assert str(raised.value) in stored
    assert f"pickled {raised.value!r}" in stored
    for secret in (runs.NAME, runs.WORDS, "Amira", "heating"):
        assert secret not in stored


def everything_stored(folder: Path) -> str:
    """All that Prefect keeps, as text: its database by rows, its files, and whatever is encoded in either."""
    files = [file.read_bytes() for file in folder.rglob("*") if file.is_file() and file.suffix != ".db"]
    rows = [text for file in folder.glob("*.db") for text in every_cell(file)]
    return "\n".join(decoded for raw in [*files, *rows] for decoded in decodings(raw))


def every_cell(file: Path) -> list[bytes]:
    """Every value of every table of an SQLite database."""
    with sqlite3.connect(file) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        cells = [cell for name in tables for row in database.execute(f'SELECT * FROM "{name}"') for cell in row]  # noqa: S608
    database.close()
    return [cell if isinstance(cell, bytes) else str(cell).encode() for cell in cells if cell is not None]


def decodings(raw: bytes) -> list[str]:
    """The bytes as text, and whatever base64 and pickles they hold."""
    found = [raw.decode("utf-8", "replace")]
    for word in re.findall(rb"[A-Za-z0-9+/]{40,}(?:(?:\n|\\n)[A-Za-z0-9+/]+)*", raw):
        letters = re.sub(rb"\n|\\n", b"", word)
        inner = base64.b64decode(letters[: len(letters) - (len(letters) % 4 == 1)] + b"===")
        found.append(inner.decode("utf-8", "replace"))
        with suppress(pickle.UnpicklingError, EOFError):
            found.append(f"pickled {pickle.loads(inner)!r}" if inner.startswith(b"\x80") else "")  # noqa: S301
    return found


# The temporary server of one command


class Spare:
    """Stands in for a Prefect server of one command: counts how often it is started and stopped."""

    def __init__(self, url: str | None) -> None:
        self.url, self.started, self.stopped = url, 0, 0

    async def __aenter__(self) -> Spare:
        self.started += 1
        if self.url is None:
            raise PrefectServerError("Prefect's server ended with code 1")
        return self

    async def __aexit__(self, *_: object) -> None:
        self.stopped += 1


@pytest.fixture
def nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """No server of anybody's."""
    monkeypatch.delenv("PREFECT_API_URL", raising=False)


@on_sqlite
async def test_a_command_starts_one_server_for_its_work(
    run: Run, at_prefect: PrefectServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the first run that has work, once, and it ends with the command."""
    monkeypatch.delenv("PREFECT_API_URL")
    spare = Spare(at_prefect.url)
    monkeypatch.setattr(starting, "PrefectServer", lambda: spare)
    async with temporary_server():
        assert spare.started == 0
        assert [await run(), await run()] == [{"events": 3}] * 2
        assert (spare.started, spare.stopped) == (1, 0)
    assert spare.stopped == 1


@pytest.mark.usefixtures("nothing_known")
async def test_a_server_that_does_not_start_is_tried_once(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command's work is done without it."""
    spare = Spare(None)
    monkeypatch.setattr(starting, "PrefectServer", lambda: spare)
    async with temporary_server():
        assert [await run(), await run()] == [{"events": 3, "plainly": 1}] * 2
    assert spare.started == 1


@pytest.mark.usefixtures("nothing_known")
async def test_without_work_no_server_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    """`tick` with nothing to do takes no seconds."""
    spare = Spare(None)
    monkeypatch.setattr(starting, "PrefectServer", lambda: spare)
    async with temporary_server():
        pass
    assert spare.started == 0


# Handed to a worker


@pytest.fixture
async def deployed(at_prefect: PrefectServer) -> str:
    """A pool, and a deployment of the flow; no worker, whoever was heard before. The clock hands over what it can."""
    to_workers.set(True)
    await make_pool(at_prefect.url)
    await make_pool(at_prefect.url)
    for worker in await ask("POST", f"/work_pools/{dispatch.POOL}/workers/filter", limit=200):
        await ask("DELETE", f"/work_pools/{dispatch.POOL}/workers/{worker['name']}")
    flow = await ask("POST", "/flows/", name="count-events")
    made = await ask(
        "POST", "/deployments/", name="count-events", flow_id=flow["id"], work_pool_name=dispatch.POOL, entrypoint=COUNT
    )
    return str(made["id"])


async def a_worker() -> None:
    """A worker says that it is there."""
    await ask("POST", f"/work_pools/{dispatch.POOL}/workers/heartbeat", name="Walter", heartbeat_interval_seconds=30)


async def worker_ends(run_id: str, state: str) -> None:
    """A worker has done a run, or failed at it."""
    await ask("POST", f"/flow_runs/{run_id}/set_state", state={"type": state}, force=True)


@on_sqlite
@pytest.mark.usefixtures("deployed")
async def test_workers_get_the_work(run: Run, engine: AsyncEngine) -> None:
    """Without one it is done here; with one it is handed over once, and written down when it has ended."""
    assert await run() == {"events": 3}
    await a_worker()
    assert await run(at=AT + timedelta(minutes=1)) == {}
    assert await run(at=AT + timedelta(minutes=2)) == {}
    here, there = await firings(engine)
    assert (here.outcome, there.outcome, there.ended_at) == (DONE, HANDED_OVER, None)
    await worker_ends(there.prefect_run_id or "", "COMPLETED")
    await settle(engine, AT + timedelta(minutes=3))
    _, there = await firings(engine)
    assert (there.outcome, there.ended_at) == ("done by a worker", AT + timedelta(minutes=3))


@on_sqlite
@pytest.mark.usefixtures("deployed")
async def test_what_a_worker_failed_at_is_handed_over_again(run: Run, engine: AsyncEngine) -> None:
    """A new run, although the slot is the same."""
    await a_worker()
    await run(slot="monday")
    (first,) = await firings(engine)
    await worker_ends(first.prefect_run_id or "", "FAILED")
    await run(slot="monday", at=AT + timedelta(minutes=1))
    (second,) = await firings(engine)
    assert UUID(second.prefect_run_id or "") != UUID(first.prefect_run_id or "")
    assert second.outcome == HANDED_OVER


@on_sqlite
@pytest.mark.usefixtures("deployed")
async def test_a_worker_that_is_silent_is_not_waited_for(run: Run, engine: AsyncEngine) -> None:
    """Five minutes; then the clock does it."""
    await a_worker()
    assert await run(slot="tuesday") == {}
    assert await run(slot="tuesday", at=AT + PATIENCE) == {"events": 3}
    (firing,) = await firings(engine)
    assert firing.outcome == DONE


@on_sqlite
@pytest.mark.usefixtures("deployed")
async def test_what_cannot_be_handed_over_is_done_here(run: Run, engine: AsyncEngine) -> None:
    """A worker is there, the deployment is not."""
    await a_worker()
    plain = await running.run("never-deployed", counted_plainly, COUNT, at=AT, on=engine, event_ids=["e1"])
    assert plain == {"events": 1}


@on_sqlite
@pytest.mark.usefixtures("deployed")
async def test_two_clocks_hand_over_one_run(run: Run, engine: AsyncEngine) -> None:
    """They look at one moment, neither knowing of the other: one key, one run."""
    await a_worker()
    work = Work("count-events", counted_plainly, COUNT, AT + timedelta(days=9), None, {"event_ids": ["e9"]})
    first, second = [await dispatch.offer(engine, work) for _ in range(2)]
    assert first.key == second.key
    assert await dispatch.hand_over(work, first.key or "") == await dispatch.hand_over(work, second.key or "")
