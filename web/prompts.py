"""What neglect may look like at a child's age: prompts to think with before writing, in our own short words.

Paraphrased from reviews of research on neglect (domain.md, 3.1 and 3.2); bands overlap, so that a child may have two.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from types import MappingProxyType

from models.people import Child

Prompts = Sequence[tuple[str, Sequence[str]]]

_UNBORN = "unborn"
_BANDS: Mapping[str, tuple[str, tuple[str, ...]]] = MappingProxyType(
    {
        _UNBORN: (
            "Before birth",
            (
                "Appointments missed, or care sought late.",
                "Drink, drugs, violence or untreated illness in the home.",
                "Nothing ready for the baby, or older children who have been neglected.",
            ),
        ),
        "young": (
            "A child under 6",
            (
                "Speech, play or movement behind what you would expect.",
                "Very quiet and passive, or hard to comfort; does not look to an adult when upset.",
                "Hungry, dirty, in wet nappies, or dressed wrongly for the weather.",
                "A parent who seems cold, critical or not to notice the child.",
            ),
        ),
        "school": (
            "A child of 5 to 14",
            (
                "Often late, absent, tired or hungry; takes or hides food.",
                "Aggressive or impulsive, or withdrawn and without friends.",
                "Low mood or self-harm: from the age of 8 take it seriously.",
                "Was not brought to the doctor, dentist or optician.",
                "Left alone, or with people who should not look after a child.",
            ),
        ),
        "teen": (
            "A teenager",
            (
                "Low, anxious, drinking, using drugs or in trouble: ask what is happening at home.",
                "Looks after brothers and sisters or a parent.",
                "Nobody knows, or asks, where they are.",
                "Ask them directly. It is easily mistaken for a choice of theirs.",
            ),
        ),
    }
)
_AGES = (("young", 0, 5), ("school", 5, 14), ("teen", 13, 25))


def age(child: Child, today: date) -> int | None:
    """Whole years, None for a child who is not born."""
    if child.born is None:
        return None
    return today.year - child.born.year - ((today.month, today.day) < (child.born.month, child.born.day))


def prompts_for(child: Child, today: date) -> Prompts:
    """What to think of for a child of that age."""
    years = age(child, today)
    if years is None:
        return [_BANDS[_UNBORN]]
    return [_BANDS[name] for name, first, last in _AGES if first <= years <= last]


def say_age(child: Child, today: date) -> str:
    """`7 years old`, `5 months old`, `not born yet, due 20 June 2026`."""
    years = age(child, today)
    if child.born is None or years is None:
        return f"not born yet, due {child.due_on.day} {child.due_on:%B %Y}" if child.due_on else "not born yet"
    if years >= 2:
        return f"{years} years old"
    months = (today.year - child.born.year) * 12 + today.month - child.born.month - (today.day < child.born.day)
    return f"{months} {'month' if months == 1 else 'months'} old"
