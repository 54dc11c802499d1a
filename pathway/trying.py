"""How `pathway policy try` says what would differ: a summary first, then groups, then each concern."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Protocol, TypeVar

from config.time import say_instant
from flows.foresight.comparing import Happens, Heard, Letters
from flows.foresight.foreseen import Does
from flows.foresight.trial import Moved
from flows.foresight.trying import Change, Tried
from pathway.printing import say, table

MEANS = (
    "Clocks that already run stay with the policy they were opened under: going live moves none of them. What follows "
    "is how each open task would stand had it been opened under the new policy, and what the next {weeks} weeks would "
    "then hold if nobody acted. Tasks opened from then on follow the new policy."
)
SHOWN = 12  # of one group; --json has them all
WAYS = ("earlier", "later", "no longer in these weeks", "only then in these weeks")
WHAT = {"due": "due", "acknowledge": "to be acknowledged by", "lapse": "lapses"}
BY_ITSELF = {
    Does.REFERRAL_SENT.value: "the referral is sent",
    Does.DISPUTED.value: "a disagreement opens, stage {stage}",
    Does.STEPPED_UP.value: "the disagreement goes to stage {stage}",
}


class Differs(Protocol):
    """Something that would be at another time."""

    @property
    def old(self) -> datetime | None: ...  # noqa: D102  # under the policy in force; None: not in these weeks
    @property
    def new(self) -> datetime | None: ...  # noqa: D102  # under the new one; the same


T = TypeVar("T", bound=Differs)


def print_tried(tried: Tried, file: str) -> None:
    """Print the diff."""
    for line in summary(tried, file):
        say(line)
    for change in tried.changes:
        say(_change(change))
    if not nothing_changes(tried):
        say(f"\n{MEANS.format(weeks=tried.weeks)}")
        _group("Deadlines", tried.compared.moved, _deadline_group, _deadline)
        _group("Who hears that a task is overdue", tried.compared.heard, _hearing_group, _hearing)
        _group("What happens by itself", tried.compared.happens, _happening_group, _happening)
        _print_letters(letters(tried))


def nothing_changes(tried: Tried) -> bool:
    """Whether no concern and nobody's letters differ."""
    return not tried.compared.differing and not letters(tried)


def letters(tried: Tried) -> list[Letters]:
    """Those who would have more letters or fewer, the greatest difference first."""
    found = [one for one in tried.compared.letters.values() if one.old != one.new]
    return sorted(found, key=lambda one: (-abs(one.new - one.old), one.email))


def summary(tried: Tried, file: str) -> list[str]:
    """What would differ, in a few lines."""
    beside = f" {tried.elsewhere:,} of them are in areas that it does not apply to." if tried.elsewhere else ""
    whole = f"{file}: of {_count(tried.open, 'open concern')}, "
    if nothing_changes(tried):
        return [f"{whole}nothing would change.{beside}"]
    differ = len(tried.compared.differing)
    found = [f"{whole}{differ:,} would differ in the next {tried.weeks} weeks if nobody acts.{beside}"]
    referrals = [one for one in tried.compared.happens if one.what == Does.REFERRAL_SENT]
    for name, rows in (
        ("Deadlines", [one for one in tried.compared.moved if one.what == "due"]),
        ("People who first hear that a task is overdue", tried.compared.heard),
        ("Referrals that go by themselves", referrals),
        ("Disagreements and their stages", [one for one in tried.compared.happens if one not in referrals]),
    ):
        if rows:
            found.append(f"  {name}: {_ways(rows)}")
    return [*found, *_letters_summary(tried)]


def _letters_summary(tried: Tried) -> list[str]:
    theirs = letters(tried)
    if not theirs:
        return []
    more, every = sum(one.new > one.old for one in theirs), tried.compared.letters.values()
    new, old = sum(one.new for one in every), sum(one.old for one in every)
    total = f"{new:,} letters about these concerns rather than {old:,}"
    return [f"  Letters: {_count(more, 'person', 'people')} with more, {len(theirs) - more:,} with fewer; {total}"]


