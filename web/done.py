"""What a page says after something was done: `?done=word` in the address, a sentence here; never anybody's words."""

from collections.abc import Mapping
from types import MappingProxyType

DONE: Mapping[str, str] = MappingProxyType(
    {
        "signed-out": "You are signed out.",
        "saved": "Your draft is kept. You can come back to it whenever you like.",
    }
)
