"""Policies of the tests' own, made from the shipped ones."""

from __future__ import annotations

from importlib.resources import files


def _shipped() -> str:
    return files("config").joinpath("policies/england-default.yaml").read_text("utf-8")


def with_channel(channel: str) -> tuple[str, str]:
    """Key and text of England's default policy for Derby, where the front door takes referrals by `channel`."""
    derby = f"areas: {{derby: {{name: Derby, channel: {channel}, contacts: {{}}, overrides: {{}}}}}}\n"
    lines = [derby if line.startswith("areas:") else line for line in _shipped().splitlines(keepends=True)]
    return "testshire", "".join(lines).replace("key: england-default", "key: testshire")


def with_change(day: str, figure: str) -> tuple[str, str]:
    """Key and text of a policy for Derby, one figure of which (`name: {…}`) is another from a day on."""
    key, text = with_channel("secure_link")
    kept = text[: text.index("\nchanges:")]
    return key, f"{kept}\nchanges:\n  - in_force_from: {day}\n    figures:\n      {figure}\n"
