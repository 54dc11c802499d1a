"""Commands about policies: check a file, show one with its sources."""

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from config.policy import Policy, warnings
from config.policy_book import PolicyBook, shipped
from config.policy_file import read_policy
from config.time import now, to_london
from flows.foresight.trying import Tried, try_policy
from models.database import engine, reading
from models.policies import DEFAULT, policy_book, policy_text
from pathway.options import Json
from pathway.printing import as_json, progress, say, table
from pathway.session import is_initialised, record_is_there, run
from pathway.side_by_side import Beside, Years, as_rows, print_beside, side_by_side
from pathway.simulation import Year
from pathway.simulation.partnership import parts_of
from pathway.trying import as_answer, print_tried

app = App(name="policy", help="Validate a policy, or print one with the source of every figure.")


@app.command
def check(file: Path, /) -> None:
    """Validate a policy file: errors name file, key and line; warnings say what to confirm."""
    versions = read_policy(file)
    for policy in versions:
        say(f"{file.name}: {policy.key}, in force from {policy.in_force_from}: {len(policy.figures)} figures, valid")
    for warning in warnings(versions[-1]):
        say(f"Warning: {warning}")


@app.command
def show(name: str | None = None, /, *, json: Json = False) -> None:
    """Print a policy: every figure with unit, basis and source. Without a name, the default one.

    Parameters
    ----------
    name
        A shipped policy, or one this record was initialised with.
    """
    policy = run(_find(name))
    if json:
        figures = {key: vars_of(figure) for key, figure in policy.figures.items()}
        as_json({"key": policy.key, "in_force_from": policy.in_force_from, "figures": figures})
        return
    say(f"{policy.name} ({policy.key}), in force from {policy.in_force_from}")
    rows = [(key, str(f.value), f.unit, f"{f.basis} {f.standing()}", f.source) for key, f in policy.figures.items()]
    table("Figures", ("figure", "value", "unit", "basis", "source"), rows, "No figures.")
    for area in policy.areas.values():
        own = ", ".join(f"{key} {figure.value}" for key, figure in area.overrides.items()) or "none"
        say(f"Area {area.key}: channel {area.channel}; figures of its own: {own}")
    for warning in warnings(policy):
        say(f"Warning: {warning}")


@app.command(name="try")
def try_(
    file: Path,
    /,
    *,
    area: Annotated[str | None, Parameter(help="Only the open concerns of this area.")] = None,
    simulate: Annotated[bool, Parameter(negative="", help="Simulated years under both policies as well.")] = False,
    settings: Annotated[int, Parameter(help="How many settings to simulate.")] = Years.settings,
    weeks: Annotated[int, Parameter(help="How many weeks to simulate.")] = Years.weeks,
    seed: Annotated[int, Parameter(help="The seed: the same gives the same people and children.")] = Years.seed,
    json: Json = False,
) -> None:
    """Say what would change if a policy file went live: deadlines, who hears, referrals, letters. Writes nothing.

    Every open concern whose future can differ is lived through in memory for twelve weeks with nobody acting, under
    the policy in force and under the new one.
    """
    read_policy(file)
    text, years = file.read_text("utf-8"), Years(settings, weeks, seed)
    new = years.of(text, file.name) if simulate else None
    tried, in_force = run(_try(file.name, text, area))
    beside = _beside(years.of(in_force, "the policy in force"), new) if new else None
    if json:
        as_json(as_answer(tried) | ({} if beside is None else {"simulated": as_rows(beside)}))
        return
    print_tried(tried, file.name)
    if beside is not None:
        print_beside(beside, years, file.name)


async def _try(file: str, text: str, area: str | None) -> tuple[Tried, str]:
    await record_is_there()
    with progress("living through open concerns, twice") as done:
        tried = await try_policy(engine(), text, file, now(), area, done)
    async with reading(engine()) as session:
        return tried, await policy_text(session, tried.key)


def _beside(old: Year, new: Year) -> list[Beside]:
    with progress("living through simulated weeks, twice", 2 * new.weeks * parts_of(new)) as done:
        return side_by_side(old, new, done)


def vars_of(figure: object) -> dict[str, object]:
    """A figure as plain values."""
    return {name: getattr(figure, name) for name in ("value", "unit", "basis", "source")}


async def _find(name: str | None) -> Policy:
    book, today = await _book(), to_london(now()).date()
    return book.version(name, today, None) if name else book.for_area(None, today)


async def _book() -> PolicyBook:
    if not await is_initialised():
        return PolicyBook(shipped(), DEFAULT)
    async with reading(engine()) as session:
        return await policy_book(session)
