"""Every fault, in the order in which it is planted; a fault's number is its place here."""

from __future__ import annotations

from tests.mutations.bridging_faults import BRIDGING_FAULTS
from tests.mutations.calendar_faults import CALENDAR_FAULTS
from tests.mutations.fault import Fault
from tests.mutations.ladder_faults import LADDER_FAULTS
from tests.mutations.letter_faults import LETTER_FAULTS
from tests.mutations.people_faults import PEOPLE_FAULTS
from tests.mutations.record_faults import RECORD_FAULTS
from tests.mutations.referral_faults import REFERRAL_FAULTS

FAULTS: tuple[Fault, ...] = (
    *CALENDAR_FAULTS,
    *LADDER_FAULTS,
    *REFERRAL_FAULTS,
    *LETTER_FAULTS,
    *PEOPLE_FAULTS,
    *RECORD_FAULTS,
    *BRIDGING_FAULTS,
)
