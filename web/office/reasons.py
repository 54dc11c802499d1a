"""Runs and letters in plain words: how a run ended, why it failed and what to do, what it counted."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from flows.dispatch import AT_WORKER, BY_WORKER
from flows.due import BRIDGE, DEADLINES, DIGEST, LETTERS, PACK, PURGE, RECONCILE, STAGES
from flows.firings import ALONE, HANDED_OVER
from models.telling import Firing
from models.watch import FAILED
from web.saying import count, sentence, spoken

FLOWS: Mapping[str, str] = MappingProxyType(
    {
        "log-concern": "Following up what was logged",
        "dsl-review": "Following up decisions of safeguarding leads",
        "early-help": "Following up early help",
        "review": "Following up reviews",
        "refer": "Following up referrals",
        DEADLINES: "Deadlines: reminders, who hears next, what lapses",
        LETTERS: "Sending letters",
        DIGEST: "The morning letter",
        PACK: "Outage packs, for those who asked for them",
        BRIDGE: "The holiday bridge: who looks after a child while a setting is closed",
        RECONCILE: "The hourly check that nothing was missed",
        PURGE: "The nightly tidying up",
    }
)
WHEN: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(STAGES, "When something is recorded"),
        DEADLINES: "Each minute in which something is due, and each quarter of an hour in any case",
        LETTERS: "When letters wait",
        DIGEST: "On working days at 8am of each reader’s own clock",
        PACK: "On working days in the evening",
        BRIDGE: "When a closure is near, begins, is moved or is over",
        RECONCILE: "Each hour, at 20 past",
        PURGE: "Each night at 3:30am",
    }
)
_DATABASE = "The record could not be reached, or was busy for too long. Look whether the database runs and has room."
_MAIL = "The mail server could not be reached. Letters wait and are tried again."
_SETTINGS = "A setting is missing or wrong; most often no mail server is named while letters wait."
_BUG = "The program met something it did not expect. The log has the line of code; whoever maintains it needs that."
WHY: Mapping[str, str] = MappingProxyType(
    {
        "NotCovered": "The check found something that is not covered. Check now to see what.",
        "SettingsError": _SETTINGS,
        "PolicyError": "The policy cannot be read, or two policies claim the same area.",
        "NobodyThere": "A task had nobody who could own it. Give the setting a DSL, a deputy or a head.",
        "BadInput": "Something in the record could not be read back. The log says where.",
        "OperationalError": _DATABASE,
        "InterfaceError": _DATABASE,
        "DBAPIError": _DATABASE,
        "TimeoutError": "Something took too long to answer: the database, the mail server or Prefect.",
        "IntegrityError": "Two programs wrote the same thing at once, or the record was changed by hand.",
        "StaleDataError": "Somebody changed the same concern meanwhile. The next run takes it up.",
        "PostingError": _MAIL,
        "ConnectionRefusedError": "A server refused the connection: the database, the mail server or Prefect.",
        "ConnectionResetError": "A server broke off: the database, the mail server or Prefect.",
        "OSError": "The machine refused a file or a connection. Look whether its disk is full.",
        "PermissionError": "The program may not write where it must. Look who owns the folder of PATHWAY_HOME.",
        "FileNotFoundError": "A file that belongs to the program or its folder is missing.",
        "UndefinedError": "A letter or a document could not be filled in. " + _BUG,
        "TemplateNotFound": "A letter or a document is missing from this installation.",
    }
)


@dataclass(frozen=True)
class Said:
    """How a run ended: a word, a sentence, the number under which the log has it; red when somebody should act."""

    word: str
    sentence: str = ""
    incident: str = ""
    red: bool = False


def say_ending(run: Firing, *, made_good: bool = False) -> Said:
    """How a firing ended, in words; `made_good`: a later run of the same flow has ended well."""
    outcome = run.outcome or ""
    if outcome == AT_WORKER:
        return Said("Failed", "It failed at a Prefect worker, or was killed there.", red=not made_good)
    if outcome.startswith(FAILED):
        kind, _, incident = outcome.removeprefix(FAILED).strip().partition(":")
        found = incident if kind == "NotCovered" else ""
        said = f"{count(int(found), 'thing')} not covered. " if found.isdigit() else ""
        return Said(
            "Failed", said + WHY.get(kind, f"{_BUG} It is called {kind}."), "" if found else incident, not made_good
        )
    if run.ended_at is None and outcome == HANDED_OVER:
        return Said("With a worker", "A Prefect worker has it and has not said that it ended.")
    if run.ended_at is None:
        return Said("Not ended", "It is still going, or was cut off. The next run does its work again.")
    return Said({ALONE: "Done without Prefect", BY_WORKER: "Done by a worker"}.get(outcome, "Done"))


ONE: Mapping[str, str] = MappingProxyType(
    {
        "answers": "answer",
        "concerns": "concern",
        "events": "event",
        "letters": "letter",
        "people": "person",
        "sessions": "session",
        "tasks": "task",
    }
)


def say_counts(counts: Mapping[str, Any]) -> str:
    """`3 sent, 1 refused`; what counted nothing is left out."""
    said = [
        f"{value:,} {ONE.get(name, spoken(name)) if value == 1 else spoken(name)}"
        for name, value in counts.items()
        if isinstance(value, int) and value
    ]
    return ", ".join(said) or "nothing to do"


LETTER_STATES: Mapping[str, str] = MappingProxyType(
    {
        "refused": "Refused",
        "given_up": "Given up",
        "stuck": "Stuck",
        "waiting": "Waiting",
        "sent": "Sent",
        "withdrawn": "Not needed any more",
    }
)


def say_letter(letter: str) -> str:
    """A letter's name as a heading: `task-opened` is `Task opened`."""
    return sentence(spoken(letter))


def say_refusal(error: str | None) -> str:
    """What a mail server said, or what stopped a letter, in plain words; the server's own words stand beside it."""
    text = (error or "").lower()
    if not text:
        return ""
    if text.startswith("mail server"):
        return "The mail server took no letters at all then."
    if text[:1] == "5":
        known = ("5.1.", "no such", "unknown", "not exist", "mailbox")
        is_address = any(word in text for word in known)
        return "There is no such mailbox." if is_address else "The mail server refused it for good."
    if text[:1] == "4":
        return "The mail server could not take it then; it is tried again until 48 hours are over."
    return sentence(error or "") + ("" if text.endswith(".") else ".")
