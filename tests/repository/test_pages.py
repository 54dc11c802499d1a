"""Pages: every address that answers with a page is walked through in a real browser, in every state we know of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.acceptance.browser.states import NO_PAGE, WALKED
from web.api import __name__ as api
from web.app import PARTS, first


def _routes(router: Any) -> Iterator[tuple[str, frozenset[str]]]:
    """The addresses of a router and of those it includes, with their methods."""
    for route in router.routes:
        if hasattr(route, "methods"):
            yield route.path, frozenset(route.methods or ())
        else:
            yield from _routes(route.original_router)


def _addresses() -> set[str]:
    pages = [part.router for part in PARTS if not part.__name__.startswith(api)]
    return {path for router in (first, *pages) for path, methods in _routes(router) if "GET" in methods}


def test_every_page_is_walked_through() -> None:
    """A page that is new is seen by axe, on a narrow screen and with large text, or it says why not."""
    assert not sorted(_addresses() - WALKED - set(NO_PAGE))


def test_nothing_is_walked_that_is_gone() -> None:
    """The list of states and the exceptions name pages that there are."""
    assert not sorted((WALKED | set(NO_PAGE)) - _addresses() - {""})
