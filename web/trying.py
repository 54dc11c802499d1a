"""Pages for trying it out: only on this machine, never in production, whoever asks through whatever proxy."""

from urllib.parse import urlsplit

from fastapi import Request

from config.settings import is_loopback, settings
from models.database import engine, reading
from models.trying import is_sample

HANDED_ON = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")


def is_on_this_machine(request: Request) -> bool:
    """Whether the pages are served to this machine alone, and this request was made on it, to it by name.

    The name counts as well (`Host`): a page of another site could have its own name lead here. And whatever a proxy
    says that it handed on was asked somewhere else.
    """
    told = settings()
    handed_on = any(name in request.headers for name in HANDED_ON)
    here = request.client is not None and is_loopback(request.client.host) and not handed_on
    named = is_loopback(request.url.hostname or "")
    return told.env != "production" and here and named and is_loopback(urlsplit(told.base_url).hostname or "")


def mailbox_is_here(request: Request) -> bool:
    """Whether letters are kept here and may be shown to whoever asks."""
    return settings().smtp_host is None and is_on_this_machine(request)


async def sample_is_here(request: Request) -> bool:
    """Whether everybody in the record is invented, so that whoever asks may sign in as one of them."""
    if not is_on_this_machine(request):
        return False
    async with reading(engine()) as session:
        return await is_sample(session)
