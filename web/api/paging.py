"""Pages of a list: `limit` and `after` in, the next page in the header Link out."""

from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Depends, Query, Request, Response

from models.listing import MOST, USUAL, Cut


def _cut(
    limit: Annotated[int, Query(ge=1, le=MOST, description="At most so many.")] = USUAL,
    after: Annotated[UUID | None, Query(description="The `next` of the page before.")] = None,
) -> Cut:
    return Cut(limit, after)


Cutting = Annotated[Cut, Depends(_cut)]


def listed(request: Request, response: Response, items: list[Any], after: UUID | None) -> dict[str, Any]:
    """The answer of a list; where there is more, the header Link leads to it."""
    if after is not None:
        asked = [pair for pair in request.query_params.multi_items() if pair[0] != "after"]
        following = f"{request.url.path}?{urlencode([*asked, ('after', str(after))])}"
        response.headers["Link"] = f'<{following}>; rel="next"'
    return {"items": items, "next": str(after) if after else None}
