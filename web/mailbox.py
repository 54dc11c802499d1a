"""The local mailbox as a page: what would have been sent, where no mail server is configured.

A letter is shown as its plain text, which says the same as its HTML; only links to these pages can be followed.
"""

import asyncio
import re
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request
from starlette.responses import Response

from config.settings import settings
from notifications.kept_letters import KeptLetter, letter_numbered, newest_letters
from web.rendering import page
from web.trying import mailbox_is_here
from web.viewing import NotYours

MOST = 100
_LINK = re.compile(r"https?://[^\s<>\"]+")


def must_be_here(request: Request) -> None:
    """Raise NotYours unless letters are kept here, and this machine asks."""
    if not mailbox_is_here(request):
        raise NotYours


router = APIRouter(dependencies=[Depends(must_be_here)])


@router.get("/mailbox")
async def mailbox(request: Request) -> Response:
    """The newest letters."""
    letters, count = await asyncio.to_thread(newest_letters, settings().home, MOST)
    rows = [{"number": one.number, "sent": _sent(one), "to": one.to, "subject": one.subject} for one in letters]
    return page(request, "trying/mailbox", rows=rows, letters=count)


@router.get("/mailbox/{number}")
async def letter(request: Request, number: Annotated[int, Path(ge=1, le=10**9)]) -> Response:
    """One letter."""
    found = await asyncio.to_thread(letter_numbered, settings().home, number)
    if found is None:
        raise NotYours
    return page(request, "trying/letter", letter=found, sent=_sent(found), parts=list(_parts(found.text)))


def _sent(one: KeptLetter) -> datetime | None:
    try:
        return parsedate_to_datetime(one.date)
    except ValueError:
        return None


def _parts(text: str) -> list[dict[str, Any]]:
    """The text in pieces, those that lead to a page of ours with where they lead."""
    parts: list[dict[str, Any]] = []
    start = 0
    for found in _LINK.finditer(text):
        address = found[0].rstrip(".,;:)")
        if not address.startswith(f"{settings().base_url}/"):
            continue
        parts += [{"text": text[start : found.start()]}, {"text": address, "href": address}]
        start = found.start() + len(address)
    return [*parts, {"text": text[start:]}]
