"""YAML as people write it, with the line and column of everything: policies, rosters, observations, moves.

The plain half of YAML 1.2. Only `true` and `false` are booleans: `yes`, `no` and a field called `on` stay text. Days,
times and opening hours stay text until whoever knows the field reads them (08:50 is no number of minutes). A number
with a leading zero or a plus is text: a telephone number would lose it. Anchors, tags and doubled keys are refused.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from config.errors import BadInput

LIMIT = 20_000_000  # characters; a county's roster is a tenth of it
DEEPEST = 40  # nesting: the parser underneath would exhaust the stack on thousands
ABSENT = {"", "~", "null", "Null", "NULL"}
TRUTH = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,17})")
BROKEN = re.compile(r"-?(0|[1-9][0-9]{0,17})\.[0-9]{1,18}")
TEXT_TAGS = {"!", "tag:yaml.org,2002:str"}
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

KeyPath = tuple[str | int, ...]


@dataclass(frozen=True)
class Lines:
    """Where in a file each value stands: `places` maps its path of keys and indexes to (line, column) from 1."""

    name: str
    places: Mapping[KeyPath, tuple[int, int]]

    def say(self, path: Sequence[str | int] = ()) -> str:
        """`roster.yaml line 3, column 7` of the value at `path`, or of the nearest thing around it."""
        for length in range(len(path), -1, -1):
            if place := self.places.get(tuple(path[:length])):
                return f"{self.name} line {place[0]}, column {place[1]}"
        return self.name


def read_yaml(path_or_text: Path | str, name: str) -> tuple[Any, Lines]:
    """The one document in a file or a text, and where everything in it stands; None for an empty one.

    `name` is what errors call it. Raises BadInput: `name line 3, column 7: what is wrong`.
    """
    text = _read_text(path_or_text, name) if isinstance(path_or_text, Path) else path_or_text
    if len(text) > LIMIT:
        raise BadInput(name, f"longer than {LIMIT:,} characters")
    builder = _Builder(name)
    try:
        for event in yaml.parse(text.removeprefix("\ufeff"), Loader=LOADER):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        raise _malformed(name, error, text) from None
    except (yaml.YAMLError, UnicodeError):
        raise BadInput(_place_of_unprintable(name, text), "a character that no text may hold") from None
    return builder.value, Lines(name, builder.places)


def _read_text(path: Path, name: str) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise BadInput(name, "there is no such file") from None
    except OSError as error:
        raise BadInput(name, f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise BadInput(f"{name} line {line}", "not UTF-8 text; save the file as UTF-8") from None


def _malformed(name: str, error: yaml.MarkedYAMLError, text: str) -> BadInput:
    mark = error.problem_mark or error.context_mark
    place = f"{name} line {mark.line + 1}, column {mark.column + 1}" if mark else name
    problem = error.problem or "cannot be read"
    line = text.split("\n")[mark.line : mark.line + 1] if mark else []
    if line and line[0][: line[0].find(line[0].strip())].find("\t") >= 0:
        return BadInput(place, "not valid YAML: indent with spaces, not with a tab")
    context = f" ({error.context})" if error.context else ""
    return BadInput(place, f"not valid YAML: {problem}{context}")


def _place_of_unprintable(name: str, text: str) -> str:
    for number, line in enumerate(text.split("\n"), start=1):
        for column, character in enumerate(line, start=1):
            if not character.isprintable() and character not in "\t\r\x85\u2028\u2029\ufeff":
                return f"{name} line {number}, column {column}"
    return name


@dataclass
class _Builder:
    """Turns the parser's events into values, noting places; a stack, so that depth costs no recursion."""

    name: str
    value: Any = None
    places: dict[KeyPath, tuple[int, int]] = field(default_factory=dict)
    _open: list["_Open"] = field(default_factory=list)
    _documents: int = 0

    def take(self, event: Any) -> None:
        """Take the next event."""
        if isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                raise self._refused(event, "a second document; write one")
        elif isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise self._refused(event, "anchors and aliases (& and *) are not read; write it out")
        elif isinstance(event, yaml.ScalarEvent):
            self._scalar(event)
        elif isinstance(event, yaml.MappingStartEvent):
            self._begin(event, {})
        elif isinstance(event, yaml.SequenceStartEvent):
            self._begin(event, [])
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            self._open.pop()

    def _scalar(self, event: Any) -> None:
        parent = self._open[-1] if self._open else None
        if parent is None or not parent.awaits_key:
            self._put(event, self._meaning(event))
            return
        if event.implicit[0] and event.value in ABSENT:
            raise self._refused(event, "a key is missing before the colon")
        path = (*parent.path, event.value)
        if event.value in parent.container:
            raise self._refused(event, f"{event.value!r} is given twice, first on line {self.places[path][0]}")
        self.places[path] = _place(event)
        parent.key = event.value

    def _meaning(self, event: Any) -> object:
        text: str = event.value
        if event.tag is not None and event.tag not in TEXT_TAGS:
            raise self._refused(event, f"the tag {event.tag!r} is not read; leave it out")
        if not event.implicit[0] or event.tag is not None:
            return text
        if text in ABSENT:
            return None
        if WHOLE.fullmatch(text):
            return int(text)
        return float(text) if BROKEN.fullmatch(text) else TRUTH.get(text, text)

    def _begin(self, event: Any, container: Any) -> None:
        if event.tag is not None:
            raise self._refused(event, f"the tag {event.tag!r} is not read; leave it out")
        if len(self._open) == DEEPEST:
            raise self._refused(event, f"nested more than {DEEPEST} deep")
        if self._open and self._open[-1].awaits_key:
            raise self._refused(event, "a key must be plain text")
        self._open.append(_Open(self._put(event, container), container))

    def _put(self, event: Any, value: object) -> KeyPath:
        """Put a value where it belongs; its path."""
        if not self._open:
            self.value = value
            self.places[()] = _place(event)
            return ()
        parent = self._open[-1]
        path = (*parent.path, parent.put(value))
        self.places.setdefault(path, _place(event))
        return path

    def _refused(self, event: Any, message: str) -> BadInput:
        line, column = _place(event)
        return BadInput(f"{self.name} line {line}, column {column}", message)


@dataclass
class _Open:
    """A mapping or sequence whose end has not come yet."""

    path: KeyPath
    container: Any
    key: str | None = None

    @property
    def awaits_key(self) -> bool:
        """Whether the next scalar is a key."""
        return isinstance(self.container, dict) and self.key is None

    def put(self, value: object) -> str | int:
        """Add a value; the key or index it went to."""
        if isinstance(self.container, list):
            self.container.append(value)
            return len(self.container) - 1
        key, self.key = self.key or "", None
        self.container[key] = value
        return key


def _place(event: Any) -> tuple[int, int]:
    return event.start_mark.line + 1, event.start_mark.column + 1
