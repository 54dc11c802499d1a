"""The second factor: a code of six digits that changes every half minute (TOTP, RFC 6238), and codes that stand in.

It is about clocks people carry, so it lives in real time: `wall` is the wall clock.
"""

import hmac
import secrets
from datetime import datetime
from uuid import UUID

import pyotp

from config.secret import digest

ISSUER = "Neglect Pathway"
SECONDS = 30
CODES = 10
# Crockford's letters and digits: none is taken for another. Sixteen of them are eighty bits.
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 16


def new_seed() -> str:
    """A seed for somebody's authenticator, as it is typed."""
    return pyotp.random_base32()


def seed_address(seed: str, email: str) -> str:
    """What the picture says that an authenticator reads."""
    return pyotp.TOTP(seed).provisioning_uri(name=email, issuer_name=ISSUER)


def in_fours(text: str, between: str = " ") -> str:
    """A long word in groups of four, to be typed by hand."""
    return between.join(text[at : at + 4] for at in range(0, len(text), 4))


def step_of(seed: str, code: str, wall: datetime) -> int | None:
    """The half minute whose code that is: this one, the one before or the one after; None when it is none of them.

    A clock may be half a minute out (RFC 6238, section 5.2).
    """
    now = int(wall.timestamp()) // SECONDS
    typed = "".join(code.split()).encode()
    if not seed:
        return None
    made = pyotp.TOTP(seed)
    near = {step: made.at(step * SECONDS).encode() for step in (now, now - 1, now + 1)}
    return next((step for step, right in near.items() if hmac.compare_digest(right, typed)), None)


def new_codes() -> list[str]:
    """Ten codes, each of which stands in once for the authenticator."""
    return [in_fours("".join(secrets.choice(LETTERS) for _ in range(LENGTH)), "-") for _ in range(CODES)]


def code_digest(person_id: UUID, code: str) -> str:
    """What is kept of a recovery code: eighty bits of chance cannot be guessed back from their SHA-256.

    It is of no installation's secret on purpose: when that is lost, these are the way back in.
    """
    plain = "".join(one for one in code.upper() if one.isalnum())
    for wrong, right in (("O", "0"), ("I", "1"), ("L", "1")):
        plain = plain.replace(wrong, right)
    return digest(f"{person_id}:{plain}")


def is_recovery_code(code: str) -> bool:
    """Whether somebody typed a recovery code rather than the six digits."""
    return sum(one.isalnum() for one in code) > 8
