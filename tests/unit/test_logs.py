"""Logs: one JSON line each, ids and counts only, whatever the program or its libraries say."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from config.logs import OURS, logger, safe_value, set_up_logs

CHILD = "Amira Haddad"
ID = UUID("5f0c7a52-2f9a-4b5b-9d5b-0a8f0f6f6f11")


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """What is written; logging is as before afterwards."""
    handlers, level = logging.root.handlers[:], logging.root.level
    levels = {name: logging.getLogger(name).level for name in OURS}
    written = io.StringIO()
    set_up_logs(stream=written)
    yield written
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)
    for name, was in levels.items():
        logging.getLogger(name).setLevel(was)


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    """The lines, read."""
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_has_an_action_and_ids(stream: io.StringIO) -> None:
    """The first word is the action; ids, references, instants and counts are shown as they are."""
    at = datetime(2026, 3, 2, 10, tzinfo=UTC)
    logger("flows.running").info("flow_ended", flow="refer", ids=[ID], concern="NC-2026-00042", slot=at, count=3)
    (line,) = lines(stream)
    assert line["action"] == "flow_ended"
    assert line["logger"] == "flows.running"
    assert (line["flow"], line["ids"], line["concern"], line["count"]) == ("refer", [str(ID)], "NC-2026-00042", 3)
    assert line["slot"] == at.isoformat()


def test_unknown_keys_are_dropped(stream: io.StringIO) -> None:
    """What is not on the list does not reach the log, whatever it holds."""
    logger("flows").warning("slipped", child="Amira", what="wet clothes")
    assert set(lines(stream)[0]) == {"timestamp", "action", "level", "logger"}


@pytest.mark.parametrize("value", [CHILD, "amira@oakfield.example", object(), b"Amira", "x" * 201, {"a b": 1}])
def test_prose_is_redacted(value: object) -> None:
    """A text with spaces or an at sign, or a thing nobody expected, is not shown."""
    shown = json.dumps(safe_value(value))
    assert "redacted" in shown
    assert "Amira" not in shown


def test_a_library_loses_its_text(stream: io.StringIO) -> None:
    """A database's error quotes the row it could not write: only logger, level, class and place are kept."""
    try:
        raise ValueError(f"the row of {CHILD} is there already")
    except ValueError:
        logging.getLogger("sqlalchemy.engine").exception("cannot write %s", CHILD)
    (line,) = lines(stream)
    assert (line["action"], line["logger"], line["error"]) == ("library", "sqlalchemy.engine", "ValueError")
    assert line["where"].startswith("test_logs:")
    assert CHILD not in stream.getvalue()


def test_our_own_text_is_kept_and_its_values_are_not(stream: io.StringIO) -> None:
    """A plain logging call of ours has a constant text; what it puts in is shown only when it is an id."""
    logging.getLogger("flows.sweeping").error("task %s could not lapse: %s", ID, CHILD)
    (line,) = lines(stream)
    assert line["action"] == "task %s could not lapse: %s"
    assert line["args"] == [str(ID), "redacted"]


def test_only_warnings_of_libraries_are_kept(stream: io.StringIO) -> None:
    """Ours are kept from INFO on."""
    logging.getLogger("apscheduler.scheduler").info("Added job")
    logger("flows").info("flow_ended")
    assert [line["action"] for line in lines(stream)] == ["flow_ended"]


def test_setting_up_twice_writes_once(stream: io.StringIO) -> None:
    """The second set-up takes the place of the first."""
    set_up_logs(stream=stream)
    logger("flows").info("flow_ended")
    assert len(lines(stream)) == 1
