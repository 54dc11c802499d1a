"""Who may enter the office: administrators, who run the system and see no child."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from models.people import Role
from models.reach import Viewer
from web.viewing import NotYours, only

Keyholder = Annotated[Viewer, Depends(only(Role.ADMINISTRATOR))]
PAGE_OF = 50


def number(text: str) -> UUID:
    """The id in an address; raises NotYours for what is none."""
    try:
        return UUID(text)
    except ValueError:
        raise NotYours from None


def offset(text: str) -> int:
    """Where a list begins, from 0; anything that is no such number is its beginning."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
