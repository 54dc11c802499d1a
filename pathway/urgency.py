"""After recording: wake the runner; and where none runs, what is urgent is told by whoever recorded it."""

from datetime import datetime

from config.errors import PathwayError
from flows.wake import runner_lives, wake
from pathway.printing import say


async def tell_of(urgent: bool, at: datetime) -> None:
    """Never fails and never keeps a person waiting for what is not urgent: the record is written already."""
    wake()
    if not urgent or runner_lives():
        return
    from flows.urgency import tell_here  # what is not urgent need not wait for it to load
    from pathway.letterbox import letterbox

    try:
        async with letterbox():
            if not await tell_here(at):
                say("The letters could not be sent yet: telephone; `pathway tick` tries again.")
    except PathwayError as error:
        say(f"The letters could not be sent yet: telephone. {error}")
