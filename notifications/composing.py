"""Composing letters: from a delivery and its facts to the message that is posted.

Templates see plain words only (`words`), never a row of the record: what is not among the words cannot be leaked.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from email.utils import format_datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, TemplateError, select_autoescape

from config.settings import settings
from models.telling import Delivery
from notifications.facts import Facts
from notifications.letters import LETTERS
from notifications.mime import Attached, Message, write
from notifications.words import NotNeeded, words

FOLDER = Path(__file__).resolve().parent.parent / "templates" / "email"
PARTS = ("subject.txt", "body.txt", "body.html")
_BLANK_LINES = re.compile(r"\n(?:[ \t]*\n){2,}")
# What a slip in a template or a row that is gone raises; one letter's trouble must not hold up the others.
COMPOSING_FAILS = (TemplateError, LookupError, ValueError, TypeError, AttributeError)

__all__ = ["COMPOSING_FAILS", "NotNeeded", "compose", "environment", "render"]


@cache
def environment() -> Environment:
    """The templates' environment: HTML is escaped, a word that is not there is an error."""
    return Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=select_autoescape(["html"], default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


@cache
def _template(name: str) -> Template:
    return environment().get_template(name)


def render(letter: str, said: Mapping[str, Any]) -> tuple[str, str, str]:
    """A letter's subject, text and HTML from its words."""
    subject, text, html = (_template(f"{letter}/{part}").render(said) for part in PARTS)
    return " ".join(subject.split()), _BLANK_LINES.sub("\n\n", text).strip() + "\n", html.strip() + "\n"


def compose(delivery: Delivery, facts: Facts, attached: Attached | None = None) -> Message:
    """The letter of one delivery, ready to post. Raises NotNeeded with the reason when it need not go any more.

    A line break in an address raises ValueError: no header can be smuggled in.
    """
    subject, text, html = render(delivery.letter, words(delivery, facts))
    headers = {
        "From": settings().mail_from,
        "Subject": subject,
        "Date": _date(facts.at),
        "Message-ID": delivery.message_id,
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "X-Pathway-Letter": delivery.letter,
    }
    if delivery.urgent or LETTERS[delivery.letter].urgent:
        headers |= {"Importance": "high", "X-Priority": "1"}
    return write(facts.people[delivery.person_id].email, headers, text, html, delivery.id.hex, attached)


@cache
def _date(at: datetime) -> str:
    return format_datetime(at)
