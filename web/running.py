"""Serving the pages: one program, started by `pathway web` and by `up`, ended by SIGINT or SIGTERM."""

import asyncio
import json
import os
import socket
from contextlib import suppress
from pathlib import Path

import uvicorn

from config.errors import PathwayError
from config.settings import settings
from flows.server import write_whole
from web.app import make_app
from web.telling import all_told

GRACE_SECONDS = 10


def address_file() -> Path:
    """Where a running `web` leaves its address: {"url", "pid"}."""
    return settings().home / "web.json"


def pages_address() -> str | None:
    """The address that a living `web` of this PATHWAY_HOME left; None when none runs."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        left = json.loads(address_file().read_text("utf-8"))
        os.kill(left["pid"], 0)
        return str(left["url"])
    return None


async def serve(stop: asyncio.Event) -> None:
    """Serve until `stop`; raises PathwayError when the port is taken."""
    server = uvicorn.Server(_configuration())
    taken = _socket(server.config)
    write_whole(address_file(), json.dumps({"url": settings().base_url, "pid": os.getpid()}))
    serving = asyncio.create_task(server.serve(sockets=[taken]))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    await serving
    stopping.cancel()
    await all_told()
    address_file().unlink(missing_ok=True)


def _configuration() -> uvicorn.Config:
    return uvicorn.Config(
        make_app(),
        host=settings().web_host,
        port=settings().web_port,
        log_config=None,  # an access log would hold what people looked at; ours is the record's
        access_log=False,
        server_header=False,
        proxy_headers=True,
        forwarded_allow_ips=settings().web_proxies,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )


def _socket(config: uvicorn.Config) -> socket.socket:
    try:
        return config.bind_socket()
    except SystemExit:  # uvicorn leaves the program when it cannot have the port
        raise PathwayError(
            f"web: port {config.port} of {config.host} is taken; set PATHWAY_WEB_PORT, and PATHWAY_BASE_URL with it"
        ) from None
