"""Going without, by command: what was done on paper is entered later, a day has its statement, a pack is written."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

from pypdf import PasswordType, PdfReader

from tests import people
from tests.acceptance.conftest import Apart
from tests.acceptance.program import PATIENCE, REFERENCE, ROOT, START, Pathway

PAPER, BACK = "2026-03-02T14:00", "2026-03-04T09:00"
# What the account page does, and what the clock does every hour.
PASSPHRASE = """
from models.casework import person_signed
from models.pack_keys import make_passphrase
async def work(at):
    async with writing(engine()) as session:
        print(await make_passphrase(session, await person_signed(session, "{}", at), at))
"""
HOURLY = """
from flows.checking import reconcile_alone
async def work(at):
    await reconcile_alone(at)
"""
AROUND = """
import asyncio
from config.time import now
from models.database import engine, writing
{}
asyncio.run(work(now()))
"""


def aside(pathway: Pathway, work: str, now: str) -> str:
    """What a page or the clock would do, in a process of its own; returns what it printed."""
    words, told = [sys.executable, "-c", AROUND.format(work)], pathway.environment(now)
    done = subprocess.run(words, cwd=ROOT, env=told, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_what_was_done_on_paper_counts_from_when_it_was_done(apart: Apart) -> None:
    """Nothing ran for two days. What was decided on Monday is entered on Wednesday; what follows counts from Monday."""
    pathway = apart("paper", "logged")
    pathway.tick(START)
    task = pathway.task("dsl_review")
    pathway.do_task(task, "monitor", people.DSL, BACK, done_at=PAPER, reason="Decided on paper while nothing ran.")
    shown = pathway.show(BACK)
    done = next(one for one in shown["events"] if one["kind"] == "monitored")
    assert (done["happened_at"], done["recorded_at"]) == ("2026-03-02T14:00:00+00:00", "2026-03-04T09:00:00+00:00")
    assert "entered later" in done["because"]
    (review,) = shown["open_tasks"]
    assert (review["kind"], review["due_at"][:10]) == ("case_review", "2026-04-27")
    pathway.tick(BACK)
    assert pathway.check(BACK).json["findings"] == []


def test_a_time_that_cannot_be_is_refused_and_nothing_changes(apart: Apart) -> None:
    """Not before the task began, and not in the future: one line names the field."""
    pathway = apart("never", "logged")
    task, before = pathway.task("dsl_review"), pathway.dump()
    for when in ("2026-03-02T09:00", "2026-03-04T09:01"):
        form = f"done_at: {when}\nreason: Decided on paper.\n"
        said = pathway.run("do", task, "monitor", "--file", "-", "--as", people.DSL, now=BACK, stdin=form)
        assert (said.code, "done_at: " in said.err) == (2, True), said.err
    assert pathway.dump() == before


def test_a_day_that_is_over_has_its_statement(apart: Apart) -> None:
    """Made once, signed; a line that somebody changes is no longer what was signed, with exit code 1."""
    pathway = apart("statement", "logged")
    pathway.tick(START)
    assert "has no statement" in pathway.run("statement", "2026-03-02", now=BACK).err
    pathway.tick(BACK)
    for _ in range(2):
        aside(pathway, HOURLY, BACK)
    days = pathway.ok("statement", "--json", now=BACK).json
    assert [one["day"] for one in days] == ["2026-03-03", "2026-03-02"]
    told = pathway.ok("statement", "2026-03-03", now=BACK).out
    assert told.startswith("Tue 3 Mar 2026: ")
    assert "1 obligation" in told
    assert pathway.plant("UPDATE dailystatement SET counts = '{}' WHERE day = '2026-03-02'") == 1
    said = pathway.run("statement", now=BACK)
    assert (said.code, "NOT what was signed" in said.out) == (1, True)


def test_a_pack_is_written_for_its_reader_alone(apart: Apart, tmp_path: Path) -> None:
    """Without a passphrase there is none. It is never written over what is there, and only the passphrase opens it."""
    pathway, out = apart("pack", "logged"), tmp_path / "pack.pdf"
    asked = ("pack", people.DSL, "--out", str(out))
    said = pathway.run(*asked)
    assert (said.code, f"email: no pack for {people.DSL}" in said.err) == (2, True)
    passphrase = aside(pathway, PASSPHRASE.format(people.DSL), START)
    pathway.ok(*asked)
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    pdf = PdfReader(out)
    assert pdf.decrypt("mistaken") == PasswordType.NOT_DECRYPTED
    assert pdf.decrypt(passphrase) != PasswordType.NOT_DECRYPTED
    assert any(REFERENCE in page.extract_text() for page in pdf.pages)
    written = out.read_bytes()
    assert pathway.run(*asked).code == 2
    assert out.read_bytes() == written
