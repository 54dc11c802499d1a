"""Names as they are looked for: without accents, capitals and punctuation, so that Piotr Banaś is found by `banas`."""

import re
import unicodedata

# Letters that Unicode does not take apart into a plain letter and a mark.
_PLAIN = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"})
_BETWEEN = re.compile(r"[\W_]+")
_JOINS = str.maketrans("", "", "'’ʼ`´")  # O'Brien is looked for as obrien


def name_parts(text: str) -> list[str]:
    """The parts of a name, each as it is looked for."""
    apart = unicodedata.normalize("NFKD", text.translate(_JOINS))
    bare = "".join(sign for sign in apart if not unicodedata.combining(sign))
    return [part for part in _BETWEEN.split(bare.casefold().translate(_PLAIN)) if part]


def sought(name: str) -> str:
    """A whole name as it is kept for looking: every part has a space before it, so that a part's beginning finds it."""
    return "".join(f" {part}" for part in name_parts(name))
