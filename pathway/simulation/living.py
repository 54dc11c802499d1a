"""Living through a year in one part of a partnership, from one instant to the next; nothing sleeps."""

import gc
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from sqlmodel import select

from config.time import london
from models.database import writing
from models.people import Setting
from models.policies import choose_default
from models.roster import load_roster
from models.roster_form import RosterForm
from pathway.simulation import absences, clocks, observing
from pathway.simulation.counting import count
from pathway.simulation.life import Life
from pathway.simulation.partnership import Partnership
from pathway.simulation.record import simulated_record
from pathway.simulation.tally import Tally
from pathway.simulation.year import Year

# Many small objects live as long as one transaction: looking for cycles among them less often saves a tenth.
COLLECT_AFTER = 50_000


async def live(year: Year, number: int, progress: Callable[[int], None]) -> Tally:
    """Live through `year` in its part `number`; `progress` hears of each week that has passed."""
    gc.set_threshold(COLLECT_AFTER, 20, 20)
    async with simulated_record() as engine:
        life = Life(year, engine, Partnership(year, number))
        await begin(life)
        await go_on(life, progress)
        return await count(life)


async def begin(life: Life) -> None:
    """Load the policy and the roster, and write into the agenda what is to come."""
    policy = life.policy
    form = RosterForm.model_validate(life.partnership.roster())
    async with writing(life.engine) as session:
        await choose_default(session, policy.key, life.year.policy)
        await load_roster(session, form, life.year.starts)
        life.settings = {one.id: one.key for one in (await session.exec(select(Setting))).all()}
    observing.expect(life)
    absences.expect(life, list(life.partnership.cast.values()))
    for at in clocks.mornings(life):
        life.agenda.write(at, "~morning", partial(clocks.morning, life))
    for at in clocks.checks(life):
        life.agenda.write(at, "~reconciler", partial(clocks.reconcile, life))
    for at in clocks.dawns(life):
        life.agenda.write(at, " closures", partial(clocks.bridge, life))


async def go_on(life: Life, progress: Callable[[int], None]) -> None:
    """From one instant at which something happens to the next, until the year is over."""
    passed, now = 0, life.year.starts
    while True:
        due = await clocks.next_due(life)
        at = min([one for one in (life.agenda.next(), due) if one is not None], default=life.year.ends)
        now = at = max(now, at)  # a deadline brought forward may have things to say that lie in the past
        while passed < life.year.weeks and at >= _end_of_week(life, passed):
            passed += 1
            clocks.note_memory(life)
            progress(1)
        if at >= life.year.ends:
            return
        await life.agenda.happen(at)
        await clocks.look(life, at, swept=due is not None and due <= at)


def _end_of_week(life: Life, passed: int) -> datetime:
    return london(life.year.begin + timedelta(weeks=passed + 1), clocks.EVENING) - timedelta(days=3)
