"""The templates of letters: each letter has its three, all of one form, and none can say more than it may."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import meta

from notifications.composing import FOLDER, PARTS, environment, render
from notifications.letters import LETTERS
from notifications.words import words
from tests.letters import REFERENCE, a_case, a_delivery
from tests.repository.reading import ROOT

# Everything a template may name. To widen this list is to decide that a letter may say it.
MAY_NAME = {
    "address", "agreed", "answer_because", "answer_due", "closes", "count", "group", "groups", "item", "link", "news",
    "out_of_hours", "reference", "referral", "row", "self", "silence_until", "stage_due", "task", "telephone", "term",
    "title", "total", "trouble", "unreached", "until", "urgent", "why_you",
}  # fmt: skip
OF_A_TASK = {"short", "asked", "otherwise", "due", "because", "late", "acknowledge_by", "yours"}
OF_A_REFERRAL = {"number", "hold_until", "sent", "stopped"}
OF_A_ROW = {"reference", "short", "due", "late"}
OF_NEWS = {"letter", "references", "more"}
EVERYTHING = [path.relative_to(FOLDER).as_posix() for path in sorted(FOLDER.rglob("*.*"))]
AA = 4.5


def source(name: str) -> str:
    """A template's text."""
    return (FOLDER / name).read_text("utf-8")


def test_every_letter_has_its_three_templates_and_the_other_way_round() -> None:
    """A letter without a folder cannot be composed; a folder without a letter is never sent."""
    assert Path(ROOT, "templates", "email") == FOLDER
    folders = {path.name: {file.name for file in path.iterdir()} for path in FOLDER.iterdir() if path.name != "_base"}
    assert folders == {name: set(PARTS) for name in LETTERS}


@pytest.mark.parametrize("letter", LETTERS)
def test_every_letter_extends_the_base(letter: str) -> None:
    """Why you got it, the link and the note are the same in all of them."""
    for part in PARTS:
        assert source(f"{letter}/{part}").startswith(f'{{% extends "_base/{part}" %}}\n')


@pytest.mark.parametrize("letter", LETTERS)
def test_subjects_are_constant(letter: str) -> None:
    """A subject is a phrase of its own and nothing computed; the base adds the reference."""
    block = re.fullmatch(
        r"\{% block subject %\}([^{}]+)\{% endblock %\}", source(f"{letter}/subject.txt").splitlines()[1]
    )
    assert block
    assert len(block[1]) <= 50
    subjects = [source(f"{other}/subject.txt") for other in LETTERS]
    assert subjects.count(source(f"{letter}/subject.txt")) == 1


@pytest.mark.parametrize("name", EVERYTHING)
def test_templates_name_nothing_else(name: str) -> None:
    """What a template does not name, no letter can say."""
    undeclared = meta.find_undeclared_variables(environment().parse(source(name)))
    assert undeclared <= MAY_NAME
    for thing, fields in (("task", OF_A_TASK), ("referral", OF_A_REFERRAL), ("row", OF_A_ROW), ("item", OF_NEWS)):
        assert set(re.findall(rf"(?<!/){thing}\.(\w+)", source(name))) <= fields


@pytest.mark.parametrize("letter", LETTERS)
def test_words_are_plain(letter: str) -> None:
    """Templates are given words, never a row of the record whose other columns could be reached."""
    facts = a_case()
    kinds = {type(value) for value in words(a_delivery(letter, facts), facts).values()}
    assert kinds <= {str, int, bool, dict, list, type(None), type(facts.policy(None).label)}


@pytest.mark.parametrize("name", EVERYTHING)
def test_nothing_remote_and_nothing_that_runs(name: str) -> None:
    """Opening a letter asks nothing of any server, so that nobody learns that it was opened."""
    assert not re.search(r"https?:|src=|url\(|<(script|img|link|iframe|form|style|object)\b|@import", source(name))
    assert source(name).isascii()


class Page(HTMLParser):
    """What a page of HTML is made of."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """A tag closes the one that was opened last."""
        assert self.open.pop() == tag

    def all(self, name: str) -> list[dict[str, str | None]]:
        """Every such tag's attributes."""
        return [given for tag, given in self.tags if tag == name]


@pytest.mark.parametrize("letter", LETTERS)
def test_html_can_be_read_by_everybody(letter: str) -> None:
    """A language, a title, one heading, tables with headers and a caption, a link that says where it leads."""
    facts = a_case()
    _, _, html = render(letter, words(a_delivery(letter, facts), facts))
    page = Page(html)
    assert not page.open
    assert page.all("html") == [{"lang": "en-GB"}]
    assert len(page.all("h1")) == len(page.all("title")) == len(page.all("a")) == 1
    assert all(cell["scope"] in ("col", "row") for cell in page.all("th"))
    assert len(page.all("caption")) == len(page.all("table"))
    assert bool(page.all("table")) == (letter in ("morning-digest", "round-up"))
    assert re.search(r"<title>[^<]+</title>", html)


def luminance(colour: str) -> float:
    """The relative luminance of #rrggbb (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_contrast_is_enough() -> None:
    """Every colour of text reads on every background it may stand on (WCAG 2.2 AA)."""
    styles = [style for name in EVERYTHING for style in re.findall(r'style="([^"]*)"', source(name))]
    grounds = {"#ffffff", "#f3f2f1"}
    for style in styles:
        text = re.search(r"(?<![-\w])color:(#\w{6})", style)
        own = re.search(r"background:(#\w{6})", style)
        for ground in {own[1]} if own and text else grounds:
            lighter, darker = sorted((luminance(ground), luminance(text[1] if text else "#0b0c0c")), reverse=True)
            assert (lighter + 0.05) / (darker + 0.05) >= AA, style


def test_the_reference_ends_the_subject() -> None:
    """So that a mail program shows first what it is."""
    facts = a_case()
    subject, _, _ = render("overdue", words(a_delivery("overdue", facts), facts))
    assert subject == f"Overdue: {REFERENCE}"
