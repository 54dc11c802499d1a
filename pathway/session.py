"""What every command needs: the database that is there, files to read, and the engine put away at the end."""

import asyncio
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

from config.errors import BadInput, SettingsError
from config.settings import settings
from config.yaml_file import Lines, read_yaml
from models.database import engine
from models.schema import is_there

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a command's work to its end."""

    async def whole() -> T:
        try:
            return await work
        finally:
            if engine.cache_info().currsize:
                await engine().dispose()

    return asyncio.run(whole())


async def is_initialised() -> bool:
    """Whether the record has been made."""
    on_disk = settings().database_url is None
    return not (on_disk and not (settings().home / "pathway.db").exists()) and await is_there(engine())


async def record_is_there() -> None:
    """Raise SettingsError, telling what to do, unless the record has been made."""
    if not await is_initialised():
        raise SettingsError(f"PATHWAY_HOME: no record in {settings().home}; run `pathway init` first")


def read_fields(file: Path | None) -> tuple[dict[str, Any], Lines]:
    """The fields of a form from a YAML file, from standard input (a dash), or none at all."""
    if file is None:
        return {}, Lines("form", {})
    value, lines = read_yaml(sys.stdin.read() if str(file) == "-" else file, _name(file))
    if value is None:
        return {}, lines
    if not isinstance(value, dict):
        raise BadInput(lines.say(), "a form is `field: value` lines")
    return value, lines


def _name(file: Path) -> str:
    return "standard input" if str(file) == "-" else file.name


def placed(error: BadInput, lines: Lines) -> BadInput:
    """The error with the place in the file where its field stands; `as` stands on the command line."""
    if error.field == "as":
        return error
    path = [int(part) if part.isdigit() else part for part in str(error.field).split(".")]
    place = lines.say(path)
    return BadInput(f"{place}: {error.field}" if place else error.field, error.message)
