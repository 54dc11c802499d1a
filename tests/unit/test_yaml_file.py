"""YAML files: read as people mean them, every refusal with its file, line and column."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from config.errors import BadInput
from config.yaml_file import DEEPEST, LIMIT, read_yaml

ROSTER = """\
# Oakfield
settings:
  - {key: oakfield, open: '08:30-15:30', closed: [2026-04-03..2026-04-17]}
people:
  - email: dsl@oakfield.example
    phone: 01632 960001
    away:
      - from: 2026-05-04
        to: 2026-05-08
"""


def value(text: str) -> Any:
    """What a text means."""
    return read_yaml(text, "x.yaml")[0]


def refused(text: str) -> str:
    """The one line with which a text is refused."""
    with pytest.raises(BadInput) as caught:
        read_yaml(text, "roster.yaml")
    assert str(caught.value).isprintable()
    return str(caught.value)


def test_a_file_is_read_with_its_places(tmp_path: Path) -> None:
    """A file gives its value and where everything in it stands, lines and columns from 1."""
    path = tmp_path / "roster.yaml"
    path.write_text(ROSTER, encoding="utf-8")
    found, lines = read_yaml(path, "roster.yaml")
    assert found["people"][0]["away"] == [{"from": "2026-05-04", "to": "2026-05-08"}]
    assert lines.say(("people", 0, "away", 0, "to")) == "roster.yaml line 9, column 9"
    assert lines.say(("settings", 0, "closed", 0)) == "roster.yaml line 3, column 51"
    assert lines.say(("people",)) == "roster.yaml line 4, column 1"


def test_what_is_missing_is_where_it_should_be() -> None:
    """A missing key is said to be at what lacks it; a field's alias or index out of range does no harm."""
    _, lines = read_yaml(ROSTER, "roster.yaml")
    assert lines.say(("people", 0, "name")) == "roster.yaml line 5, column 5"
    assert lines.say(("people", 7, "name")) == "roster.yaml line 4, column 1"
    assert lines.say(("children",)) == lines.say() == "roster.yaml line 2, column 1"
    assert read_yaml("", "empty.yaml")[1].say(("children",)) == "empty.yaml"


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("08:50", "08:50"),
        ("10:30", "10:30"),  # 630 in YAML 1.1
        ("08:30-15:30", "08:30-15:30"),
        ("2026-03-02", "2026-03-02"),
        ("2026-03-02T08:50", "2026-03-02T08:50"),
        ("2026-04-03..2026-04-17", "2026-04-03..2026-04-17"),
        ("01632960001", "01632960001"),
        ("+441632960001", "+441632960001"),
        ("0x1f", "0x1f"),
        ("1_000", "1_000"),
        ("1e3", "1e3"),
        ("yes", "yes"),
        ("no", "no"),
        ("on", "on"),
        ("off", "off"),
        ("y", "y"),
        (".inf", ".inf"),
        ("=", "="),
        ("'5'", "5"),
        ('"true"', "true"),
        ("!!str 5", "5"),
        ("! 5", "5"),
        ("5", 5),
        ("-5", -5),
        ("0", 0),
        ("5.25", 5.25),
        ("true", True),
        ("False", False),
        ("~", None),
        ("null", None),
        ("''", ""),
        ("", None),
    ],
)
def test_plain_values(text: str, meaning: object) -> None:
    """Nothing that a person wrote as text becomes a number, a date or a truth behind their back."""
    found = value(f"field: {text}")["field"]
    assert found == meaning
    assert type(found) is type(meaning)


def test_keys_are_text() -> None:
    """`record` takes a field called on; a key of digits or truth is text too."""
    assert value("on: 2026-03-02\n1: a\ntrue: b") == {"on": "2026-03-02", "1": "a", "true": "b"}


def test_long_texts_keep_their_lines() -> None:
    """A child's own words may have lines, quotation marks and every script."""
    found = value('words: |\n  "He said: no dinner."\n  Zażółć 你好 👧\n\n  Then nothing.\n')
    assert found == {"words": '"He said: no dinner."\nZażółć 你好 👧\n\nThen nothing.\n'}


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "\ufeff"])
def test_nothing(text: str) -> None:
    """An empty file is None; whoever wanted something says so."""
    assert value(text) is None


