"""The referral as a document, beside the page that the front door reads. It holds the child's details.

It lies in PATHWAY_HOME/referrals, readable by its owner alone, and never travels by e-mail.
"""

from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from jinja2 import Environment, PackageLoader, StrictUndefined
from sqlmodel.ext.asyncio.session import AsyncSession

from config.time import say_day, say_instant
from flows.server import write_whole
from models.record import Concern
from models.referral_content import referral_content


@cache
def _template() -> Any:
    loader = PackageLoader("templates", "referral")
    # Markdown for people to read: nothing renders it as HTML, so nothing is escaped.
    environment = Environment(loader=loader, undefined=StrictUndefined, trim_blocks=True, autoescape=False)  # noqa: S701
    environment.filters |= {"instant": say_instant, "day": say_day}
    return environment.get_template("referral.md")


async def write_referral(session: AsyncSession, concern_id: UUID, folder: Path) -> Path | None:
    """Write the concern's newest referral to `folder`/<reference>.md; None when it has none."""
    concern = await session.get_one(Concern, concern_id)
    content = await referral_content(session, concern)
    if content is None:
        return None
    path = folder / f"{concern.reference}.md"
    write_whole(path, _template().render(content))
    return path
