"""Who works at Prefect: the workers of the pool `pathway`, as its server knows them. One second and no more."""

import asyncio
from dataclasses import dataclass
from datetime import datetime

import httpx

from flows.dispatch import POOL
from flows.server import ANSWER_SECONDS, client, known_address

MOST = 50


@dataclass(frozen=True)
class Worker:
    """One worker: its name, whether Prefect counts it as online, and when it was last heard."""

    name: str
    online: bool
    heard_at: datetime | None


@dataclass(frozen=True)
class AtPrefect:
    """What is known of Prefect: where its pages are (None: nobody said), and its workers (None: it does not answer)."""

    pages: str | None
    workers: tuple[Worker, ...] | None


async def at_prefect() -> AtPrefect:
    """What Prefect answers within a second."""
    url = known_address()
    if url is None:
        return AtPrefect(None, None)
    pages = url.removesuffix("/api")
    try:
        async with asyncio.timeout(ANSWER_SECONDS), client(url) as asking:
            answer = await asking.post(f"{url}/work_pools/{POOL}/workers/filter", json={"limit": MOST})
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError):
        return AtPrefect(pages, None)
    if answer.status_code == httpx.codes.NOT_FOUND:  # no worker was ever started
        return AtPrefect(pages, ())
    return AtPrefect(pages, _workers(answer) if answer.is_success else None)


def _workers(answer: httpx.Response) -> tuple[Worker, ...] | None:
    try:
        return tuple(_worker(one) for one in answer.json())
    except (ValueError, KeyError, TypeError):
        return None


def _worker(one: dict[str, str | None]) -> Worker:
    heard = one.get("last_heartbeat_time")
    return Worker(str(one["name"]), one.get("status") == "ONLINE", datetime.fromisoformat(heard) if heard else None)


def run_address(pages: str | None, run_id: str | None) -> str | None:
    """Where Prefect's pages show one flow run; None when no server is known or Prefect did not see the run."""
    return f"{pages}/runs/flow-run/{run_id}" if pages and run_id else None
