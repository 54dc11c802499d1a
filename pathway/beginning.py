"""What `up` does and says at the start: a sample where one is asked for, and where people find the pages."""

from config.logs import set_up_logs
from config.settings import settings
from config.time import now
from models.database import engine, reading
from models.trying import is_sample
from pathway.printing import progress, say
from pathway.sample.filling import fill, is_empty, must_be_harmless
from web.office.beginning import welcome_address


async def begin(sample: bool) -> None:
    """Fill an empty record with the sample, when it is asked for; any other record is used as it is.

    Raises PathwayError where a sample would do harm, whether it is to be made or is there already.
    """
    there = await _sample_is_there()
    if sample or there:
        must_be_harmless()
    if not sample:
        return
    if not await is_empty():
        said = "the sample is there already" if there else "it is used as it is, and no sample is added"
        say(f"The record is not empty: {said}.")
        return
    say("The record is empty: it is filled with a sample, in which everybody is invented.")
    set_up_logs("WARNING")  # sixteen weeks of runs are no news
    with progress("filling it, through sixteen weeks") as step:
        concerns = await fill(now(), step)
    set_up_logs()
    say(f"The sample has {concerns} concerns at every stage.")


async def say_where() -> None:
    """Where the pages are, how somebody signs in for the first time, and where letters go."""
    base = settings().base_url
    say(f"Pages: {base}")
    if await _sample_is_there():
        say(f"Sign in as somebody of the sample: {base}/sample")
    elif address := await welcome_address():
        say(f"First sign-in, for you alone: {address}")
    say(f"Letters: {settings().smtp_host or f'{base}/mailbox'}")


async def _sample_is_there() -> bool:
    async with reading(engine()) as session:
        return await is_sample(session)
