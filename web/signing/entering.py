"""Coming in: a new session for this browser, and the page that somebody was on the way to."""

from datetime import datetime
from urllib.parse import quote

from fastapi import Request
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.responses import RedirectResponse, Response

from config.time import wall
from models.access import Door
from models.deeds import note_deed
from models.people import Person
from models.sessions import begin_session, end_session, session_of
from web.signing.asking import local
from web.signing.carrying import set_down
from web.viewing import cookie_name, give_cookie


async def begin(session: AsyncSession, request: Request, person: Person, how: str, at: datetime) -> str:
    """Begin a session in this browser, in place of whatever session it had; returns the cookie's token."""
    await leave(session, request)
    note_deed(session, Door.SIGNED_IN, person, at, person.id, how=how)
    return await begin_session(session, person, how, request.headers.get("user-agent", ""), wall())


async def leave(session: AsyncSession, request: Request) -> Person | None:
    """End the session that this browser has; returns whose it was, None when it had none that still counted."""
    found = await session_of(session, request.cookies.get(cookie_name(), ""))
    if found is None or found[0].ended_at is not None:
        return None
    await end_session(session, found[0].id, wall())
    return found[1]


async def come_back(session: AsyncSession, person: Person, next_page: str, carry: str) -> str:
    """Where they go: the form whose text was carried, the page they asked for, or their first one."""
    form = await set_down(session, carry, person.id) if carry else None
    return f"{quote(form)}?done=back" if form else local(next_page) or "/"


def let_in(token: str, address: str) -> Response:
    """The answer to whoever has shown both factors."""
    answer = RedirectResponse(address, 303)
    give_cookie(answer, token)
    return answer
