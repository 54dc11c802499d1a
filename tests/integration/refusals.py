"""What is refused: the exact sentence, and a record that is as it was before."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.driver import Driver


@asynccontextmanager
async def refused(driver: Driver, error: type[BaseException], said: str) -> AsyncIterator[None]:
    """What is done inside is refused with exactly this sentence, and no row of any table changes.

    A sentence that ends in `…` may go on.
    """
    before = await driver.dump()
    with pytest.raises(error) as caught:
        yield
    text = str(caught.value)
    assert (text[: len(said) - 1] + "…" if said.endswith("…") else text) == said
    assert "\n" not in text
    assert await driver.dump() == before
