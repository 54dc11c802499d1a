"""Artifacts: the table an administrator sees beside a flow run. Ids, references and counts only."""

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from config.logs import logger, safe_value
from flows.containment import Contained

log = logger(__name__)


async def table(key: str, rows: Sequence[Mapping[str, Any]], description: str) -> None:
    """Leave `rows` with the flow run that is going on; outside one, nothing. Never fails.

    `key` is lower-case words with dashes ("check-deadlines"), the same for each run, so that Prefect shows its history;
    `description` is a fixed sentence. A value that could be prose is shown as `redacted`.
    """
    # Prefect that nobody imported has no flow run going on.
    if not rows or "prefect" not in sys.modules:
        return
    from prefect.artifacts import acreate_table_artifact
    from prefect.context import FlowRunContext

    if FlowRunContext.get() is None:
        return
    with Contained() as caught:
        shown = [{str(name): safe_value(value) for name, value in row.items()} for row in rows]
        await acreate_table_artifact(table=shown, key=key, description=description)
    if caught.error is not None:
        log.warning("artifact_lost", kind=key, error=type(caught.error).__name__)
