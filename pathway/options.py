"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from config.errors import BadInput

As = Annotated[str, Parameter(name="--as", help="The e-mail address of the person who does this.")]
Json = Annotated[bool, Parameter(name="--json", negative="", help="Print JSON.")]
Reason = Annotated[str, Parameter(help="Why; it stands in the history.")]
Form = Annotated[
    Path | None,
    Parameter(
        name="--file", allow_leading_hyphen=True, help="A YAML file with the fields; a dash reads standard input."
    ),
]
LONGEST = 20_000


def given(reason: str) -> str:
    """A reason that says something; raises BadInput for an empty or an endless one."""
    if not reason.strip():
        raise BadInput("reason", "is missing")
    if len(reason) > LONGEST:
        raise BadInput("reason", f"is longer than {LONGEST:,} characters")
    return reason.strip()
