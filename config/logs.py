"""Logs: one JSON line each, with ids, references and counts only. Never a person's details, nor an error's text.

Our own lines have a fixed `action` and keys of an allow list. Lines of libraries keep their logger, level and place in
the code, and lose their text: an IntegrityError prints the row it could not write. To be set up before Prefect is
imported, which then leaves the root logger alone.
"""

import json
import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any, TextIO
from uuid import UUID

import structlog

OURS = ("pathway", "web", "flows", "notifications", "models", "config")
KEYS = frozenset(
    {"action", "level", "timestamp", "logger", "where", "error", "incident", "args"}
    | {"flow", "slot", "task", "event", "concern", "referral", "delivery", "person", "run", "ids", "letter"}
    | {"count", "counts", "seconds", "pid", "port", "kind", "state", "outcome", "status"}
)
REDACTED = "redacted"
# Ids, references, instants, class names, places in the code: words without spaces and without an at sign.
SAFE = re.compile(r"[\w.:/+,=#-]{0,200}")


def logger(name: str) -> Any:
    """A structured logger for the module `name`: `log.info("flow_ended", flow="refer", seconds=1.2)`."""
    return structlog.wrap_logger(
        logging.getLogger(name),
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.processors.EventRenamer("action"),
            redact,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
    )


def redact(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: drops every key that is not on the list, and every text that could be prose."""
    return {key: safe_value(value) for key, value in event.items() if key in KEYS}


def safe_value(value: object) -> Any:
    """The value as JSON may show it: numbers, ids and instants as they are, other texts as `redacted`."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {safe_value(str(key)): safe_value(one) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [safe_value(one) for one in value]
    return _safe_text(value)


def _safe_text(value: object) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    text = str(value.value) if isinstance(value, Enum) else str(value) if isinstance(value, str | UUID) else REDACTED
    return text if SAFE.fullmatch(text) else REDACTED


class SafeFormatter(logging.Formatter):
    """One JSON line a record. What did not come through `logger` loses its text, and keeps where it was said."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        known = record.msg if isinstance(record.msg, Mapping) else {**_said(record), **_where(record)}
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        return json.dumps({"timestamp": at, **known})


def _said(record: logging.LogRecord) -> dict[str, Any]:
    # The text of our own calls is a constant (ruff's G rules see to that); what is put into it may be anything.
    if record.name.partition(".")[0] not in OURS:
        return {"action": "library"}
    return {"action": str(record.msg), "args": safe_value(record.args or ())}


def _where(record: logging.LogRecord) -> dict[str, Any]:
    error = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else None
    where = {"level": record.levelname.lower(), "logger": record.name, "where": f"{record.module}:{record.lineno}"}
    return {**where, "error": error} if error else where


def set_up_logs(level: str = "INFO", stream: TextIO | None = None) -> None:
    """Send our lines from `level` on, and libraries' warnings, to `stream` (standard error); twice changes nothing."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(SafeFormatter())
    logging.root.handlers[:] = [handler]
    logging.root.setLevel(logging.WARNING)
    for package in OURS:
        logging.getLogger(package).setLevel(level)
