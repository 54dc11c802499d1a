"""Who looks at a page: from the cookie to a viewer with roles and reach; and what a page needs to look at a concern."""

from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request, Response

from config.settings import settings
from config.time import now, wall
from models.access import SignIn
from models.case import concern_called
from models.database import engine, reading, writing
from models.errors import NotFound
from models.looks import Seen, note_looks
from models.people import Person, Role
from models.reach import Sight, Viewer, sight_of, viewer_for
from models.record import Concern
from models.sessions import LONGEST, STALE, is_live, seen_again, session_of


class SignInNeeded(Exception):
    """Nobody is signed in here, or no longer; `person_id` is whose session it was, when that is known."""

    def __init__(self, person_id: UUID | None = None) -> None:
        self.person_id = person_id
        super().__init__("sign in")


class NotYours(Exception):
    """The page is none of this person's; it may not even be said whether what it asks for exists."""


def cookie_name() -> str:
    """The session cookie's name: bound to this host where the connection is secure (RFC 6265bis, `__Host-`)."""
    return "__Host-pathway" if is_secure() else "pathway"


def is_secure() -> bool:
    """Whether browsers come over HTTPS."""
    return settings().base_url.startswith("https://")


def give_cookie(response: Response, token: str) -> None:
    """Put a session's token into the browser."""
    response.set_cookie(
        cookie_name(),
        token,
        max_age=int(LONGEST.total_seconds()),
        httponly=True,
        secure=is_secure(),
        samesite="lax",
        path="/",
    )


def take_cookie(response: Response) -> None:
    """Take it away again."""
    response.delete_cookie(cookie_name(), httponly=True, secure=is_secure(), samesite="lax", path="/")


async def signed_in(request: Request) -> Viewer:
    """The viewer of this request; raises SignInNeeded. `request.state.sign_in` is their session's row."""
    token = request.cookies.get(cookie_name())
    if not token:
        raise SignInNeeded
    async with reading(engine()) as session:
        found = await session_of(session, token)
        if found is None:
            raise SignInNeeded
        sign_in, person = found
        viewer = await viewer_for(session, person, now())
    if not is_live(sign_in, wall()) or _has_left(person, viewer):
        raise SignInNeeded(person.id)
    await _still_there(sign_in)
    request.state.sign_in, request.state.viewer = sign_in, viewer
    return viewer


def _has_left(person: Person, viewer: Viewer) -> bool:
    return person.left_on is not None and person.left_on <= viewer.day


async def _still_there(sign_in: SignIn) -> None:
    at = wall()
    if at - sign_in.seen_at > STALE:
        async with writing(engine()) as session:
            await seen_again(session, sign_in, at)


Viewing = Annotated[Viewer, Depends(signed_in)]


def only(*roles: Role) -> Callable[..., Awaitable[Viewer]]:
    """A dependency: the viewer, who must act in one of these roles today; raises NotYours."""

    async def check(viewer: Viewing) -> Viewer:
        if not viewer.roles & set(roles):
            raise NotYours
        return viewer

    return check


def instant() -> datetime:
    """This instant (UTC), read once a request."""
    return now()


Now = Annotated[datetime, Depends(instant)]


async def concern_for(viewer: Viewer, reference: str, least: Sight = Sight.WHOLE) -> tuple[Concern, Sight]:
    """The concern of that reference, when the viewer may see at least so much of it.

    Raises NotYours for a reference that leads nowhere as for one out of reach: an address tells nobody what exists.
    """
    async with reading(engine()) as session:
        try:
            concern = await concern_called(session, reference)
        except NotFound:
            raise NotYours from None
        sight = await sight_of(session, viewer, concern)
    if sight < least:
        raise NotYours
    return concern, sight


async def looked(viewer: Viewer, page: str, seen: Iterable[Seen], at: datetime) -> None:
    """Write the access log: to be called before the page is answered."""
    rows = list(seen)
    if rows:
        async with writing(engine()) as session:
            await note_looks(session, viewer, page, rows, at)
