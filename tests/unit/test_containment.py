"""Containment: nothing of an error goes further than its class and an id."""

from __future__ import annotations

import asyncio
import inspect
import traceback
from datetime import datetime

import httpx
import pytest

from config.errors import BadInput
from config.instants import read_day
from flows import containment
from flows.containment import PrefectLost, SafeError, contained, watch

CHILD = "Amira Haddad"


class Log:
    """Keeps what is logged."""

    def __init__(self) -> None:
        self.lines: list[dict[str, str]] = []

    def error(self, action: str, **fields: str) -> None:
        """One line."""
        self.lines.append({"action": action, **fields})


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Log:
    """What containment logs."""
    kept = Log()
    monkeypatch.setattr(containment, "log", kept)
    return kept


@contained("refer")
async def write(reference: str, at: datetime | None = None) -> dict[str, int]:
    """A flow body which fails with a child's name in the error, and in that error's cause."""
    if reference == "NC-2026-00001":
        return {"written": 1}
    try:
        raise KeyError(CHILD)
    except KeyError as error:
        raise ValueError(f"{CHILD} was cold") from error


async def failing(reference: str = "NC-2026-00002") -> SafeError:
    """The error that leaves the body."""
    try:
        await write(reference)
    except SafeError as error:
        return error
    raise AssertionError("it did not fail")


async def test_an_error_leaves_as_its_class_and_an_id(log: Log) -> None:
    """The text is the class name and the id under which the log has it."""
    error = await failing()
    assert error.kind == "ValueError"
    assert str(error) == f"ValueError:{log.lines[0]['incident']}"


async def test_an_error_leaves_alone(log: Log) -> None:
    """No cause, no context, no note: whatever prints or pickles it finds no name."""
    error = await failing()
    assert error.__cause__ is None
    assert error.__context__ is None
    assert CHILD not in "".join(traceback.format_exception(error))


async def test_the_log_has_no_text_of_the_error(log: Log) -> None:
    """Class, id and flow; not what the error said."""
    await failing()
    assert log.lines[0]["error"] == "ValueError"
    assert log.lines[0]["flow"] == "refer"
    assert CHILD not in str(log.lines)


async def test_a_result_passes(log: Log) -> None:
    """What goes well is untouched, and nothing is logged."""
    assert await write("NC-2026-00001") == {"written": 1}
    assert not log.lines


async def test_an_error_of_a_task_keeps_its_id(log: Log) -> None:
    """A task's error passes through its flow as it is: one id, one line in the log."""

    @contained("flow")
    async def flow() -> None:
        await write("NC-2026-00002")

    with pytest.raises(SafeError) as raised:
        await flow()
    assert [line["incident"] for line in log.lines] == [str(raised.value).partition(":")[2]]


async def test_a_lost_prefect_is_told_apart(log: Log) -> None:
    """An error of reaching Prefect, met in a body, is no failure of the work."""

    @contained("flow")
    async def flow() -> None:
        raise httpx.ConnectError("All connection attempts failed")

    with pytest.raises(PrefectLost, match="ConnectError:"):
        await flow()


async def test_cancellation_passes() -> None:
    """Being stopped is no failure."""

    @contained("flow")
    async def flow() -> None:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await flow()


async def test_how_the_outermost_body_ended_is_known(log: Log) -> None:
    """Whoever started it knows the result even when Prefect fails afterwards; a task's end is not taken for it."""
    seen: list[bool] = []

    @contained("flow")
    async def flow() -> dict[str, int]:
        done = await write("NC-2026-00001")
        seen.append(finish.done)
        return done

    finish = watch()
    await flow()
    assert (seen, finish.done, finish.result, finish.failure) == ([False], True, {"written": 1}, None)


async def test_the_failure_of_the_outermost_body_is_known(log: Log) -> None:
    """The same for an error; a task's error that its flow went on after is none."""

    @contained("flow")
    async def flow() -> None:
        await failing()

    finish = watch()
    await flow()
    assert finish.failure is None
    finish = watch()
    error = await failing()
    assert finish.failure is error
    assert not finish.done


def test_prefect_sees_the_parameters_of_the_body() -> None:
    """Names and types are evaluated, although this module postpones annotations and containment has no such names."""
    parameters = inspect.signature(write).parameters
    assert parameters["reference"].annotation is str
    assert parameters["at"].annotation == (datetime | None)


def test_the_place_is_a_line_of_ours() -> None:
    """The log says which line of the program raised it, by a path from the root."""
    with pytest.raises(BadInput) as raised:
        read_day("soon", "day")
    assert containment.place(raised.value).startswith("config/instants.py:")


def test_a_place_outside_the_program_is_not_named() -> None:
    """Paths of other programs are none of the log's business."""
    assert containment.place(ValueError("never raised")) == "library"
