"""Serving the pages: what stands in the way is said in one sentence, with what to do."""

from __future__ import annotations

import asyncio
import json
import socket
from pathlib import Path

import httpx
import pytest

from config.errors import PathwayError
from config.settings import settings
from web import running
from web.running import must_be_served_safely, pages_address, serve, take_port


def tell(monkeypatch: pytest.MonkeyPatch, **told: str) -> None:
    """The environment says so."""
    for name, value in told.items():
        monkeypatch.setenv(f"PATHWAY_{name}", value)
    settings.cache_clear()


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_a_taken_port_is_refused_at_once(host: str) -> None:
    """Whatever the address is written as; the sentence names the setting."""
    with take_port(host, 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PathwayError, match=f"port {port} of {host} is taken .* set PATHWAY_WEB_PORT"):
            take_port(host, port)


@pytest.mark.parametrize("host", ["192.0.2.1", "no.such.host.invalid"])
def test_an_address_of_another_machine_is_refused(host: str) -> None:
    """It cannot be listened on here."""
    with pytest.raises(PathwayError, match=f"PATHWAY_WEB_HOST {host} is no"):
        take_port(host, 0)


def test_other_machines_need_a_proxy(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords cross no network in the clear: whoever opens the port names the https address before it."""
    tell(monkeypatch, WEB_HOST="0.0.0.0")  # noqa: S104  # refused
    with pytest.raises(PathwayError, match="set PATHWAY_BASE_URL to the https"):
        must_be_served_safely()
    tell(monkeypatch, BASE_URL="https://pathway.example.org")
    must_be_served_safely()


def test_pages_without_styles_are_not_served(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command that builds them is named."""
    monkeypatch.setattr(running, "STATIC", home / "static")
    with pytest.raises(PathwayError, match="run `make assets`"):
        must_be_served_safely()


async def test_it_serves_until_it_is_told_to_stop(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While it runs others find its address; afterwards neither the address nor the port is left."""
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        port = tried.getsockname()[1]
    tell(monkeypatch, WEB_PORT=str(port))
    stop = asyncio.Event()
    serving = asyncio.create_task(serve(stop))
    answer: httpx.Response | None = None
    async with httpx.AsyncClient(trust_env=False) as client:
        while answer is None and not serving.done():
            try:
                answer = await client.get(f"http://127.0.0.1:{port}/static/none/nothing.css")
            except httpx.ConnectError:
                await asyncio.sleep(0.02)
        assert answer is not None
        assert answer.status_code == 404
        assert pages_address() == f"http://127.0.0.1:{port}"
        assert json.loads((home / "web.json").read_text("utf-8"))["url"] == pages_address()
    stop.set()
    await asyncio.wait_for(serving, 20)
    assert pages_address() is None
    take_port("127.0.0.1", port).close()
