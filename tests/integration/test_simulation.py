"""A simulated year: the same by its seed, whole in its figures, silent about children, and clear about bad input."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from sqlmodel import col, func, select

from config.policy_book import shipped
from models.database import reading
from models.telling import Delivery, State
from pathway.cli import main
from pathway.simulating import read_policy_text
from pathway.simulation import Report, Year, run
from pathway.simulation.assumptions import Assumptions
from pathway.simulation.counting import count
from pathway.simulation.filling import WORDS
from pathway.simulation.life import Life
from pathway.simulation.living import begin, go_on
from pathway.simulation.partnership import SURNAME, Partnership
from pathway.simulation.record import simulated_record
from pathway.simulation.tally import Tally
from pathway.simulation.terms import closures
from pathway.simulation.writing import as_plain, write
from tests.acceptance.program import eventually

POLICY, _ = read_policy_text("england-default")
SMALL = Year(POLICY, settings=2, weeks=4, seed=11, processes=1)
COMMAND = "pathway simulate --settings 2 --weeks 4 --seed 11"


@cache
def small() -> Report:
    """Four weeks of two settings, lived through once."""
    return run(SMALL)


def alike(report: Report) -> dict[str, object]:
    """Everything that another run must give again."""
    return {name: value for name, value in as_plain(report).items() if name != "cost"}


def test_the_same_seed_gives_the_same_year_and_another_seed_another() -> None:
    """Every figure comes again with its seed, whatever ids the record gives out; another seed tells another story."""
    again = run(SMALL)
    other = run(replace(SMALL, seed=12, weeks=2))
    assert alike(again) == alike(small())
    assert other.figures() != small().figures()
    assert small().concerns > 0


def test_the_figures_do_not_depend_on_how_many_processes_share_the_work() -> None:
    """Two parts in two processes are what they are one after the other in this one."""
    parts = Assumptions(settings_an_area=1, areas_a_part=1, first_observations=200)
    year = Year(POLICY, settings=2, weeks=1, seed=5, processes=1, assumed=parts)
    passed: list[int] = []
    alone, together = run(year), run(replace(year, processes=2), passed.append)
    assert alike(together) == alike(alone)
    assert (alone.cost.processes, together.cost.processes) == (1, 2)
    assert sum(passed) == 2
    assert together.concerns > 0


def test_a_year_that_is_killed_leaves_no_process_behind(tmp_path: Path) -> None:
    """Whoever kills the command means all of it: its parts end with it."""
    asked = ("--settings", "101", "--weeks", "1", "--processes", "2", "--out", str(tmp_path / "out"))
    words = [sys.executable, "-m", "pathway", "simulate", *asked]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as command:
        parts = eventually(lambda: _parts(command.pid), "its parts have begun")
        command.kill()
    eventually(lambda: not any(_is_part(one) for one in parts), "they have ended", seconds=60)


def _parts(pid: int) -> list[str]:
    """The processes that live through a part, once there are two."""
    found = [one for one in Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split() if _is_part(one)]
    return found if len(found) == 2 else []


def _is_part(pid: str) -> bool:
    """Whether it lives; one that has ended has no words any more, whoever has still to hear of its end."""
    try:
        return "spawn_main" in Path(f"/proc/{pid}/cmdline").read_text("utf-8")
    except OSError:
        return False


def test_the_reconciler_finds_nothing_missing_in_a_small_year() -> None:
    """It looked at everything, and nothing had been missed; nobody was turned down without a count."""
    assert small().checks >= 1
    assert small().findings == ()
    assert sum(small().statuses.values()) == small().concerns == small().days_to["a decision"].count + _undecided()


def _undecided() -> int:
    return small().concerns - small().days_to["a decision"].count


def test_nothing_of_a_child_is_in_what_a_year_writes(tmp_path: Path) -> None:
    """No child's name or key, nothing anybody wrote and nobody's address is in the report, its charts or its files."""
    files = write(small(), tmp_path / "out", COMMAND)
    assert {one.name for one in files} >= {"report.md", "figures.csv", "workload.csv", "acts.svg", "deadlines.svg"}
    for file in files:
        text = file.read_text()
        assert text.strip(), file.name
        assert not [word for word in (SURNAME, WORDS, "-home-", ".example") if word in text], file.name
    assert COMMAND in (tmp_path / "out" / "report.md").read_text()


def test_charts_say_what_they_show_without_being_seen(tmp_path: Path) -> None:
    """Each chart has a title, a description and the figures in a file beside it."""
    for file in write(small(), tmp_path, COMMAND):
        if file.suffix == ".svg":
            text = file.read_text()
            assert '<title id="t">' in text
            assert '<desc id="d">' in text
            assert 'role="img"' in text
            assert any(name in text for name in ("workload.csv", "deadlines.csv"))


async def _with_a_dsl_who_never_comes() -> tuple[Tally, int, int]:
    """Nobody has been told that the DSLs are not there, the record least of all."""
    year = replace(SMALL, weeks=3, assumed=Assumptions(first_observations=110, schools=0.0))
    async with simulated_record() as engine:
        life = Life(year, engine, Partnership(year, 0))
        await begin(life)
        for actor in life.partnership.cast.values():
            if actor.role == "dsl":
                life.diary.go(actor.email, year.begin, year.ends.date())
        await go_on(life, lambda _: None)
        tally = await count(life)
        async with reading(engine) as session:
            sent = select(func.count()).select_from(Delivery).where(col(Delivery.state) == State.SENT)
            everything = select(func.count()).select_from(Delivery)
            return tally, (await session.exec(sent)).one(), (await session.exec(everything)).one()


def test_an_absent_dsls_deadlines_are_rescued_and_letters_counted_are_deliveries() -> None:
    """No DSL does anything, so the ladder tells others: concerns are decided all the same, after their deadlines.

    Letters counted, by name, by day and by week, are the record's deliveries that were sent.
    """
    tally, sent, everything = asyncio.run(_with_a_dsl_who_never_comes())
    owed = tally.late["dsl_review"]
    assert not any(role == "dsl" for _, role in tally.acts)
    assert owed.due > 5
    assert owed.rescued > 0
    assert owed.missed == owed.rescued + owed.open
    assert owed.rescued >= owed.open
    assert tally.findings == []
    assert tally.letters.total() == tally.letters_of.total() == sent
    assert sum(letters * days for letters, days in tally.a_day.items()) == sent
    assert tally.states.total() == everything


def test_a_years_figures_add_up() -> None:
    """Acts by week and role are all acts; missed deadlines are late ones; shares lie between nothing and everything."""
    report = small()
    assert sum(one.acts for one in report.workload) == report.acts
    assert sum(one.letters for one in report.workload) == sum(report.letters.values()) == report.states["sent"]
    for late in report.deadlines.values():
        assert late.due >= late.missed >= late.rescued + late.open
        assert late.late_days.count == late.missed
    assert 0 <= report.alerts_acted_on <= report.alerts
    assert report.a_day_routine.worst <= report.a_day.worst
    assert len(report.cost.mib_by_week) == report.year.weeks


def test_every_report_has_the_same_figures_in_the_same_order() -> None:
    """Two years can be laid side by side, line by line, even one in which nothing happened."""
    empty = Report(SMALL, "england-default")
    assert [(one.group, one.name) for one in empty.figures()] == [(one.group, one.name) for one in small().figures()]


def test_the_command_prints_writes_and_says_what_made_the_report(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One week of one setting: JSON on standard output alone, and a report that names its command and note."""
    out = tmp_path / "year"
    words = ["--settings", "1", "--weeks", "1", "--out", str(out), "--note", "Commit 1a2b3c4.", "--json"]
    with pytest.raises(SystemExit) as left:
        main(["simulate", *words])
    assert left.value.code == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["year"] == {"settings": 1, "weeks": 1, "seed": 1, "begin": "2025-09-01"}
    report = (out / "report.md").read_text()
    assert "pathway simulate --settings 1 --weeks 1 --policy england-default --seed 1" in report
    assert report.rstrip().endswith("Commit 1a2b3c4.")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--settings", "0"], "--settings: must be a whole number from 1 to 2,000"),
        (["--settings", "2001"], "--settings: must be a whole number from 1 to 2,000"),
        (["--weeks", "521"], "--weeks: must be a whole number from 1 to 520"),
        (["--seed", "-1"], "--seed: must be a whole number from 0"),
        (["--processes", "65"], "--processes: must be a whole number from 0 to 64"),
        (["--policy", "nowhere.yaml"], "--policy: nowhere.yaml cannot be read"),
        (["--policy", "northumbria"], "--policy: northumbria is neither a file nor a policy"),
        (["--weeks", "many"], "weeks"),
    ],
)
def test_bad_input_is_one_error_that_names_the_option(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2 and one line on standard error."""
    with pytest.raises(SystemExit) as left:
        main(["simulate", *words])
    assert left.value.code == 2
    error = capsys.readouterr().err
    assert said in error
    assert len(error.strip().splitlines()) == 1


def test_a_policy_that_does_not_validate_is_refused_before_anything_begins(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The error names file and key, and no folder is made."""
    file = tmp_path / "ours.yaml"
    file.write_text(POLICY.replace("dsl_decision_due: {value: 1,", "dsl_decision_due: {value: soon,"))
    with pytest.raises(SystemExit) as left:
        main(["simulate", "--policy", str(file), "--out", str(tmp_path / "out")])
    assert left.value.code == 2
    error = capsys.readouterr().err
    assert "ours.yaml" in error
    assert "dsl_decision_due" in error
    assert not (tmp_path / "out").exists()


def test_schools_are_closed_in_summer_at_christmas_and_over_easter() -> None:
    """The invented terms of a year, near enough to England's."""
    year = closures(SMALL.begin, SMALL.begin.replace(year=SMALL.begin.year + 1))
    assert len(year) == 6
    assert [(first.month, last.month) for first, last in year] == [(10, 10), (12, 1), (2, 2), (3, 4), (5, 5), (7, 8)]


def test_the_areas_of_a_policy_come_first() -> None:
    """What a policy says of an area of its own is lived through, too."""
    policy, _ = read_policy_text("derby-and-derbyshire")
    partnership = Partnership(replace(SMALL, policy=policy, settings=60), 0)
    assert partnership.areas == [*shipped()["derby-and-derbyshire"][-1].areas, "area-03"]
