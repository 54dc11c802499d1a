"""How often one address may knock: on the sign-in pages, where somebody could try passwords one person after another.

Counted in this process alone, in a moving window: with several processes an address may knock so often at each.
Whoever guesses at one person is stopped by `models.attempts`, which counts in the record.
"""

import ipaddress
import math
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType

from fastapi import Request
from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from config.time import wall

# A school sits behind one address: many colleagues may come in at once, and each may be wrong twice.
RATES: Mapping[str, RateLimitItem] = MappingProxyType(
    {
        "sign-in": parse("60 per 10 minutes"),
        "code": parse("60 per 10 minutes"),
        "forgotten": parse("20 per hour"),
        "join": parse("60 per 10 minutes"),
        "account": parse("60 per 10 minutes"),
    }
)


class TooMany(Exception):
    """Too many attempts from one address; `seconds` until the next counts."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        super().__init__("too many attempts")


def within(what: str) -> Callable[[Request], Awaitable[None]]:
    """A dependency: raises TooMany when this browser's address has knocked here too often."""

    async def check(request: Request) -> None:
        limiter, rate, who = _limiter(request), RATES[what], (what, network(request))
        if not limiter.hit(rate, *who):
            again = limiter.get_window_stats(rate, *who).reset_time - wall().timestamp()
            raise TooMany(max(1, math.ceil(again)))

    return check


def _limiter(request: Request) -> MovingWindowRateLimiter:
    state = request.app.state
    if not hasattr(state, "limiter"):
        state.limiter = MovingWindowRateLimiter(MemoryStorage())
    limiter: MovingWindowRateLimiter = state.limiter
    return limiter


def network(request: Request) -> str:
    """The browser's address; of an IPv6 one the network, for whoever has one address of it has them all."""
    host = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    return host if address.version == 4 else str(ipaddress.ip_network((address, 64), strict=False))
