"""The letters that the local mailbox keeps, as files in PATHWAY_HOME/mailbox: found by number, read, newest first."""

from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

FOLDER = "mailbox"


@dataclass(frozen=True)
class KeptLetter:
    """One letter: its number in the mailbox, its headers and its words."""

    number: int
    date: str
    to: str
    subject: str
    text: str


def parse_letter(content: bytes) -> EmailMessage:
    """A letter as it came over SMTP."""
    return message_from_bytes(content, policy=default)


def read_letter(file: Path) -> EmailMessage:
    """One kept letter."""
    return parse_letter(file.read_bytes())


def part_of(letter: EmailMessage, kind: str) -> str:
    """Its `plain` or its `html` words; empty where it has none."""
    part = letter.get_body((kind,))
    if part is None:
        return ""
    try:
        return str(part.get_content())
    except (LookupError, ValueError):
        return str(part.get_payload())  # an encoding nobody knows: as it came


def number_of(file: Path) -> str:
    """The number that a kept letter's file begins with."""
    return file.name.partition("-")[0]


def letter_numbered(home: Path, number: int) -> KeptLetter | None:
    """The letter of that number; None when none is kept."""
    found = sorted((home / FOLDER).glob(f"{number:04d}-*.eml"))
    return _kept(found[0]) if found else None


def newest_letters(home: Path, limit: int) -> tuple[list[KeptLetter], int]:
    """The newest `limit` letters, newest first, and how many are kept."""
    files = sorted((home / FOLDER).glob("[0-9]*-*.eml"), key=lambda file: int(number_of(file)), reverse=True)
    return [_kept(file) for file in files[:limit]], len(files)


def _kept(file: Path) -> KeptLetter:
    letter = read_letter(file)
    said = {name: str(letter[name] or "") for name in ("Date", "To", "Subject")}
    return KeptLetter(int(number_of(file)), said["Date"], said["To"], said["Subject"], part_of(letter, "plain"))
