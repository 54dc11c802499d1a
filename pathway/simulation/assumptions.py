"""Everything that is assumed of people and children in a simulated year. Basis D: our proposal, no source.

None of these figures is a fact about any school, family or front door. They are chosen so that every part of the
pathway is used, the slow and the absent more than anybody would hope; what a year shows is how a policy behaves among
such people, compared with another policy among the same people.
"""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

BASIS: Final = "D"


@dataclass(frozen=True)
class Assumptions:
    """To be filled."""

    concerns_a_setting_and_year: float = 30.0


_ = MappingProxyType({})
