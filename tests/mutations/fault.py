"""What a fault is, and what became of one that was planted."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Edit:
    """One exact replacement in one file; `old` must stand there exactly once."""

    file: str
    old: str
    new: str


@dataclass(frozen=True)
class Fault:
    """A fault in the field's own words, how it is planted, and the tests chosen to catch it.

    `journey`: whether the reconciler's journey is worth a run (a fault that only a test can see saves the time).
    """

    what: str
    edits: tuple[Edit, ...]
    tests: tuple[str, ...]
    journey: bool = True

    @property
    def files(self) -> str:
        """The files it is planted in."""
        return ", ".join(dict.fromkeys(edit.file for edit in self.edits))


def fault(what: str, file: str, old: str, new: str, *tests: str, journey: bool = True) -> Fault:
    """A fault of one replacement."""
    return Fault(what, (Edit(file, old, new),), tests, journey)


@dataclass(frozen=True)
class Caught:
    """What became of a planted fault: the first test that failed, the first finding of the reconciler.

    `reconciler` None: not asked. Empty texts: it said nothing.
    """

    number: int
    fault: Fault
    test: str
    reconciler: str | None
    seconds: float
    notes: list[str] = field(default_factory=list)

    @property
    def survived(self) -> bool:
        """Whether nobody noticed."""
        return not self.test and not self.reconciler
