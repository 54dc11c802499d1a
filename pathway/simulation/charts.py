"""Charts of a simulated year as SVG: small, escaped, with a title and a description; the figures stand beside them."""

from collections.abc import Mapping, Sequence
from html import escape

WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 720, 320, 56, 40, 44
COLOURS = ("#1d70b8", "#d4351c", "#00703c", "#4c2c92", "#b58840", "#505a5f", "#28a197")
DASHES = ("", "8 4", "2 3", "12 4 2 4", "4 4", "1 4", "10 2")
LABEL = 165  # as wide as a label of two numbers with thousands is
FONT = 'font-family="Arial, sans-serif" font-size="12" fill="#0b0c0c"'


def lines(title: str, description: str, series: Mapping[str, Sequence[float]], unit: str, across: str) -> str:
    """Lines over the weeks of a year, told apart by colour and by dashes; `series` by name, one value a week."""
    most = _round(max((max(values, default=0.0) for values in series.values()), default=0.0))
    weeks = max((len(values) for values in series.values()), default=1)
    parts = [*_axes(most, unit), *_weeks(weeks, across)]
    for number, (name, values) in enumerate(series.items()):
        colour, dash = COLOURS[number % len(COLOURS)], DASHES[number % len(DASHES)]
        points = " ".join(f"{_across(place, weeks):.1f},{_up(value, most):.1f}" for place, value in enumerate(values))
        style = f'stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}"'
        parts.append(f'<polyline points="{points}" fill="none" {style}/>')
        parts += _key(number, name, style)
    return _whole(title, description, parts, rows=-(-len(series) // 3))


def bars(title: str, description: str, values: Mapping[str, tuple[float, float]], legend: tuple[str, str]) -> str:
    """Bars across, one a name: the whole, and a part of it in another colour and pattern."""
    most = max((whole for whole, _ in values.values()), default=0.0) or 1.0
    parts = ['<pattern id="part" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">']
    parts += ['<rect width="6" height="6" fill="#d4351c"/><path d="M0 0V6" stroke="#fff" stroke-width="2"/></pattern>']
    for number, (name, (whole, part)) in enumerate(values.items()):
        top, scale = TOP + 22 * number, (WIDTH - 188 - LABEL) / most
        parts.append(f'<text x="180" y="{top + 13}" text-anchor="end" {FONT}>{escape(name)}</text>')
        parts.append(f'<rect x="188" y="{top}" width="{whole * scale:.1f}" height="16" fill="#1d70b8"/>')
        parts.append(f'<rect x="188" y="{top}" width="{part * scale:.1f}" height="16" fill="url(#part)"/>')
        label = f"{whole:,.0f}, of these {part:,.0f}"
        parts.append(f'<text x="{194 + whole * scale:.1f}" y="{top + 13}" {FONT}>{label}</text>')
    below = TOP + 22 * len(values) + 18
    parts.append(f'<text x="188" y="{below}" {FONT}>{escape(legend[0])}; striped: {escape(legend[1])}</text>')
    return _whole(title, description, parts, height=below + 14)


def _whole(title: str, description: str, parts: Sequence[str], height: int = HEIGHT, rows: int = 0) -> str:
    tall = height + 18 * rows
    head = f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {WIDTH} {tall}" aria-labelledby="t d">'
    named = f'<title id="t">{escape(title)}</title><desc id="d">{escape(description)}</desc>'
    ground = f'<rect width="{WIDTH}" height="{tall}" fill="#fff"/>'
    said = f'<text x="8" y="22" {FONT} font-weight="bold">{escape(title)}</text>'
    return "\n".join([head, named, ground, said, *parts, "</svg>", ""])


def _axes(most: float, unit: str) -> list[str]:
    found = []
    for quarter in range(5):
        value = most * quarter / 4
        y = _up(value, most)
        found.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - 12}" stroke="#b1b4b6"/>')
        found.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end" {FONT}>{value:,.4g}</text>')
    return [*found, f'<text x="{LEFT}" y="{TOP - 4}" {FONT}>{escape(unit)}</text>']


def _weeks(weeks: int, across: str) -> list[str]:
    y = HEIGHT - BOTTOM + 16
    step = max(1, weeks // 10)
    told = [f'<text x="{_across(one, weeks):.1f}" y="{y}" {FONT}>{one + 1}</text>' for one in range(0, weeks, step)]
    return [*told, f'<text x="{WIDTH - 12}" y="{y + 16}" text-anchor="end" {FONT}>{escape(across)}</text>']


def _key(number: int, name: str, style: str) -> list[str]:
    x, y = LEFT + 220 * (number % 3), HEIGHT + 18 * (number // 3)
    return [f'<path d="M{x} {y - 4}h24" {style}/>', f'<text x="{x + 30}" y="{y}" {FONT}>{escape(name)}</text>']


def _across(place: int, weeks: int) -> float:
    return LEFT + place * (WIDTH - LEFT - 12) / max(1, weeks - 1)


def _up(value: float, most: float) -> float:
    return HEIGHT - BOTTOM - value * (HEIGHT - BOTTOM - TOP) / (most or 1.0)


def _round(most: float) -> float:
    """The end of an axis: a number with one digit that is not less."""
    if most <= 0:
        return 1.0
    size = 10.0 ** (len(str(int(most))) - 1)
    return -(-most // size) * size
