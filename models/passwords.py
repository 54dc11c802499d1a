"""Passwords: which are good enough, and how they are kept: Argon2id (RFC 9106), which takes a guesser time and memory.

What makes a password good is its length. There are no rules about capitals and digits, and none expires, as NIST
SP 800-63B section 5.1.1.2 and the National Cyber Security Centre advise.
"""

import asyncio
import re
import unicodedata
from collections.abc import Iterable

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 12
LONGEST = 200
ADVICE = "Three or four words that do not belong together are good"
# OWASP's figures of equal strength; these take a twentieth of a second on a small server.
_HASHER = PasswordHasher(time_cost=1, memory_cost=47_104, parallelism=1)
# Made with the figures above of a text nobody kept: whoever has no account is refused no faster than who has.
NOBODYS = "$argon2id$v=19$m=47104,t=1,p=1$+EMM5gzcjc8Q8pPJKcg79g$wEOF9VrJhRvw7pA1X2kBu4Zc48h8Pt+elmGFzFQQX78"
# What people choose first, from the lists of those that were broken most.
_COMMON = """
    password passw0rd p@ssword p@ssw0rd pass welcome letmein admin administrator login changeme secret qwerty
    qwertyuiop qwertyui asdfgh asdfghjkl zxcvbn zxcvbnm abc abcd iloveyou football liverpool arsenal chelsea
    manchester monkey dragon sunshine princess school teacher safeguarding summer winter spring autumn england
    derby derbyshire pathway neglect neglectpathway headteacher
"""
COMMON = frozenset(_COMMON.split())
ROWS = ("abcdefghijklmnopqrstuvwxyz", "01234567890123456789", "qwertyuiopasdfghjklzxcvbnm")


async def hash_password(password: str) -> str:
    """What is kept of a password; in a thread, because it takes its time."""
    return await asyncio.to_thread(_HASHER.hash, _one_form(password))


async def is_password(kept: str | None, password: str) -> bool:
    """Whether that is the password; where none is kept it takes as long to say no."""
    return await asyncio.to_thread(_verify, kept, _one_form(password))


def _verify(kept: str | None, password: str) -> bool:
    try:
        _HASHER.verify(kept or NOBODYS, password)
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None


def _one_form(password: str) -> str:
    """The same letters, however a keyboard sends them; cut where no password of ours ends."""
    return unicodedata.normalize("NFKC", password)[: LONGEST + 1]


def fault(password: str, about: Iterable[str] = ()) -> str | None:
    """Why that password will not do, None when it will; `about` is what others know: name and e-mail address."""
    if len(password) < SHORTEST:
        return f"Use {SHORTEST} characters or more. {ADVICE}"
    if len(password) > LONGEST:
        return f"Use {LONGEST} characters or fewer"
    if _is_known(password, about):
        return f"Choose one that is not made of your name or e-mail address, which others know. {ADVICE}"
    if _is_common(password):
        return f"Choose another: this is one of those that are tried first. {ADVICE}"
    return None


def _letters(text: str) -> str:
    return re.sub(r"[\W_]", "", text.casefold())


def _is_known(password: str, about: Iterable[str]) -> bool:
    """Whether fewer than eight characters are left when what is known of the person is taken out."""
    left = _letters(password)
    known = {part for text in about for part in [_letters(text), *map(_letters, re.split(r"[\W_]+", text))]}
    for part in sorted(known, key=len, reverse=True):
        left = left.replace(part, "") if len(part) > 2 else left
    return left != _letters(password) and len(left) < 8


def _is_common(password: str) -> bool:
    plain = _letters(password)
    word = plain.strip("0123456789")
    in_a_row = any(plain in row * 3 or plain in row[::-1] * 3 for row in ROWS)
    return not plain or word in COMMON or in_a_row or _repeats(plain) or _repeats(word)


def _repeats(text: str) -> bool:
    """Whether it is a short piece again and again: `aaaaaaaaaaaa`, `abcabcabcabc`, `passwordpassword`."""
    sizes = range(1, min(len(text) // 2, 9) + 1)
    return any(text == (text[:size] * len(text))[: len(text)] for size in sizes)
