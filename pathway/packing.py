"""The command that writes somebody's outage pack to a file, as encrypted as the one they are sent."""

import os
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from config.errors import BadInput
from config.time import now
from models.casework import person_signed
from models.database import engine, reading
from notifications.packing import BY_COMMAND, pack_of
from notifications.words import NotNeeded
from pathway.printing import say
from pathway.session import record_is_there, run


def add_to(app: App) -> None:
    """Add the command."""
    app.command(pack)


def pack(
    email: str, /, *, out: Annotated[Path, Parameter(help="The file to write; it must not be there yet.")]
) -> None:
    """Write somebody's outage pack: what is open that they owe or oversee, encrypted with their own passphrase.

    Parameters
    ----------
    email
        The reader. They make a passphrase on their account page; without one there is no pack.
    """
    run(_pack(email, out))


async def _pack(email: str, out: Path) -> None:
    await record_is_there()
    at = now()
    async with reading(engine()) as session:
        person = await person_signed(session, email, at, "email")
    try:
        content = await pack_of(engine(), person.id, at, BY_COMMAND)
    except NotNeeded as reason:
        raise BadInput("email", f"no pack for {person.email}: {reason}") from None
    _write(out, content)
    say(f"Written to {out}. It opens with the passphrase of {person.email} alone.")


def _write(out: Path, content: bytes) -> None:
    """The file, readable by its owner alone; one that is there already is left as it is."""
    try:
        with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
    except OSError as error:
        raise BadInput("out", f"{out} cannot be written: {error.strerror}") from None
