"""The installation's own secret: it signs links and encrypts what must be read back, such as a second factor's seed.

PATHWAY_SECRET_KEY, or a file made at first use in PATHWAY_HOME, readable by its owner alone. Where several machines
serve one record, all must be given the same.
"""

import base64
import hashlib
import hmac
import os
import secrets
from functools import cache
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from config.settings import settings

FILE = "secret.key"


class NotOurs(Exception):
    """A signature or a cipher text that this installation did not make, or that is too old."""


def digest(token: str) -> str:
    """The SHA-256 by which a token of ours is kept (hexadecimal)."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_token() -> str:
    """A token nobody can guess, fit for a cookie, a link or a header."""
    return secrets.token_urlsafe(32)


def sign(purpose: str, text: str) -> str:
    """A signature of `text`, good for that purpose only; fit for a link."""
    made = hmac.new(_key(f"sign {purpose}"), text.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(made).decode().rstrip("=")


def is_signed(purpose: str, text: str, signature: str) -> bool:
    """Whether this installation signed `text` for that purpose."""
    return hmac.compare_digest(sign(purpose, text).encode(), signature.encode())


def seal(purpose: str, text: str) -> str:
    """`text` encrypted for that purpose; fit for a column or a form's hidden field."""
    return _fernet(purpose).encrypt(text.encode()).decode()


def unseal(purpose: str, sealed: str, seconds: int | None = None) -> str:
    """What was sealed, at most `seconds` ago when given; raises NotOurs."""
    try:
        return _fernet(purpose).decrypt(sealed.encode(), ttl=seconds).decode()
    except (InvalidToken, ValueError):
        raise NotOurs(purpose) from None


def _fernet(purpose: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(_key(f"seal {purpose}")))


def _key(purpose: str) -> bytes:
    return hmac.new(_secret(settings().home.absolute(), _given()), purpose.encode(), hashlib.sha256).digest()


def _given() -> str | None:
    told = settings().secret_key
    return told.get_secret_value() if told else None


@cache
def _secret(home: Path, given: str | None) -> bytes:
    return given.encode() if given else _from_file(home / FILE)


def _from_file(file: Path) -> bytes:
    """The file's content; made whole under another name first, so that two programs that start at once agree."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not file.exists():
        draft = file.with_name(f"{FILE}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as new:
            new.write(new_token())
        try:
            os.link(draft, file)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return file.read_bytes().strip()
