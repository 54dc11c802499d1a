"""What a page says after something was done: `?done=word` in the address, a sentence here; never anybody's words."""

from collections.abc import Mapping
from types import MappingProxyType

DONE: Mapping[str, str] = MappingProxyType(
    {
        "signed-out": "You are signed out.",
        "referral-acknowledged": "You have acknowledged the referral. The referrer is told.",
        "referral-decided": "Your decision is recorded. The referrer is told now.",
        "question-asked": "Your question is recorded. The referrer is told now, and answers here.",
        "saved": "Your draft is kept. You can come back to it whenever you like.",
    }
)
