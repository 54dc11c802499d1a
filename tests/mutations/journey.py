"""A scripted journey through a real record, which the reconciler looks at three times a week.

    python -m tests.mutations.journey

The clock's own code does what is due, letters go to a mail server of the journey's own, people do what the story says.
Prints one line of JSON: what the reconciler found, what ended red, and what the story's people were refused.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlmodel import col, select

from config.environment import live_in
from config.errors import PathwayError
from config.time import london, to_london
from flows import checking
from flows.due import run_due
from models.database import engine, reading
from models.record import Task
from models.schema import migrate
from models.statements import is_clean, say, some_statements
from tests.driver import Driver, instant
from tests.mail import MailServer, mail_server
from tests.mutations.story import BEGINS, ENDS, OUTAGE, REFUSED, REFUSED_FROM, STORY, Step

# When somebody looks whatever the record says, Monday to Friday: the digest's hour, noon, and the evening.
MORNING, NOON, EVENING = time(8), time(12), time(18)
# Tuesday and Friday evening: what is not covered stays so until somebody mends it. Thursday noon: but for what lapses.
RECONCILED = ((1, EVENING), (3, NOON), (4, EVENING))
MOST_PASSES = 20


class Journey:
    """One record from the first morning to the last evening; stops at the first evening with a finding."""

    def __init__(self, driver: Driver, mail: MailServer) -> None:
        self.driver, self.mail = driver, mail
        self.steps: list[Step] = sorted(STORY, key=lambda step: step.at)
        self.known: dict[str, str] = {}
        self.findings: list[str] = []
        self.red: list[str] = []
        self.refused: list[str] = []

    async def go(self) -> None:
        """From moment to moment."""
        at = instant(BEGINS)
        while at <= instant(ENDS) and not self.findings:
            await self._people_act(at)
            if not instant(OUTAGE[0]) <= at < instant(OUTAGE[1]):
                await self._clock(at)
                if (to_london(at).weekday(), to_london(at).time()) in RECONCILED:
                    await self._reconcile(at)
            at = await self._next(at)

    async def _people_act(self, at: datetime) -> None:
        if at >= instant(REFUSED_FROM):
            self.mail.refuse[REFUSED] = "550 5.1.1 no such mailbox"
        while self.steps and instant(self.steps[0].at) <= at:
            step = self.steps.pop(0)
            try:
                await step.act(self.driver, self.known, step.at)
            except (PathwayError, AssertionError, LookupError, RuntimeError) as error:
                self.refused.append(f"{step.at} {step.said}: {' '.join(str(error).split())[:160]}")

    async def _clock(self, at: datetime) -> None:
        for _ in range(MOST_PASSES):
            ran = await run_due(at)
            self.mail.letters.clear()  # aiosmtpd reads them all again at each connection
            self.red += [f"{to_london(at):%Y-%m-%dT%H:%M} {one.flow}: {one.failed}" for one in ran if one.failed]
            if not any(one.did_something for one in ran):
                return
        self.red.append(f"{to_london(at):%Y-%m-%dT%H:%M}: what is due never ends")

    async def _reconcile(self, at: datetime) -> None:
        statement = await checking.check(engine(), at)
        self.findings += [f"{to_london(at):%a %-d %b} {one.reference}: {one.what}" for one in statement.findings]
        if not self.findings:
            await checking.state_days(engine(), statement, at)
            async with reading(engine()) as session:
                days, _ = await some_statements(session, 0, 31)
            self.findings += [f"statement of {one.day}: {say(one)}" for one in days if not is_clean(one)]

    async def _next(self, at: datetime) -> datetime:
        ahead = [next(one for one in _grid(to_london(at).date()) if one > at)]
        ahead += [instant(step.at) for step in self.steps[:1]]
        async with reading(engine()) as session:
            found = select(Task.next_at).where(col(Task.closed_at).is_(None), Task.next_at > at)
            ahead += (await session.exec(found.order_by(col(Task.next_at)).limit(1))).all()
        return min(ahead)


def _grid(day: date) -> Iterator[datetime]:
    while True:
        if day.weekday() < 5:
            yield from (london(day, one) for one in (MORNING, NOON, EVENING))
        day += timedelta(days=1)


def _hasten(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA synchronous=OFF")


async def travel() -> dict[str, list[str]]:
    """The journey on a fresh SQLite record; what came of it."""
    await migrate(engine().url.render_as_string(hide_password=False))
    event.listen(engine().sync_engine, "connect", _hasten)
    await engine().dispose()
    driver = Driver(engine())
    await driver.load()
    async with mail_server(home=os.environ["PATHWAY_HOME"]) as mail:
        journey = Journey(driver, mail)
        await journey.go()
    await engine().dispose()
    return {"findings": journey.findings, "red": journey.red, "refused": journey.refused}


def main() -> None:
    """Travel in a home that is thrown away; exit code 1 when the reconciler found something."""
    with tempfile.TemporaryDirectory(prefix="pathway-journey-") as home:
        live_in(Path(home))
        found = asyncio.run(travel())
    sys.stdout.write(json.dumps(found) + "\n")
    sys.exit(1 if found["findings"] else 0)


if __name__ == "__main__":
    main()
