"""Who calls: from the Authorization header to a viewer with today's reach, narrowed to what the key was made for.

Cookies are never looked at, so that no other site can have a browser call. Keys live by the wall clock.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from config.time import now, wall
from models.access import ApiKey, Scope
from models.api_keys import STALE, is_live, key_of, used_again
from models.database import engine, reading, writing
from models.errors import NotPermitted
from models.reach import Viewer, viewer_for
from web.api.problems import Refused

PER_MINUTE = 600
bearer = HTTPBearer(
    scheme_name="personal_key",
    auto_error=False,
    description="A personal key, made under “Your account”. It reaches what its owner reaches today.",
)


@dataclass(frozen=True)
class Caller:
    """Whoever's key it is, as a viewer; the instant of the request, read once."""

    viewer: Viewer
    key: ApiKey
    at: datetime


@cache
def limiter() -> MovingWindowRateLimiter:
    """Counts the requests of this process, key by key."""
    return MovingWindowRateLimiter(MemoryStorage())


async def calling(
    request: Request, given: Annotated[HTTPAuthorizationCredentials | None, Security(bearer)] = None
) -> Caller:
    """The caller; raises Refused (401, 429)."""
    if given is None:
        raise Refused("sign-in", headers={"WWW-Authenticate": "Bearer"})
    at, today = now(), wall()
    async with reading(engine()) as session:
        found = await key_of(session, given.credentials)
        if found is None or not is_live(found[0], today):
            raise _unknown()
        key, person = found
        viewer = await viewer_for(session, person, at)
    if person.left_on is not None and person.left_on <= viewer.day:
        raise _unknown()
    _must_not_hurry(key)
    await _was_used(key, today)
    only = frozenset(UUID(one) for one in key.settings) or None
    return Caller(replace(viewer, only=only), key, at)


def _unknown() -> Refused:
    return Refused("sign-in", headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})


def _must_not_hurry(key: ApiKey) -> None:
    allowed = RateLimitItemPerMinute(PER_MINUTE)
    if not limiter().hit(allowed, str(key.id)):
        free_at = limiter().get_window_stats(allowed, str(key.id)).reset_time
        raise Refused("too-many", headers={"Retry-After": str(max(1, round(free_at - wall().timestamp())))})


async def _was_used(key: ApiKey, at: datetime) -> None:
    if key.used_at is None or at - key.used_at > STALE:
        async with writing(engine()) as session:
            await used_again(session, key, at)


def holding(scope: Scope) -> Callable[..., Awaitable[Caller]]:
    """A dependency: the caller, whose key has this scope; to manage they must be an administrator today."""

    async def check(caller: Annotated[Caller, Depends(calling)]) -> Caller:
        if scope.value not in caller.key.scopes:
            told = f'Bearer error="insufficient_scope", scope="{scope.value}"'
            raise Refused("scope", f"This needs the scope {scope.value}.", {"WWW-Authenticate": told})
        if scope == Scope.MANAGE and not caller.viewer.is_administrator:
            raise NotPermitted("only an administrator may do this")
        return caller

    return check


Reader = Annotated[Caller, Depends(holding(Scope.READ))]
Recorder = Annotated[Caller, Depends(holding(Scope.RECORD))]
Manager = Annotated[Caller, Depends(holding(Scope.MANAGE))]
