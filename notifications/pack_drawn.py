"""Drawing an outage pack as a PDF that only its reader's passphrase opens (AES-256, PDF 2.0's revision 6).

Nothing outside the encrypted streams and strings says anything: no title, name or reference. It may be printed, for
paper is what it is for. Names in other scripts are set in a font that travels with the program.
"""

import secrets
from pathlib import Path

from fpdf import FPDF
from fpdf.enums import AccessPermission, EncryptionMethod
from fpdf.errors import FPDFException

from config.time import say_instant
from notifications.pack import Line, Pack, Part

FONTS = Path(__file__).resolve().parent.parent / "templates" / "fonts"
FONT = "DejaVu"
SMALL, PLAIN, LARGE = 8.5, 10, 15
FORMS = 3
LEADING = 0.5  # millimetres of a line's height for each point of its size
A_LINE = 85  # signs of a line of plain text, few enough that no line has fewer
# Scripts that begin here may join their letters or run from right to left; for those before, shaping is time lost.
LATIN = "\u02ff"
RULE = 9.0  # millimetres between lines to write on
ASKED_ON_PAPER = (
    ("Child, and reference if you know it", 1),
    ("What was done or decided, and why", 5),
    ("By whom", 1),
    ("On which day, at what time", 1),
    ("Who was told, at what time", 2),
)
# What a slip in drawing raises: its text may hold what was to be drawn, so it goes no further than here.
DRAWING_FAILS = (FPDFException, ValueError, LookupError, TypeError, AttributeError)


class NotDrawn(ValueError):
    """The pack could not be drawn; the text is the class of what went wrong, and nothing else."""


class _Paper(FPDF):
    """A4 pages with a foot that says which of how many."""

    def footer(self) -> None:
        """The foot of each page; it names nobody."""
        self.set_y(-14)
        self.set_font(FONT, "", SMALL)
        self.cell(
            0, 6, f"Outage pack, page {self.page_no()} of {{nb}}. Confidential: keep it as you keep a child's file."
        )


def draw(pack: Pack, passphrase: str) -> bytes:
    """The pack as an encrypted PDF. Raises NotDrawn."""
    failed = ""
    try:
        return _drawn(pack, passphrase)
    except DRAWING_FAILS as error:
        failed = type(error).__name__
    raise NotDrawn(failed)


def _drawn(pack: Pack, passphrase: str) -> bytes:
    paper = _Paper()
    paper.add_font(FONT, "", FONTS / "DejaVuSans.ttf")
    paper.add_font(FONT, "B", FONTS / "DejaVuSans-Bold.ttf")
    paper.set_encryption(
        owner_password=secrets.token_urlsafe(32),
        user_password=passphrase,
        encryption_method=EncryptionMethod.AES_256,
        permissions=AccessPermission.PRINT_LOW_RES | AccessPermission.PRINT_HIGH_RES,
        encrypt_metadata=True,
    )
    paper.set_lang("en-GB")
    paper.set_creation_date(pack.made_at)
    paper.set_auto_page_break(True, margin=18)
    paper.add_page()
    _front(paper, pack)
    for part in pack.parts:
        _part(paper, part)
    if pack.left_off:
        _say(paper, f"{pack.left_off} more are open that are due later; they are not listed here.")
    for _ in range(FORMS):
        _form(paper)
    return bytes(paper.output())


def _say(paper: FPDF, text: str, size: float = PLAIN, style: str = "", gap: float = 0) -> None:
    paper.set_font(FONT, style, size)
    paper.set_text_shaping(any(sign > LATIN for sign in text), direction="ltr")
    paper.multi_cell(0, size * LEADING, text, align="L", new_x="LMARGIN", new_y="NEXT")
    if gap:
        paper.ln(gap)


def _front(paper: FPDF, pack: Pack) -> None:
    _say(paper, "Outage pack", LARGE, "B", 1)
    _say(paper, f"For {pack.viewer.person.name}. As things stood on {say_instant(pack.made_at)}.", gap=2)
    _say(
        paper,
        "Use it while the pathway cannot be reached. A child in danger now: 999, then the front door. Write what you "
        "do on the forms at the end, with the day and the time, and enter it afterwards under “This was done earlier”. "
        "Destroy this pack when the next one comes.",
        gap=3,
    )


def _part(paper: FPDF, part: Part) -> None:
    _say(paper, part.setting, 12, "B", 1)
    for name, number in part.telephones:
        _say(paper, f"{name}: {number}")
    paper.ln(2)
    for line in part.lines:
        _line(paper, line)


def _line(paper: FPDF, line: Line) -> None:
    said = [line.asked, f"{'OVERDUE since' if line.late else 'By'} {line.due}", f"Owner: {line.owner}"]
    said += [f"Next: {line.following}"] if line.following else []
    rows = 1 + sum(1 + len(text) // A_LINE for text in said)
    if paper.will_page_break(rows * PLAIN * LEADING):  # what belongs together stays on one page
        paper.add_page()
    _say(paper, f"{line.child}  ({line.reference})", PLAIN, "B")
    for text in said:
        _say(paper, text)
    paper.ln(3)


def _form(paper: FPDF) -> None:
    paper.add_page()
    _say(paper, "What was done while the pathway was down", LARGE, "B", 1)
    _say(
        paper,
        "One form for each thing. Enter it when the pathway is back, then keep or destroy it as your setting does.",
        gap=4,
    )
    for label, rows in ASKED_ON_PAPER:
        _blank(paper, label, rows)
    _blank(paper, "Entered by, on", 1)


def _blank(paper: FPDF, label: str, rows: int) -> None:
    _say(paper, label, PLAIN, "B")
    for _ in range(rows):
        paper.ln(RULE)
        paper.line(paper.l_margin, paper.get_y(), paper.w - paper.r_margin, paper.get_y())
    paper.ln(4)
