"""What stands in the sample's record: references, ids and addresses, looked up by the names of the stories.

facts.path("/concerns/{reference:tobias}")
facts.path("/tasks/{task:lacey/await_decision}/chase")
"""

from __future__ import annotations

import re
from pathlib import Path

from sqlmodel import select

from config.time import wall
from models.database import make_engine, reading, writing
from models.people import Person
from models.sessions import begin_session
from tests.acceptance.program import Pathway

_PLACE = re.compile(r"\{(\w+):([^}]*)\}")
_ASKED = {
    "reference": "SELECT reference FROM concern JOIN child ON child.id = child_id WHERE child.key = ?",
    "child": "SELECT id FROM child WHERE key = ?",
    "setting": "SELECT id FROM setting WHERE key = ?",
    "person": "SELECT id FROM person WHERE email = ?",
    "observation": "SELECT observation.id FROM observation JOIN child ON child.id = child_id WHERE child.key = ?",
    "task": "SELECT task.id FROM task JOIN concern ON concern.id = concern_id JOIN child ON child.id = child_id"
    " WHERE child.key || '/' || task.kind = ? AND task.closed_at IS NULL",
    "done": "SELECT task.id FROM task JOIN concern ON concern.id = concern_id JOIN child ON child.id = child_id"
    " WHERE child.key || '/' || task.kind = ? AND task.closed_at IS NOT NULL",
    "letter": "SELECT id FROM delivery WHERE letter = ? ORDER BY created_at DESC",
    "run": "SELECT id FROM firing WHERE flow = ? ORDER BY started_at DESC",
    "statement": "SELECT day FROM dailystatement WHERE CAST(day AS TEXT) LIKE ? || '%' ORDER BY day DESC",
}


def uuid(text: object) -> str:
    """An id as addresses write it; SQLite keeps it without its dashes."""
    said = str(text)
    return "-".join((said[:8], said[8:12], said[12:16], said[16:20], said[20:])) if len(said) == 32 else said


class Facts:
    """The record of one home."""

    def __init__(self, pathway: Pathway) -> None:
        self._pathway = pathway

    def find(self, what: str, name: str) -> str:
        """One of them; fails when there is none. `kept` is the number of the newest letter of that name."""
        if what == "kept":
            files = sorted((self._pathway.home / "mailbox").glob(f"*-{name}-*.eml"))
            return str(int(files[-1].name.partition("-")[0]))
        rows = self._pathway.rows(_ASKED[what], name)
        assert rows, f"the sample has no {what} {name}"
        return uuid(rows[0][0])

    def path(self, text: str) -> str:
        """An address with what it names filled in."""
        return _PLACE.sub(lambda found: self.find(found[1], found[2]), text)


async def signed_in_cookie(record: Path, email: str) -> str:
    """The cookie of somebody who has just signed in, as the sign-in page gives it."""
    engine = make_engine(f"sqlite+aiosqlite:///{record}")
    async with reading(engine) as session:
        person = (await session.exec(select(Person).where(Person.email == email))).one()
    async with writing(engine) as session:
        token = await begin_session(session, person, "password", "a test's browser", wall())
    await engine.dispose()
    return token
