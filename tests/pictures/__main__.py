"""Takes the pictures in docs/pictures: the sample at one instant, phone and desktop, the same each time.

python -m tests.pictures [NAME…]      # all of them, or those named
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Browser

from tests.acceptance.browser.facts import Facts, signed_in_cookie
from tests.acceptance.browser.serving import Served, served
from tests.acceptance.browser.states import ADMIN, COORDINATOR, DSL, FRONT_DOOR, LEAD, NOBODY, TEACHER
from tests.acceptance.post import Post
from tests.acceptance.program import PREFECT_IS_DOWN, ROOT, Pathway, environment
from tests.acceptance.warm import warm
from tests.browser import DESK, PHONE, Visitor, browsing, visiting
from web.viewing import cookie_name

NOW = "2026-06-17T10:40"
FOLDER = ROOT / "docs" / "pictures"
NO_MAIL = {"PATHWAY_SMTP_HOST": "", "PATHWAY_SMTP_PORT": "", "PATHWAY_SMTP_TLS": ""}
SIZES = {"phone": PHONE, "desktop": DESK}
# The note that time stands still belongs to trying things out, not to the page.
_HIDE_NOTE = "() => { for (const one of document.querySelectorAll('.pathway-frozen')) one.hidden = true }"
_SHOW = "place => document.querySelector(place)?.scrollIntoView({ block: 'start' })"


@dataclass(frozen=True)
class Picture:
    """A page as `who` sees it at `path`; `steps` is done first, and the picture begins at `place` when it is given."""

    name: str
    who: str
    path: str
    steps: Callable[[Visitor], Awaitable[None]] | None = None
    place: str = ""


async def _write(visitor: Visitor) -> None:
    """A concern, half written."""
    await visitor.fill("At about what time?", "8:50")
    await visitor.fill("Where?", "classroom")
    await visitor.fill(
        "What did you see or hear?", "Came without a coat and wet through, and asked for the spare fruit."
    )
    await visitor.choose("The child said something")
    await visitor.fill("The child's own words", "Mum's just tired.")
    await visitor.choose("Physical: clothing, cleanliness, living conditions")


PICTURES = (
    Picture("sign-in", NOBODY, "/sign-in"),
    Picture("sample", NOBODY, "/sample"),
    Picture("letter", NOBODY, "/mailbox/{kept:task-opened}"),
    Picture("desk", DSL, "/desk"),
    Picture("log", TEACHER, "/log/{child:anika}", _write, "#what"),
    Picture("logged", TEACHER, "/log/done/{reference:anika}"),
    Picture("concern", DSL, "/concerns/{reference:tobias}"),
    Picture("chronology", DSL, "/concerns/{reference:tobias}", place="#chronology"),
    Picture("grades", DSL, "/concerns/{reference:mason}", place="#grades"),
    Picture("decision", DSL, "/tasks/{task:freya/dsl_review}"),
    Picture("review", LEAD, "/tasks/{task:sean/hold_review}/review"),
    Picture("tracker", COORDINATOR, "/tracker"),
    Picture("calendar", COORDINATOR, "/tracker/calendar"),
    Picture("capacity", COORDINATOR, "/tracker/capacity"),
    Picture("referral", FRONT_DOOR, "/referrals/{reference:lacey}/1"),
    Picture("watch", ADMIN, "/admin"),
)


class Camera:
    """Takes pictures of one served sample."""

    def __init__(self, browser: Browser, pages: Served) -> None:
        self._browser, self._pages = browser, pages
        self._facts = Facts(pages.pathway)

    async def take(self, picture: Picture, size: str) -> Path:
        """One picture; returns its file."""
        async with visiting(self._browser, self._pages.base, SIZES[size]) as visitor:
            if picture.who != NOBODY:
                token = await signed_in_cookie(self._pages.pathway.record, picture.who)
                await visitor.sign_in(cookie_name(), token, self._pages.base)
            await visitor.open(self._facts.path(picture.path))
            await visitor.page.evaluate(_HIDE_NOTE)
            if picture.steps is not None:
                await picture.steps(visitor)
            if picture.place:
                await visitor.page.evaluate(_SHOW, picture.place)
            file = FOLDER / f"{picture.name}-{size}.png"
            await visitor.page.screenshot(path=file, animations="disabled", caret="hide")
            return file


async def _take(pages: Served, names: Sequence[str]) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    async with browsing() as browser:
        camera = Camera(browser, pages)
        for picture in (one for one in PICTURES if not names or one.name in names):
            for size in SIZES:
                file = await camera.take(picture, size)
                sys.stdout.write(f"{file.relative_to(ROOT)}  {file.stat().st_size // 1000} kB\n")


def main(names: Sequence[str]) -> None:
    """Fill a sample in a home of its own, serve it, and take the pictures."""
    with tempfile.TemporaryDirectory() as folder, warm(Path(folder), ROOT, environment({})) as started:
        Pathway.warm = started
        pathway = Pathway(Path(folder) / "home", Post(), {"PREFECT_API_URL": PREFECT_IS_DOWN, **NO_MAIL})
        with served(pathway) as pages:
            pathway.ok("init", "--sample", now=NOW)
            pages.at(NOW)
            asyncio.run(_take(pages, names))


if __name__ == "__main__":
    main(sys.argv[1:])
