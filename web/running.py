"""Serving the pages: one program, started by `pathway web` and by `up`, ended by SIGINT or SIGTERM."""

import asyncio
import errno
import gc
import json
import os
import socket
from contextlib import suppress
from pathlib import Path

import uvicorn
from sqlalchemy.orm import configure_mappers

from config.errors import PathwayError
from config.settings import is_loopback, settings
from flows.again import all_ended
from flows.server import write_whole
from web.app import make_app
from web.rendering import STATIC, read_templates
from web.telling import all_told

GRACE_SECONDS = 10
BACKLOG = 2048


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
    """Serve until `stop`; raises PathwayError, which says what to do, when the pages cannot be served."""
    must_be_served_safely()
    taken = take_port(settings().web_host, settings().web_port)
    server = uvicorn.Server(_configuration())
    write_whole(address_file(), json.dumps({"url": settings().base_url, "pid": os.getpid()}))
    try:
        await _until(stop, server, taken)
    finally:
        taken.close()
        address_file().unlink(missing_ok=True)


async def _until(stop: asyncio.Event, server: uvicorn.Server, taken: socket.socket) -> None:
    """Serve; on `stop` no new request is taken, those under way are finished, and what is to be told is told."""
    _settle_in()
    serving = asyncio.create_task(server.serve(sockets=[taken]))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    await serving
    stopping.cancel()
    await all_told()
    await all_ended()


def _settle_in() -> None:
    """Make all that every page needs, and tell the garbage collector that it stays: a search of it holds pages up."""
    read_templates()
    configure_mappers()
    gc.collect()
    gc.freeze()


def must_be_served_safely() -> None:
    """Raise PathwayError where pages would have no styles, or passwords would cross a network in the clear."""
    if not (STATIC / "version.txt").exists():
        raise PathwayError("web: the pages' styles have not been built; run `make assets`")
    told = settings()
    if not is_loopback(told.web_host) and not told.base_url.startswith("https://"):
        raise PathwayError(
            f"web: PATHWAY_WEB_HOST {told.web_host} is reached from other machines; set PATHWAY_BASE_URL to the "
            "https:// address of the proxy before it"
        )


def take_port(host: str, port: int) -> socket.socket:
    """The socket to listen on: an IPv4 or IPv6 address, or a name. Raises PathwayError, which says what to do."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        taken = socket.socket(family, kind, protocol)
    except OSError as error:
        raise PathwayError(f"web: PATHWAY_WEB_HOST {host} is no address that can be listened on") from error
    try:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(address)
        taken.listen(BACKLOG)  # so that a second program is refused now, and not at its first request
    except OSError as error:
        taken.close()
        raise PathwayError(_refused(error, host, port)) from None
    return taken


def _refused(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"web: port {port} of {host} is taken by another program; set PATHWAY_WEB_PORT to a free one"
    if error.errno == errno.EACCES:
        return f"web: port {port} may not be used by this user; set PATHWAY_WEB_PORT to one above 1023"
    return f"web: PATHWAY_WEB_HOST {host} is not an address of this machine"


def _configuration() -> uvicorn.Config:
    return uvicorn.Config(
        make_app(),
        log_config=None,  # an access log would hold what people looked at; ours is the record's
        access_log=False,
        server_header=False,
        proxy_headers=True,
        forwarded_allow_ips=settings().web_proxies,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