def test_files_of_other_machines(tmp_path: Path) -> None:
    """A byte order mark and Windows line ends are read past."""
    path = tmp_path / "roster.yaml"
    path.write_bytes(b"\xef\xbb\xbfchild: amira\r\nplace: classroom\r\n")
    assert read_yaml(path, "roster.yaml")[0] == {"child": "amira", "place": "classroom"}


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("people: [a, b", "line 2, column 1", "did not find expected ',' or ']'"),
        ("child: amira\n what: x: y", "line 2, column 6", "mapping values are not allowed"),
        ("child: 'amira", "line 1, column 14", "unexpected end of stream"),
        ("child: amira\nwhat: x\nchild: billy", "line 3, column 1", "'child' is given twice, first on line 1"),
        ("people:\n  - {email: a, email: b}", "line 2, column 16", "'email' is given twice, first on line 2"),
        ("people:\n\t- amira", "line 2, column 1", "indent with spaces, not with a tab"),
        ("a: &x 1\nb: *x", "line 1, column 4", "anchors and aliases"),
        ("a: *x", "line 1, column 4", "anchors and aliases"),
        ("<<: {a: 1}\na: !!python/object:os.system x", "line 2, column 4", "the tag"),
        ("a: !!set {x}", "line 1, column 4", "the tag"),
        ("--- a\n--- b", "line 2, column 1", "a second document"),
        ("? [a]\n: b", "line 1, column 3", "a key must be plain text"),
        ("? {a: b}\n: c", "line 1, column 3", "a key must be plain text"),
        ("{a: 1, ~: 2}", "line 1, column 8", "a key is missing"),
        ("what: 'a\x00b'", "line 1, column 9", "a character that no text may hold"),
        ("a: 1\nwhat: \x1b[31m", "line 2, column 7", "a character that no text may hold"),
        ("what: \ud800", "line 1, column 7", "a character that no text may hold"),
        ("[" * 100_000, f"line 1, column {DEEPEST + 1}", "nested more than"),
        ("{a: " * 100_000, f"line 1, column {DEEPEST * 4 + 1}", "nested more than"),
    ],
)
def test_malformed(text: str, place: str, message: str) -> None:
    """A refusal names the file, the line and the column, and says what is wrong in one line."""
    said = refused(text)
    assert said.startswith(f"roster.yaml {place}: ")
    assert message in said


def test_without_the_c_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where PyYAML was built without libyaml, files are read alike."""
    monkeypatch.setattr("config.yaml_file.LOADER", yaml.SafeLoader)
    assert value(ROSTER)["people"][0]["phone"] == "01632 960001"
    assert "line 1, column 41: nested more than" in refused("[" * 10_000)
    assert "line 2, column 1: not valid YAML: indent with spaces" in refused("people:\n\t- amira")


def test_too_long() -> None:
    """A file longer than any roster is refused before it is read."""
    assert refused("x" * (LIMIT + 1)) == f"roster.yaml: longer than {LIMIT:,} characters"


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    """No file, a folder, and bytes that are no UTF-8, each in one line."""
    (tmp_path / "latin.yaml").write_bytes(b"place: classroom\nname: Zo\xeb\n")
    cases = {
        tmp_path / "gone.yaml": "^roster.yaml: there is no such file$",
        tmp_path: "^roster.yaml: cannot be read: Is a directory$",
        tmp_path / "latin.yaml": "^roster.yaml line 2: not UTF-8 text; save the file as UTF-8$",
    }
    for path, message in cases.items():
        with pytest.raises(BadInput, match=message):
            read_yaml(path, "roster.yaml")


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=80) | st.text(alphabet="ab:-[]{}'\"&*!|>#%@`, \n\t~?", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Whatever somebody sends, it is read or refused in one line; nothing else happens."""
    try:
        read_yaml(text, "x.yaml")
    except BadInput as error:
        assert "\n" not in str(error)  # noqa: PT017


plain = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), max_size=20)
trees = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**12), 10**12) | plain,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(plain.filter(bool), inner, max_size=4),
    max_leaves=12,
)


@settings(deadline=None, max_examples=150)
@given(trees)
def test_json_is_read_as_it_is(tree: object) -> None:
    """JSON is YAML: what another program writes comes back unchanged."""
    import json

    assert value(json.dumps(tree, ensure_ascii=False)) == tree
