"""What a person at the command line is told when the record cannot be used, and what no error may say."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlmodel import select

from models.database import make_engine, writing
from models.record import Observation
from pathway.unavailable import AGAIN, troubles, why
from tests import people

FULL = OperationalError("INSERT", None, sqlite3.OperationalError("database or disk is full"))


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (FULL, f"the record cannot be used now (database or disk is full); {AGAIN}"),
        (DBAPIError("SELECT", None, Exception("the database system is starting up")), "is starting up"),
        (ConnectionRefusedError(111, "Connection refused"), "Connection refused"),
        (OSError(errno.ENOSPC, "No space left on device"), "No space left on device"),
    ],
)
def test_a_record_in_trouble_is_one_line(error: Exception, said: str) -> None:
    """Full, gone or unreachable: the person hears so in one line, and that doing it again is safe."""
    assert isinstance(error, troubles())
    told = why(error)
    assert told is not None
    assert said in told
    assert "\n" not in told


@pytest.mark.parametrize(
    "error",
    [IntegrityError("INSERT", None, sqlite3.IntegrityError("UNIQUE")), FileNotFoundError(errno.ENOENT, "no such file")],
)
def test_a_mistake_of_ours_is_not_blamed_on_the_record(error: Exception) -> None:
    """What trying again would not mend stays a failure that shows where it happened."""
    assert why(error) is None


async def test_an_error_of_the_record_does_not_say_what_was_to_be_written(tmp_path: Path) -> None:
    """SQLAlchemy's errors print what a statement was given: here that is a child's own words."""
    engine = make_engine(f"sqlite+aiosqlite:///{tmp_path / 'empty.db'}")
    with pytest.raises(DBAPIError) as caught:
        async with writing(engine) as session:
            await session.exec(select(Observation).where(Observation.what == people.CHILD_WORDS))
    await engine.dispose()
    assert people.CHILD_WORDS not in str(caught.value)
