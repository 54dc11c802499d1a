"""The sign-in page itself, shown by the door and by whatever page finds that nobody is signed in any more."""

from collections.abc import Mapping

from fastapi import Request
from starlette.responses import HTMLResponse

from config.settings import settings
from web.answers import Typed, one
from web.questions import Question
from web.rendering import page

EMAIL = Question("email", "E-mail address", "line", kind="email", autocomplete="username")
PASSWORD = Question("password", "Password", "line", kind="password", autocomplete="current-password")
QUESTIONS = (EMAIL, PASSWORD)
LONGEST_ADDRESS = 500
NOBODY: Typed = {}


def sign_in_page(
    request: Request,
    *,
    typed: Typed = NOBODY,
    wrong: Mapping[str, str] | None = None,
    next_page: str = "",
    carry: str = "",
    why: str = "",
    sample: bool = False,
    status: int = 200,
) -> HTMLResponse:
    """The page that asks for e-mail address and password; `why` says in a word why it is shown.

    `sample`: everybody in the record is invented, and may be tried without a password.
    """
    return page(
        request,
        "signing/door",
        status=status,
        email=one(typed, "email"),
        wrong=dict(wrong or {}),
        questions=QUESTIONS,
        next=local(next_page),
        carry=carry,
        why=why,
        sample=sample,
        single=single_name(),
    )


def local(address: str) -> str:
    """The address when it leads to a page of ours, else nothing: no host, no scheme, nothing a browser mends."""
    plain = address.isprintable() and address.isascii() and "\\" not in address and len(address) <= LONGEST_ADDRESS
    return address if plain and address.startswith("/") and not address.startswith("//") else ""


def single_name() -> str:
    """What people call the single sign-on provider; empty where there is none."""
    return settings().oidc_name if settings().oidc_issuer else ""
