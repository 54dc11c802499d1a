"""Reading a policy file piece by piece: each refusal names the file, the line and the key, and what would be right."""

from collections.abc import Collection, Mapping
from datetime import date
from difflib import get_close_matches
from typing import Any

from config.errors import BadInput, PolicyError
from config.instants import read_day
from config.yaml_file import KeyPath, Lines


class Reader:
    """One value of a policy file and where it stands; going inwards gives readers of its parts."""

    def __init__(self, value: Any, lines: Lines, path: KeyPath = ()) -> None:
        self.value = value
        self.lines = lines
        self.path = path

    def refuse(self, message: str) -> PolicyError:
        """The error for this value: `mine.yaml line 12, column 5: figures.dsl_decision_due.unit: …`."""
        key = ".".join(map(str, self.path))
        return PolicyError(f"{self.lines.say(self.path)}: {key + ': ' if key else ''}{message}")

    def part(self, key: str | int) -> "Reader":
        """A reader of one part; of None when it is missing."""
        among = self.value
        inside = key in among if isinstance(among, dict) else isinstance(key, int) and key < len(among)
        return Reader(among[key] if inside else None, self.lines, (*self.path, key))

    def mapping(self, known: Collection[str] | None = None, needed: Collection[str] = ()) -> dict[str, "Reader"]:
        """Its parts by key; refuses keys that are not `known` (naming the nearest) and missing `needed` ones."""
        if not isinstance(self.value, dict):
            raise self.refuse(f"must be a list of keys and values, not {shown(self.value)}")
        for key in self.value:
            if known is not None and key not in known:
                raise self.part(key).refuse(f"there is no such key{nearest(key, known)}")
        for key in needed:
            if key not in self.value:
                raise self.refuse(f"{key} is missing")
        return {key: self.part(key) for key in self.value}

    def items(self) -> list["Reader"]:
        """The readers of a list's items."""
        if not isinstance(self.value, list):
            raise self.refuse(f"must be a list, not {shown(self.value)}")
        return [self.part(index) for index in range(len(self.value))]

    def text(self, *, blank: bool = False) -> str:
        """One line of text; blank only where that is allowed."""
        value = "" if self.value is None and blank else self.value
        if not isinstance(value, str) or not (blank or value.strip()):
            raise self.refuse(f"must be text, not {shown(self.value)}")
        if not value.isprintable() or len(value) > 300:
            raise self.refuse("must be one line of at most 300 characters")
        return value.strip()

    def choice(self, among: Collection[str]) -> str:
        """One of a few words."""
        if self.value not in among:
            raise self.refuse(f"must be one of {', '.join(among)}, not {shown(self.value)}")
        return str(self.value)

    def whole(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`."""
        if isinstance(self.value, bool) or not isinstance(self.value, int):
            raise self.refuse(f"must be a whole number, not {shown(self.value)}")
        if not low <= self.value <= high:
            raise self.refuse(f"must be from {low} to {high}, not {self.value}")
        return self.value

    def day(self) -> date:
        """A day such as 2026-09-01."""
        try:
            return read_day(self.value, "")
        except BadInput as error:
            raise self.refuse(error.message) from None


def nearest(word: str, known: Collection[str] | Mapping[str, Any]) -> str:
    """`; did you mean …?`, or the list of what there is when nothing comes near and the list is short."""
    near = get_close_matches(word, list(known), n=1)
    if near:
        return f"; did you mean {near[0]}?"
    return f"; there are {', '.join(known)}" if len(known) <= 30 else ""


def shown(value: object) -> str:
    """A value as it may be quoted in one line."""
    kind = {dict: "keys and values", list: "a list", type(None): "nothing"}.get(type(value))
    text = repr(value)
    return kind or (text if len(text) <= 60 else f"{text[:57]}...")
