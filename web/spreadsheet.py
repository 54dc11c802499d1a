"""Lists as files that a spreadsheet opens (CSV, RFC 4180), with nothing in them that it would take for a formula."""

import csv
import io
from collections.abc import Iterable
from typing import Any

FORMULA = ("=", "+", "-", "@", "\t", "\r")
UTF_8 = "\ufeff"  # the mark at the front by which a spreadsheet reads accents right


def csv_text(headings: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    """The whole file: its headings, and a line for each row."""
    return UTF_8 + csv_line(headings) + "".join(csv_line(row) for row in rows)


def csv_line(cells: Iterable[Any]) -> str:
    """One line; a text that a spreadsheet would take for a formula gets an apostrophe (OWASP, CSV injection)."""
    line = io.StringIO()
    csv.writer(line).writerow([_harmless(one) if isinstance(one, str) else one for one in cells])
    return line.getvalue()


def _harmless(text: str) -> str:
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA) else text
