"""`make mutations`: plant every fault of the list, one at a time, and see it caught.

    python -m tests.mutations [--list] [--only 3,7] [--jobs 2] [--committed] [--json FILE] [--markdown FILE]

In a copy of the tree, which must first be found whole: all chosen tests pass and the reconciler has nothing to say.
Exit code 1 when a fault survives, 2 when the list is no longer true or the copy is not whole.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue

from tests.mutations.catalogue import FAULTS
from tests.mutations.fault import Caught, Fault
from tests.mutations.planting import NotThere, Tree, copy_tree
from tests.mutations.table import as_json, document, line, summary
from tests.mutations.trying import CouldNotTry, run_tests, travel


def main() -> int:
    """Do what is asked; returns the exit code."""
    asked = _asked()
    chosen = [(number, fault) for number, fault in enumerate(FAULTS, start=1) if number in asked.only]
    if asked.list:
        say("\n".join(f"{number:3} {fault.what} ({fault.files})" for number, fault in chosen))
        return 0
    with tempfile.TemporaryDirectory(prefix="pathway-mutations-") as folder:
        try:
            caught = _plant_all(_copies(Path(folder), asked), chosen, asked)
        except (NotThere, CouldNotTry) as error:
            say(f"cannot go on: {error}")
            return 2
    say(summary(caught))
    if asked.json:
        asked.json.write_text(as_json(caught), "utf-8")
    if asked.markdown:
        asked.markdown.write_text(document(caught), "utf-8")
    return 1 if any(one.survived for one in caught) else 0


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutations", description=str(__doc__).partition("\n")[0])
    every = range(1, len(FAULTS) + 1)
    parser.add_argument("--only", type=_numbers, default=every, metavar="3,7", help="these faults alone")
    parser.add_argument("--list", action="store_true", help="print the faults and plant none")
    parser.add_argument("--committed", action="store_true", help="copy what is committed, not what lies here")
    parser.add_argument("--not-whole", dest="whole", action="store_false", help="do not try the copy without a fault")
    parser.add_argument("--no-journey", dest="journeys", action="store_false", help="tests alone, no reconciler")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="faults tried side by side, each in a copy")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write what was found as JSON as well")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write docs/mutations.md")
    return parser.parse_args()


def _numbers(text: str) -> list[int]:
    return [int(one) for one in text.split(",")]


def _copies(folder: Path, asked: argparse.Namespace) -> list[Tree]:
    """As many copies as faults are tried side by side: each has one fault at a time."""
    first = folder / "1"
    copy_tree(first, committed=asked.committed)
    others = [shutil.copytree(first, folder / str(number)) for number in range(2, asked.jobs + 1)]
    return [Tree(one) for one in (first, *others)]


def _plant_all(trees: list[Tree], chosen: Sequence[tuple[int, Fault]], asked: argparse.Namespace) -> list[Caught]:
    if asked.whole:
        _must_be_whole(trees[0], [fault for _, fault in chosen])
    free: SimpleQueue[Tree] = SimpleQueue()
    for tree in trees:
        free.put(tree)

    def plant(one: tuple[int, Fault]) -> Caught:
        tree = free.get()
        try:
            caught = _plant(tree, *one, journeys=asked.journeys)
        finally:
            free.put(tree)
        say(line(caught))
        return caught

    with ThreadPoolExecutor(len(trees)) as beside:
        return list(beside.map(plant, chosen))


def _must_be_whole(tree: Tree, faults: Sequence[Fault]) -> None:
    """A test that fails anyhow catches nothing, and neither does a reconciler that always complains."""
    began = time.monotonic()
    for fault in faults:
        with tree.planted(fault):
            pass
    travelled = travel(tree.root)
    if travelled != type(travelled)():
        raise CouldNotTry(f"without a fault the journey says: {travelled}")
    if failed := run_tests(tree.root, sorted({test for fault in faults for test in fault.tests})):
        raise CouldNotTry(f"without a fault {failed} fails")
    say(f"    without a fault nothing is found; {time.monotonic() - began:.0f} s")


def _plant(tree: Tree, number: int, fault: Fault, *, journeys: bool) -> Caught:
    began = time.monotonic()
    with tree.planted(fault), ThreadPoolExecutor(1) as beside:
        journey = beside.submit(travel, tree.root) if fault.journey and journeys else None
        test = run_tests(tree.root, fault.tests)
        travelled = journey.result() if journey else None
    found = None if travelled is None else next(iter(travelled.findings), "")
    notes = [f"ended red: {one}" for one in travelled.red[:1]] if travelled else []
    return Caught(number, fault, test, found, time.monotonic() - began, notes)


def say(text: str) -> None:
    """Lines for whoever started us, at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
