"""Turning a template and words into a page."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, PackageLoader, PrefixLoader, select_autoescape
from jinja2 import pass_context as with_context
from jinja2.loaders import ChoiceLoader
from jinja2.runtime import Context
from starlette.requests import Request
from starlette.responses import HTMLResponse

from config.settings import settings
from config.time import LONDON, now
from models.lifecycle import Status
from models.reach import Viewer
from web import saying
from web.done import DONE
from web.navigation import places_for
from web.questions import anchor, say_wrong

FOLDER = Path(__file__).resolve().parent.parent / "templates" / "pages"
LONG_AGO = datetime(1900, 1, 1, tzinfo=UTC)
STATIC = Path(__file__).resolve().parent / "static"


def page(
    request: Request, template: str, viewer: Viewer | None = None, *, status: int = 200, **words: Any
) -> HTMLResponse:
    """The page `templates/pages/<template>.html` filled with `words`, for `viewer` (None: nobody is signed in)."""
    zone = ZoneInfo(viewer.person.zone) if viewer else LONDON
    known: Mapping[str, Any] = {
        "viewer": viewer,
        "places": places_for(viewer, request.url.path) if viewer else [],
        "cspNonce": request.state.nonce,
        "static": f"/static/{assets_version()}",
        "at": now(),
        "zone": zone,
        "path": request.url.path,
        "frozen": settings().now is not None,
        "done": DONE.get(request.query_params.get("done", "")),
    }
    said = environment().get_template(f"{template}.html").render({**known, **words})
    return HTMLResponse(said, status)


@cache
def environment() -> Environment:
    """The pages' templates: HTML is escaped, and days and times are said in the reader's zone."""
    env = Environment(
        loader=ChoiceLoader(
            [
                FileSystemLoader(FOLDER),
                PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")}),
            ]
        ),
        autoescape=select_autoescape(["html"], default=False),
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    env.filters |= {
        "moment": _moment,
        "on_day": _on_day,
        "on_date": saying.on_date,
        "clock": _clock,
        "ago": _ago,
        "spoken": saying.spoken,
        "sentence": saying.sentence,
        "status_word": lambda status: saying.STATUSES[Status(status)],
        "say_move": saying.say_move,
        "say_type": lambda one: saying.TYPES.get(one, saying.sentence(saying.spoken(one))),
    }
    env.globals |= {"decision_word": _decision, "rule_word": _rule}
    env.globals |= {
        "count": saying.count,
        "say_role": saying.ROLES.__getitem__,
        "say_wrong": say_wrong,
        "anchor": anchor,
    }
    return env


def read_templates() -> None:
    """Read every template now: whoever asks first after a start waits no longer than others."""
    env = environment()
    for name in env.list_templates(extensions=["html"]):
        env.get_template(name)


def _decision(word: str) -> str:
    return saying.DECISIONS.get(word, saying.sentence(saying.spoken(word)))


def _rule(word: str) -> str:
    return saying.RULES.get(word, saying.spoken(word))


def _at(value: datetime | str) -> datetime:
    """An instant, or the ISO text of one, as models.views gives it."""
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def _now(context: Context) -> datetime:
    """What counts as today; on paper nothing does, for `tomorrow` is false the day after."""
    return LONG_AGO if context.get("paper") else context["at"]


@with_context
def _moment(context: Context, value: datetime | str | None) -> str:
    return saying.moment(_at(value), _now(context), context["zone"]) if value else ""


@with_context
def _on_day(context: Context, value: date | datetime | str | None) -> str:
    if not value:
        return ""
    today = _now(context).astimezone(context["zone"]).date()
    if isinstance(value, str) and len(value) == len("2026-03-02"):
        value = date.fromisoformat(value)
    if isinstance(value, datetime | str):
        value = _at(value).astimezone(context["zone"]).date()
    return saying.on_day(value, today)


@with_context
def _clock(context: Context, value: datetime | str) -> str:
    return saying.clock(_at(value), context["zone"])


@with_context
def _ago(context: Context, value: datetime | str) -> str:
    return saying.ago(_at(value), context["at"])


@cache
def assets_version() -> str:
    """The fingerprint of the built assets, part of their address; `none` where `make assets` has not run."""
    file = STATIC / "version.txt"
    return file.read_text("utf-8").strip() if file.exists() else "none"
