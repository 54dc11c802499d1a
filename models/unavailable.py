"""The errors of a record that cannot be used for now: full, locked, or its server gone and coming back."""

import sys

from sqlalchemy.exc import SQLAlchemyError


def troubles() -> tuple[type[BaseException], ...]:
    """What using the record may raise then; the errors of PostgreSQL's driver only where it is in use.

    Its own errors come through where no connection could be made; all others are SQLAlchemy's.
    """
    driver = sys.modules.get("asyncpg")
    return (SQLAlchemyError, OSError, *((driver.PostgresError, driver.InterfaceError) if driver else ()))
