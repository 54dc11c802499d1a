"""A policy file: one YAML file a partnership, checked whole before any of it is used.

The file is the first version. Each entry of `changes` is a later one that says only what is different from its
`in_force_from` on; keys are merged, lists and single figures are replaced.
"""

from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

from config.errors import BadInput, PolicyError
from config.policy import Area, Policy
from config.policy_parts import (
    read_areas,
    read_channel,
    read_contacts,
    read_figures,
    read_instruments,
    read_labels,
    read_ladders,
)
from config.policy_reader import Reader
from config.yaml_file import KeyPath, Lines, read_yaml

NEEDED = ("key", "name", "in_force_from", "channel", "figures", "ladders")
CHANGEABLE = ("channel", "figures", "ladders", "contacts", "areas", "labels", "instruments", "extra_holidays")


def read_policy(path: Path) -> list[Policy]:
    """The versions in a policy file, oldest first; raises PolicyError naming file, line and key."""
    return _read(path, path.name)


def parse_policy(text: str, file: str) -> list[Policy]:
    """The versions in a policy's text, oldest first; `file` is what errors call it. Raises PolicyError."""
    return _read(text, file)


def versions_written(text: str, file: str) -> list[dict[str, Any]]:
    """Each version in a policy's text, whole and as it would be written, oldest first; raises PolicyError."""
    try:
        value, lines = read_yaml(text, file)
    except BadInput as error:
        raise PolicyError(str(error)) from None
    return [dict(one.value) for one in _versions(Reader(value, lines))]


def _read(source: Path | str, file: str) -> list[Policy]:
    try:
        value, lines = read_yaml(source, file)
    except BadInput as error:
        raise PolicyError(str(error)) from None
    policies = [_policy(one) for one in _versions(Reader(value, lines))]
    for number, (before, after) in enumerate(pairwise(policies)):
        if after.in_force_from <= before.in_force_from:
            place = Reader(value, lines).part("changes").part(number).part("in_force_from")
            raise place.refuse(f"must be after {before.in_force_from}, the version before it")
    return policies


def _versions(whole: Reader) -> Iterator[Reader]:
    """The file as it stands in each version, every part still knowing the line it was written on."""
    whole.mapping(dict.fromkeys((*NEEDED, *CHANGEABLE, "changes")), NEEDED)
    value = {key: part for key, part in whole.value.items() if key != "changes"}
    lines = whole.lines
    yield Reader(value, lines)
    for change in whole.part("changes").items() if "changes" in whole.value else ():
        change.mapping(("in_force_from", *CHANGEABLE), ("in_force_from",))
        value = _merged(value, change.value)
        depth = len(change.path)
        written: dict[KeyPath, tuple[int, int]] = {
            path[depth:]: place for path, place in lines.places.items() if path[:depth] == change.path
        }
        lines = Lines(lines.name, {**lines.places, **written})
        yield Reader(value, lines)


def _merged(old: Any, new: Any) -> Any:
    # A figure is replaced whole: a new value beside the old source would claim what nobody said.
    if not (isinstance(old, dict) and isinstance(new, dict)) or "value" in old:
        return new
    return {**old, **{key: _merged(old.get(key), value) for key, value in new.items()}}


def _policy(whole: Reader) -> Policy:
    parts = whole.mapping()
    name, channel = parts["name"].text(), read_channel(parts["channel"])
    figures = read_figures(parts["figures"])
    contacts = read_contacts(whole.part("contacts"))
    elsewhere = Area("", name, channel, contacts)
    return Policy(
        key=_key(parts["key"]),
        name=name,
        in_force_from=parts["in_force_from"].day(),
        figures=figures,
        ladders=read_ladders(parts["ladders"], figures),
        labels=read_labels(whole.part("labels")),
        elsewhere=elsewhere,
        areas=read_areas(whole.part("areas"), elsewhere, figures),
        instruments=read_instruments(whole.part("instruments")),
        extra_holidays=_days(whole.part("extra_holidays")),
    )


def _key(reader: Reader) -> str:
    key = reader.text()
    if not key.replace("-", "").isalnum() or not key.isascii() or key != key.lower() or len(key) > 80:
        raise reader.refuse(f"must be small letters, digits and hyphens, not {key!r}")
    return key


def _days(reader: Reader) -> tuple[date, ...]:
    return tuple(one.day() for one in reader.items()) if reader.value is not None else ()
