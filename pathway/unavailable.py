"""When the record cannot be used: one line for whoever was at work, never a traceback that shows what they wrote."""

import errno
import sys

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

# Nobody answers, or there is no room: of all that can go wrong with a file, these alone are the record's.
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS})
AGAIN = "if you were recording something, do it again: the same observation or move counts once"


def troubles() -> tuple[type[BaseException], ...]:
    """The errors that `why` should be asked about; those of PostgreSQL's driver only where it is in use."""
    driver = sys.modules.get("asyncpg")
    return (DBAPIError, OSError, *((driver.PostgresError, driver.InterfaceError) if driver else ()))


def why(error: BaseException) -> str | None:
    """What to tell a person; None when the record is not to blame, and the error is a mistake of ours."""
    if isinstance(error, DBAPIError):
        lost = isinstance(error, OperationalError | InterfaceError) or error.connection_invalidated
        return _said(error.orig or error) if lost else None
    if isinstance(error, OSError):
        return _said(error) if isinstance(error, ConnectionError) or error.errno in NO_ROOM else None
    return _said(error)


def _said(error: BaseException) -> str:
    return f"the record cannot be used now ({' '.join(str(error).split())}); {AGAIN}"
