"""Kinds of field that forms and rosters are made of, and filling a form so that what is wrong is one clear sentence.

Texts are at most 20,000 characters, lines 200. Days and instants are read as `config.time` reads them.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Annotated, Any, TypeVar
from unicodedata import category

from pydantic import AfterValidator, BaseModel, BeforeValidator, EmailStr, Field, StringConstraints, ValidationError

from config.errors import BadInput
from config.time import read_day, read_instant

T = TypeVar("T", bound=BaseModel)


def read_by(reader: Callable[[Any, str], object], *, keep: bool = False) -> BeforeValidator:
    """A validator from a reader of `config`: its BadInput becomes a ValueError, to which pydantic adds the field.

    `keep`: the value stays as it was written, and is only checked.
    """

    def read(value: object) -> object:
        try:
            found = reader(value, "")
        except BadInput as error:
            raise ValueError(error.message) from None
        return value if keep else found

    return BeforeValidator(read)


def _yes_or_why(value: object) -> object:
    """A bare yes may come as true; a bare no gives no reason, and a reason is what is asked."""
    if value is True:
        return "yes"
    if value is False or (isinstance(value, str) and value.strip().casefold() in {"no", "false"}):
        raise ValueError("say yes, or why the parents were not informed")
    return value


def _storable(value: str) -> str:
    if "\0" in value:
        raise ValueError("holds a character that no text may hold")
    return value


def _one_line(value: str) -> str:
    """No line break of any script and no control character: what is one line here is one line in a letter's header."""
    if any(category(sign) in ("Cc", "Zl", "Zp") for sign in value):
        raise ValueError("must be one line, without line breaks or control characters")
    return value


def _no_truth(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("must be a number")
    return value


def _lower(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


Text = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000), AfterValidator(_storable)
]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(_one_line)]
Key = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80), AfterValidator(_one_line)]
Term = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40), AfterValidator(_one_line)]
Email = Annotated[EmailStr, BeforeValidator(_lower)]
Informed = Annotated[Text, BeforeValidator(_yes_or_why)]
Day = Annotated[date, read_by(read_day)]
Instant = Annotated[datetime, read_by(read_instant)]
Grade = Annotated[int, Field(ge=1, le=5), BeforeValidator(_no_truth)]
Level = Annotated[int, Field(ge=1, le=4), BeforeValidator(_no_truth)]


def fill(form: type[T], fields: Mapping[str, Any]) -> T:
    """The filled form; raises BadInput naming the first wrong field and what would be right."""
    try:
        return form.model_validate(dict(fields))
    except ValidationError as error:
        raise first_wrong(error, form) from None


def first_wrong(error: ValidationError, form: type[BaseModel], place: int = 0) -> BadInput:
    """The first thing pydantic found, or that at `place`, as a sentence. No text is repeated: it may be a child's."""
    first = error.errors(include_url=False, include_input=False)[place]
    field = ".".join(str(part) for part in first["loc"])
    if first["type"] == "missing":
        return BadInput(field, "is missing")
    if first["type"] == "extra_forbidden":
        known = f"; the fields are {', '.join(form.model_fields) or 'none'}" if len(first["loc"]) == 1 else ""
        return BadInput(field, f"is not a field here{known}")
    message = first["msg"].removeprefix("Value error, ")
    if not field:  # a rule about several fields begins with the one to mend
        field, _, message = message.partition(": ")
    return BadInput(field, message[:1].lower() + message[1:])
