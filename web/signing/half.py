"""Half way in: the password was right, the code is still to come. A sealed word says so, for ten minutes.

Nobody is signed in by it. It counts for one person and one password: once that is changed it says nothing.
"""

import json
from dataclasses import dataclass
from uuid import UUID

from config.secret import NotOurs, digest, seal, unseal
from models.access import Account

PURPOSE = "half"
SECONDS = 600


@dataclass(frozen=True)
class Half:
    """Who has shown the first factor, how (`password` or `single`), and where they want to go."""

    person_id: UUID
    how: str
    next_page: str
    mark: str

    def still_counts(self, account: Account | None) -> bool:
        """Whether nothing has changed since."""
        return account is not None and self.mark == _mark(account)


def half_way(account: Account, how: str, next_page: str) -> str:
    """The sealed word for somebody whose first factor was right."""
    return seal(PURPOSE, json.dumps([str(account.person_id), how, next_page, _mark(account)]))


def read_half(sealed: str) -> Half | None:
    """Who is half way in; None when the word is not ours or is older than ten minutes."""
    try:
        person, how, next_page, mark = json.loads(unseal(PURPOSE, sealed, SECONDS))
    except NotOurs:
        return None
    return Half(UUID(person), how, next_page, mark)


def _mark(account: Account) -> str:
    return digest(f"{account.password}:{account.totp}")[:16]
