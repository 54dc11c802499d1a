"""When the record cannot be used: one line for whoever was at work, never a traceback that shows what they wrote."""

import errno

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError

from models.unavailable import troubles

__all__ = ["troubles", "why"]
# Nobody answers, or there is no room: of all that can go wrong with a file, these alone are the record's.
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS})
AGAIN = "if you were recording something, do it again: the same observation or move counts once"


def why(error: BaseException) -> str | None:
    """What to tell a person; None when the record is not to blame, and the error is a mistake of ours."""
    if isinstance(error, DBAPIError):
        # PostgreSQL's "starting up" is of no kind of its own.
        lost = isinstance(error, OperationalError | InterfaceError) or type(error) is DBAPIError
        lost = lost or error.connection_invalidated
        return _said(error.orig or error) if lost else None
    if isinstance(error, SQLAlchemyError):
        return None
    if isinstance(error, OSError):
        return _said(error) if isinstance(error, ConnectionError) or error.errno in NO_ROOM else None
    return _said(error)


def _said(error: BaseException) -> str:
    return f"the record cannot be used now ({' '.join(str(error).split())}); {AGAIN}"