def _ways(rows: Sequence[Differs]) -> str:
    counted = Counter(_way(one) for one in rows)
    return ", ".join(f"{counted[way]:,} {way}" for way in WAYS if counted[way])


def _way(one: Differs) -> str:
    if one.old is None or one.new is None:
        return WAYS[2] if one.new is None else WAYS[3]
    return WAYS[0] if one.new < one.old else WAYS[1]


def _change(change: Change) -> str:
    said = [f"{name}: {old} -> {new}" for name, old, new in change.figures]
    said += [f"ladder of {_plain(kind)}" for kind in change.ladders] + change.besides
    head = f"Area {change.area}, which follows {change.instead_of}"
    return f"{head}: {'; '.join(said) or 'the same in every figure and ladder'}"


def _group(title: str, rows: Sequence[T], of: Callable[[T], str], lines: Callable[[T], Iterable[str]]) -> None:
    if not rows:
        return
    say(f"\n{title}")
    groups: dict[str, list[T]] = defaultdict(list)
    for one in rows:
        groups[of(one)].append(one)
    for name, held in sorted(groups.items()):
        say(f"  {name}: {_ways(held)}")
        for line in (line for one in held[:SHOWN] for line in lines(one)):
            say(f"    {line}")
        if len(held) > SHOWN:
            say(f"    and {len(held) - SHOWN:,} more; --json has them all")


def _deadline_group(one: Moved) -> str:
    return f"{one.figure or WHAT[one.what]}, {_plain(one.kind)}, {one.area}"


def _deadline(one: Moved) -> Iterable[str]:
    yield f"{one.concern}  {_plain(one.kind)}, owed by {_plain(one.role)}: {WHAT[one.what]} {_turn(one)}"
    if one.new_because:
        yield f"    was {one.old_because}"
        yield f"    now {one.new_because}"


def _hearing_group(one: Heard) -> str:
    return f"{_plain(one.kind)}, {_plain(one.role)}, {one.area}"


def _hearing(one: Heard) -> Iterable[str]:
    yield f"{one.concern}  {one.name}: {_turn(one)}"


def _happening_group(one: Happens) -> str:
    return f"{BY_ITSELF[one.what].format(stage=one.stage)}, {one.area}"


def _happening(one: Happens) -> Iterable[str]:
    yield f"{one.concern}  {_turn(one)}"


def _turn(one: Differs) -> str:
    old, new = (say_instant(at) if at else "not in these weeks" for at in (one.old, one.new))
    return f"{old} -> {new}"


def _print_letters(theirs: Sequence[Letters]) -> None:
    say("")
    rows = [(one.name, str(one.old), str(one.new), f"{one.new - one.old:+}") for one in theirs[: 2 * SHOWN]]
    table("Letters", ("person", "now", "new", "difference"), rows, "Nobody would have more letters, or fewer.")
    if len(theirs) > len(rows):
        say(f"and {len(theirs) - len(rows):,} more; --json has them all")


def as_answer(tried: Tried) -> dict[str, Any]:
    """The whole diff for programs."""
    compared = tried.compared
    return {
        "policy": tried.key,
        "at": tried.at.isoformat(),
        "weeks": tried.weeks,
        "open": tried.open,
        "elsewhere": tried.elsewhere,
        "differing": sorted(compared.differing),
        "changes": [asdict(one) for one in tried.changes],
        "deadlines": [_row(one) for one in compared.moved],
        "hears": [_row(one) for one in compared.heard],
        "by_itself": [_row(one) for one in compared.happens],
        "letters": [asdict(one) for one in letters(tried)],
    }


def _row(one: Moved | Heard | Happens) -> dict[str, Any]:
    times = {name: at.isoformat() if (at := getattr(one, name)) else None for name in ("old", "new")}
    task = {"task_id": str(one.task_id)} if isinstance(one, Moved) else {}
    return {**asdict(one), **times, **task, "way": _way(one)}


def _count(n: int, one: str, many: str = "") -> str:
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def _plain(word: str) -> str:
    return word.replace("_", " ")
