"""What people did and what they were told of it: the other side of the record, kept by those who used it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Outcome = Literal["acknowledged", "refused", "unknown"]


@dataclass
class Act:
    """One command of one person: an observation logged (`key` is the observation's) or a move made (… the task's id).

    `unknown`: it was killed or failed, and nobody told the person whether it counted.
    """

    what: Literal["log", "do"]
    key: str
    move: str
    who: str
    at: datetime
    fields: dict[str, Any]
    kind: str = ""
    outcome: Outcome = "unknown"
    answer: dict[str, Any] = field(default_factory=dict)
    said: str = ""
    pid: int = 0

    @property
    def reference(self) -> str:
        """The concern, as the program said it; empty unless acknowledged."""
        return str(self.answer.get("reference", ""))


@dataclass
class Ledger:
    """All acts, in the order in which they ended."""

    acts: list[Act] = field(default_factory=list)

    def note(self, act: Act) -> None:
        """Write an act down."""
        self.acts.append(act)

    def acknowledged(self, what: str) -> list[Act]:
        """What was said to be recorded."""
        return [act for act in self.acts if act.what == what and act.outcome == "acknowledged"]

    def missing(self) -> list[Act]:
        """Observations whose sender was never told a reference: they are sent again, under the same key."""
        told = {act.key for act in self.acknowledged("log")}
        last = {act.key: act for act in self.acts if act.what == "log" and act.outcome != "refused"}
        return [act for key, act in last.items() if key not in told]

    def counts(self) -> dict[str, int]:
        """How many acts of each kind ended how."""
        return dict(sorted(Counter(f"{act.what} {act.outcome}" for act in self.acts).items()))
