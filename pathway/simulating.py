"""The command `pathway simulate`."""

from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from config.errors import BadInput
from pathway.options import Json
from pathway.printing import as_json, progress, say, table

if TYPE_CHECKING:  # with the whole record and all flows: loaded where it is used
    from pathway.simulation.figures import Report

DEFAULT = "england-default"
COLUMNS = ("part", "figure", "value")


def simulate(
    *,
    settings: Annotated[int, Parameter(help="How many settings, 1 to 2,000, in areas of 25.")] = 200,
    weeks: Annotated[int, Parameter(help="How many weeks, 1 to 520, from Monday 1 September 2025.")] = 52,
    policy: Annotated[str, Parameter(help="A policy file, or the name of one that comes with the program.")] = DEFAULT,
    seed: Annotated[int, Parameter(help="The same seed gives the same year.")] = 1,
    out: Annotated[Path | None, Parameter(help="A folder for report.md, charts (SVG) and figures (CSV).")] = None,
    processes: Annotated[int, Parameter(help="How many at once; 0 is one a core. The figures are the same.")] = 0,
    note: Annotated[str, Parameter(help="A line for the end of the report, such as the program's commit.")] = "",
    json: Json = False,
) -> int:
    """Live through a year of an invented partnership under a policy, in minutes, and say what came of it.

    The people are prompt, slow, overwhelmed, away or gone; the children's situations improve, persist or worsen; front
    doors answer quickly, late or never. All of that is assumed, and stated in one place: nothing of it is a fact. What
    they meet is the program itself: casework, rules, sweeps, letters, digests, reconciler. Nothing sleeps, no letter
    leaves, and your record is not touched.

    A year of 200 settings is about 6,000 concerns. Try a policy on a small year first:

      pathway simulate --settings 10 --weeks 12 --policy ours.yaml --seed 7 --out try

    Exit code 1 when the reconciler found something that was missed.
    """
    from pathway.simulation import Year, parts_of, run
    from pathway.simulation.writing import as_plain, write

    text, file = read_policy_text(policy)
    year = Year(text, settings, weeks, seed, processes=processes, file=file)
    if out is not None and out.exists() and not out.is_dir():
        raise BadInput("--out", f"{out} is a file; name a folder")
    with progress("weeks simulated", year.weeks * parts_of(year)) as passed:
        report = run(year, passed)
    if out is not None:
        command = f"pathway simulate --settings {settings} --weeks {weeks} --policy {policy} --seed {seed} --out {out}"
        write(report, out, command, " ".join(note.split()))
    if json:
        as_json(as_plain(report))
    else:
        _tell(report, out)
    return 1 if report.findings else 0


def _tell(report: "Report", out: Path | None) -> None:
    rows = [(one.group, one.name, one.said) for one in report.figures()]
    year = report.year
    table(f"{year.settings} settings, {year.weeks} weeks, policy {report.policy}, seed {year.seed}", COLUMNS, rows, "")
    for finding in report.findings[:20]:
        say(finding)
    cost = report.cost
    say(f"{cost.seconds:.0f} seconds, {cost.processes} process(es), at most {cost.peak_mib:.0f} MiB each.")
    if out is not None:
        say(f"The whole report: {out / 'report.md'}")


def read_policy_text(policy: str) -> tuple[str, str]:
    """A policy's text and what errors call it: of a file, or of one that comes with the program. Raises BadInput."""
    file = Path(policy)
    if file.suffix in (".yaml", ".yml") or file.is_file():
        try:
            return file.read_text("utf-8"), file.name
        except (OSError, UnicodeDecodeError):
            raise BadInput("--policy", f"{policy} cannot be read; name a policy file") from None
    shipped = files("config").joinpath("policies", f"{policy}.yaml")
    if not shipped.is_file():
        raise BadInput("--policy", f"{policy} is neither a file nor a policy that comes with the program")
    return shipped.read_text("utf-8"), f"{policy}.yaml"
