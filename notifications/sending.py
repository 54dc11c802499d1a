"""Sending what is due: one clerk claims, composes and writes down; several connections post.

1. The clerk writes down what became of letters and claims the next ones, in one transaction, which also holds back
   what is over its reader's budget.
2. It composes them into a queue, while the connections post what is there already.
3. Each connection takes a letter, posts it, and leaves its outcome for the clerk.

Killed anywhere, a letter is at worst sent again, with the same Message-ID.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel.ext.asyncio.session import AsyncSession

from config.time import wall
from models.database import reading, writing
from models.telling import Delivery, State
from models.unavailable import troubles
from notifications.budget import Budget, keep_within
from notifications.claiming import LEASE, Sender, claim, free_claims, renew
from notifications.composing import COMPOSING_FAILS, NotNeeded, compose
from notifications.connections import Connections
from notifications.facts import Facts, gather
from notifications.outcomes import Counts, Outcome, bring_forward, put_back, settle
from notifications.packing import LETTER as PACK
from notifications.packing import attached
from notifications.posting import SmtpServer

Progress = Callable[[int], None]
AHEAD = 16  # letters claimed for each connection: enough that none idles, few enough to be posted soon
GROUP_SECONDS = 0.05  # how long an outcome may wait for others to be written down with it
HEARTBEAT = timedelta(minutes=1)
SAFETY = timedelta(minutes=1)
LEAVING = timedelta(minutes=2)
AGAIN_SECONDS = 0.5
log = logging.getLogger(__name__)


class Sending:
    """One telling of everything that is due at `at` (UTC), over several connections to one mail server."""

    def __init__(
        self,
        engine: AsyncEngine,
        sender: Sender,
        to: SmtpServer,
        at: datetime,
        connections: int,
        budget: Budget,
        progress: Progress,
    ) -> None:
        self.counts = Counts()
        self._budget = budget
        self._engine, self._sender, self._at, self._progress = engine, sender, at, progress
        self._connections = Connections(to, connections, self._finish, self._is_ours)
        self._ahead = AHEAD * connections
        self._in_hand: dict[UUID, Delivery] = {}
        self._done: list[Outcome] = []
        self._wake = asyncio.Event()
        self._dry = False
        self._brought_forward = False
        self._renewed = wall()

    async def run(self) -> Counts:
        """Send until nothing is due or the mail server is in trouble; returns what was done."""
        ended = False
        try:
            self._connections.start(self._wake.set)
            await self._go_on()
            await self._connections.close()
            ended = True
        finally:
            await self._connections.abandon()
            if not ended:
                await self._leave()
        return self.counts

    async def _leave(self) -> None:
        """Interrupted: write down what is known and let go of the rest. Where even that fails, the lock file tells.

        What a mail server took goes again unless it is written down: so that is tried for as long as nobody else may
        have our letters.
        """
        until = min(wall() + LEAVING, self._renewed + LEASE - SAFETY)
        taken = any(one.state == State.SENT for one in self._done)
        while not await self._let_go() and taken and wall() < until:  # noqa: ASYNC110  # nothing tells of its return
            await asyncio.sleep(AGAIN_SECONDS)

    async def _let_go(self) -> bool:
        try:
            async with writing(self._engine) as session:
                await settle(session, self._done, self._at, Counts())
                await free_claims(session, [self._sender.id])
        except troubles():
            return False
        return True

    async def _go_on(self) -> None:
        while True:
            await self._compose(await self._write_down_and_claim())
            trouble = self._connections.trouble
            if trouble is not None and not self._connections.posting and not self._done:
                return await self._put_back(trouble)
            if self._dry and not self._in_hand:
                return None
            await self._wait()
            self._connections.raise_what_crashed()

    async def _write_down_and_claim(self) -> list[Delivery]:
        room = self._room()
        beat = wall() - self._renewed > HEARTBEAT
        if not self._done and not beat and room < self._ahead // 2:
            return []
        done = list(self._done)
        addressed = self.counts.addressed
        async with writing(self._engine) as session:
            await settle(session, done, self._at, self.counts)
            if await self._bring_forward(session) or self.counts.addressed > addressed:
                self._dry, room = False, self._ahead
            claimed = await claim(session, self._sender, self._at, room) if room else []
            batch = await keep_within(session, claimed, self._budget, self._at)
            if beat:
                await self._hold_on(session)
        del self._done[: len(done)]
        self._dry = self._dry or len(claimed) < room
        self._note(done, batch)
        self._held_back(len(claimed) - len(batch))
        return batch

    def _held_back(self, letters: int) -> None:
        self.counts.held += letters
        if letters:
            self._progress(letters)
            self._wake.set()  # there is room for others in their place

    def _room(self) -> int:
        closed = self._dry or self._connections.trouble is not None
        return 0 if closed else max(0, self._ahead - self._connections.queue.qsize())

    async def _bring_forward(self, session: AsyncSession) -> bool:
        if self._brought_forward or not self._connections.accepted:
            return False
        self._brought_forward = True
        return await bring_forward(session, self._at) > 0

    async def _hold_on(self, session: AsyncSession) -> None:
        """A slow server must not outlast our lease."""
        await renew(session, self._sender, self._in_hand.values())
        self._renewed = wall()

    def _note(self, done: Sequence[Outcome], batch: Sequence[Delivery]) -> None:
        for outcome in done:
            self._in_hand.pop(outcome.delivery.id, None)
        self._in_hand.update({one.id: one for one in batch})
        self._progress(len(done))

    async def _compose(self, batch: list[Delivery]) -> None:
        facts = await self._facts(batch) if batch else None
        for delivery in batch:
            try:
                known = facts or await self._read([delivery])
                pack = await attached(self._engine, delivery.person_id, self._at) if delivery.letter == PACK else None
                self._connections.queue.put_nowait((delivery, compose(delivery, known, pack)))
            except NotNeeded as reason:
                self._finish(Outcome(delivery, State.WITHDRAWN, str(reason), gone=reason.gone))
            except COMPOSING_FAILS as error:
                log.exception("letter_not_composed", extra={"delivery": str(delivery.id)})
                self._finish(Outcome(delivery, State.WAITING, f"could not be composed: {type(error).__name__}"))
            await asyncio.sleep(0)  # the connections go on meanwhile

    async def _facts(self, batch: list[Delivery]) -> Facts | None:
        try:
            return await self._read(batch)
        except COMPOSING_FAILS:
            return None  # one row is amiss: each is read by itself, so that the others go

    async def _read(self, batch: list[Delivery]) -> Facts:
        async with reading(self._engine) as session:
            return await gather(session, batch, self._at)

    def _finish(self, outcome: Outcome) -> None:
        """Take note of an outcome, and wake when there is enough to write down, or too little to post."""
        if not self._done:
            asyncio.get_running_loop().call_later(GROUP_SECONDS, self._wake.set)
        self._done.append(outcome)
        left = self._connections.queue.qsize()
        if left == 0 or (left <= self._ahead // 4 and not self._dry):
            self._wake.set()

    def _is_ours(self, delivery: Delivery) -> bool:
        """Whether the lease still holds: a process that was asleep may have lost it to another."""
        holds = delivery.claimed_until is not None and delivery.claimed_until - wall() > SAFETY
        if not holds:
            self._in_hand.pop(delivery.id, None)
            self._wake.set()
        return holds

    async def _put_back(self, trouble: str) -> None:
        log.warning("mail_server_in_trouble", extra={"sender": self._sender.id})
        self.counts.trouble = trouble
        before = self.counts.later + self.counts.given_up
        async with writing(self._engine) as session:
            await put_back(session, self._sender, trouble, self._at, self.counts)
        self._in_hand.clear()
        self._progress(self.counts.later + self.counts.given_up - before)

    async def _wait(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(HEARTBEAT.total_seconds()):
                await self._wake.wait()
        self._wake.clear()
