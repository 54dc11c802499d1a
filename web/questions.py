"""The questions of a form, as a page asks them; `templates/pages/_questions.html` draws them, `web.answers` reads them.

A question's `name` is the form's own field (design.md, "Files and forms"): what a page sends is what a file holds.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

Ask = Literal[
    "line",  # one line of text
    "text",  # several lines
    "choice",  # one of `options`, as radios
    "choices",  # any of `options`, as checkboxes
    "pick",  # one of many `options`, as a list to choose from
    "person",  # the same, of people, or the e-mail address of somebody else
    "yes",  # a single box to tick
    "day",  # a date, as day, month and year
    "moment",  # a date and a time, Europe/London
    "informed",  # yes, or why not
    "actions",  # what, owner and due, several times
    "scores",  # a grade for each sub-area of an instrument
]


@dataclass(frozen=True)
class Option:
    """One thing to choose."""

    value: str
    text: str
    hint: str = ""


@dataclass(frozen=True)
class Question:
    """One question: the field it fills, what is asked, what helps to answer it. `rows` is the height of a text.

    `aside`: few need it; it is folded away under these words.
    """

    name: str
    label: str
    ask: Ask = "text"
    hint: str = ""
    options: Sequence[Option] = field(default_factory=tuple)
    optional: bool = False
    rows: int = 4
    width: int = 0
    autocomplete: str = ""
    aside: str = ""
    kind: str = "text"  # of a line: text, email, password, tel

    def with_options(self, options: Sequence[Option]) -> "Question":
        """The same question with these to choose from."""
        return replace(self, options=tuple(options))


def anchor(field: str, questions: Sequence[Question]) -> str:
    """The id of the element that an error about a field leads to: its first, where it has several."""
    found = next((one for one in questions if one.name == field), None)
    if (found is not None and found.ask in ("day", "moment")) or field.endswith(".due"):
        return f"{field.replace('.', '-')}-day"
    return field.replace(".", "-")


def say_wrong(field: str, message: str, questions: Sequence[Question]) -> str:
    """What is wrong with a field, in a sentence that stands alone."""
    found = next((one for one in questions if one.name == field), None)
    label = found.label if found else field.replace("_", " ").replace(".", " ")
    if message == "is missing":
        verb = "Choose" if found and found.ask in ("choice", "choices", "pick", "person", "informed") else "Enter"
        return f"{verb} an answer to “{label}”"
    if found is None or message.startswith(("is ", "must ", "has ", "holds ", "lies ", "needs ")):
        return f"{label[:1].upper()}{label[1:]}: {message}"
    return f"{message[:1].upper()}{message[1:]}"
