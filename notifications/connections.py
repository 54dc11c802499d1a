"""Several connections to one mail server, posting from one queue.

A connection that cannot go on leaves its letter to the others. When there is no other, the mail server is in trouble,
and what is still in the queue stays where it is.
"""

import asyncio
from collections.abc import Callable

from models.telling import Delivery, State
from notifications.mime import Message
from notifications.outcomes import Outcome
from notifications.posting import Poster, PostingError, SmtpServer

Ready = tuple[Delivery, Message]
SILENT_AT_MOST = 2  # letters in a row that a connection may lose to a server that does not answer
DOUBTED_AT_MOST = 3  # attempts that may be refused for reasons that sound like ours, while no letter gets through


class Connections:
    """`finish` hears the outcome of each letter, `is_ours` says whether one may still be posted.

    `posting` counts the letters on their way, `accepted` those taken; `trouble` is set when nothing more can be sent.
    """

    def __init__(
        self, to: SmtpServer, count: int, finish: Callable[[Outcome], None], is_ours: Callable[[Delivery], bool]
    ) -> None:
        self.queue: asyncio.Queue[Ready | None] = asyncio.Queue()
        self.posting = 0
        self.accepted = 0
        self.trouble: str | None = None
        self._posters = [Poster(to) for _ in range(count)]
        self._tasks: list[asyncio.Task[None]] = []
        self._finish, self._is_ours = finish, is_ours
        self._abandoned = False

    def start(self, when_over: Callable[[], None]) -> None:
        """Begin to take letters from the queue; `when_over` is called whenever a connection has ended."""
        for poster in self._posters:
            task = asyncio.create_task(self._serve(poster))
            task.add_done_callback(lambda _: when_over())
            self._tasks.append(task)

    async def close(self) -> None:
        """End the conversations politely, once the queue is empty."""
        for _ in self._posters:
            self.queue.put_nowait(None)
        await asyncio.gather(*self._tasks)

    async def abandon(self) -> None:
        """End at once, whatever is on its way."""
        # Python 3.11's wait_for swallows a cancellation that comes with the server's answer, so it is said twice.
        self._abandoned = True
        for task in self._tasks:
            self.queue.put_nowait(None)
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def raise_what_crashed(self) -> None:
        """Raise what ended a connection, when that was no trouble with the mail server but a mistake of ours."""
        for task in self._tasks:
            if task.done() and (error := task.exception()):
                raise error

    async def _serve(self, poster: Poster) -> None:
        silent = 0
        async with poster:
            while not self._abandoned and (ready := await self.queue.get()) is not None:
                if self.trouble is not None or not self._is_ours(ready[0]):
                    continue
                error = await self._post(poster, ready)
                silent = silent + 1 if error and not error.answered else 0
                if error and (error.server_wide or silent >= SILENT_AT_MOST):
                    self._retire(poster, error, ready)
                    return

    async def _post(self, poster: Poster, ready: Ready) -> PostingError | None:
        """Post one letter; returns what went wrong."""
        delivery, letter = ready
        self.posting += 1
        outcome, error = None, None
        try:
            await poster.post(letter)
            self.accepted += 1
            outcome = Outcome(delivery, State.SENT, address=letter.to)
        except PostingError as trouble:
            error = trouble
            if not trouble.server_wide:
                outcome = self._failed(delivery, letter.to, trouble)
        finally:
            self.posting -= 1
        if outcome:
            self._finish(outcome)
        return error

    def _failed(self, delivery: Delivery, address: str, error: PostingError) -> Outcome:
        doubted = error.doubtful and not self.accepted and delivery.tries <= DOUBTED_AT_MOST
        final = error.permanent and not doubted
        state = State.REFUSED if final else State.WAITING
        return Outcome(delivery, state, str(error), address, bad_address=final and error.bad_address)

    def _retire(self, poster: Poster, error: PostingError, ready: Ready) -> None:
        if error.server_wide:
            self.queue.put_nowait(ready)
        if not any(other.is_connected for other in self._posters if other is not poster):
            self.trouble = str(error)
