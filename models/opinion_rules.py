"""Second opinion, 4: did persist or worsen lead to a referral, and did every referral end as its rule says?

Read from the events and observations alone; shares nothing with models.rules, models.screening or models.referrals.
Source: design.md, "Persist or worsen".
"""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from uuid import UUID

from models.opinion_dossier import Dossier, Sighting
from models.opinion_due import LAST_STAGE
from models.opinion_status import Replayed
from models.record import Event, Referral

OBSERVED = ("logged", "joined")
ASKS_AT_LEVEL = 4
CLOCKS_APART = timedelta(days=1)


def rule_findings(file: Dossier, so_far: Replayed) -> Iterator[str]:
    """Rules that held and led to nothing, and referrals that neither went nor were stopped as they may be."""
    for event in file.events:
        if event.kind in OBSERVED:
            yield from _danger(file, event)
        if event.kind == "reviewed":
            yield from _review(file, event, so_far)
        if event.kind == "closed":
            yield from _second(file, event, "close")
        if event.kind == "stepped_up":
            yield from _stage(file, event)
        if event.followed_up_at is not None:
            yield from _decisions(file, event, so_far)
    for referral in file.referrals:
        yield from _referral(file, referral)
    yield from _rows(file)


def _with(file: Dossier, event: Event) -> list[Event]:
    """What was recorded in the same breath after an event."""
    return [one for one in file.events if one.number > event.number and one.recorded_at == event.recorded_at]


def _danger(file: Dossier, event: Event) -> Iterator[str]:
    seen = next((one for one in file.sightings if one.id == event.observation_id), None)
    if seen is None:
        yield f"event {event.number} ({event.kind}) has no observation"
        return
    if seen.immediate_danger or event.fields.get("immediate_danger"):
        after = _with(file, event)
        if not any(one.kind == "referral_sent" for one in after):
            yield f"event {event.number} says immediate danger, and no referral was sent with it"
        elif not any(one.kind == "rule_fired" and one.opened for one in after):
            yield f"event {event.number} says immediate danger, and nobody was asked to telephone"


def _review(file: Dossier, event: Event, so_far: Replayed) -> Iterator[str]:
    most = file.figure("no_change_reviews_before_stepup_decision", event.recorded_at)
    if event.fields.get("outcome") == "worse":
        rule = "worse"
    elif so_far.running.get(event.number, 0) >= most:
        rule = "persisting"
    else:
        return
    raised = [one for one in _with(file, event) if one.kind == "referral_raised"]
    if not any(one.fields.get("rule") == rule for one in raised):
        yield f"the review of event {event.number} calls for a referral by rule {rule}, and none was raised"


def _second(file: Dossier, event: Event, move: str) -> Iterator[str]:
    """What needs a second person's word has it just before: of somebody else than whoever asked."""
    before = next((one for one in file.events if one.number == event.number - 1), None)
    agreed = before is not None and before.kind == "countersigned" and before.fields.get("move") == move
    asked = [
        one
        for one in file.events
        if one.number < event.number and one.kind == "countersign_asked" and one.fields.get("move") == move
    ]
    if not agreed or not asked or before is None or before.by_id is None or before.by_id == asked[-1].by_id:
        yield f"event {event.number} ({event.kind}) has no second person's word"


def _decisions(file: Dossier, event: Event, so_far: Replayed) -> Iterator[str]:
    """Rules that ask the DSL for a decision, once an event has been followed up."""
    for rule in _asked_for(file, event, so_far):
        fired = [one for one in file.events if one.number > event.number and one.kind == "rule_fired"]
        if not any(one.fields.get("rule") == rule for one in fired) and not _closed_meanwhile(file, event):
            yield f"event {event.number} ({event.kind}) asks for a decision by rule {rule}, and nobody was asked"


def _asked_for(file: Dossier, event: Event, so_far: Replayed) -> Iterator[str]:
    if event.kind in OBSERVED and _pattern(file, event):
        yield "pattern"
    if event.number in so_far.declined_at and not _helped_meanwhile(file, event):
        yield "declined"
    if event.kind in ("assessed", "reviewed"):
        grades = [int(grade) for grade in (event.fields.get("scores") or {}).values()]
        if grades and max(grades) >= file.figure("gcp_grade_dsl_decision", event.recorded_at):
            yield "grade"
    if event.kind == "assessed" and int(event.fields.get("level") or 0) >= ASKS_AT_LEVEL:
        yield "level"


def _pattern(file: Dossier, event: Event) -> bool:
    """As many observations of the household within the window as the policy asks, siblings' counted."""
    own = next((one for one in file.sightings if one.id == event.observation_id), None)
    first = event.recorded_at - timedelta(weeks=file.figure("concern_pattern_window", event.recorded_at))
    here = {one.observation_id for one in file.events if one.kind in OBSERVED and one.number <= event.number}
    seen = [one for one in file.household if own and _counts(one, own, first, event.recorded_at, here)]
    return len(seen) >= file.figure("concern_pattern_count", event.recorded_at)


def _counts(one: Sighting, own: Sighting, first: datetime, last: datetime, here: Collection[UUID | None]) -> bool:
    # A concern's own history has an order. Siblings' have their clocks alone, and those of two machines may differ: of
    # what was recorded elsewhere at about that time nothing is claimed, for it may have come after.
    known = one.id in here if one.concern_id == own.concern_id else one.recorded_at < last - CLOCKS_APART
    return known and one.withdrawn_at is None and one.household_id == own.household_id and first <= one.seen_at <= last


def _meanwhile(file: Dossier, event: Event, kind: str) -> bool:
    """Whether that happened after an event and before it was followed up."""
    until = event.followed_up_at or file.at
    return any(one.kind == kind and event.number < one.number and one.recorded_at <= until for one in file.events)


def _closed_meanwhile(file: Dossier, event: Event) -> bool:
    return _meanwhile(file, event, "closed")


def _helped_meanwhile(file: Dossier, event: Event) -> bool:
    return _meanwhile(file, event, "early_help_decided")


def _numbered(file: Dossier, kind: str, number: int) -> list[Event]:
    return [one for one in file.events if one.kind == kind and one.fields.get("referral") == number]


def _referral(file: Dossier, one: Referral) -> Iterator[str]:
    name = f"referral {one.number}"
    raised, sent = _numbered(file, "referral_raised", one.number), _numbered(file, "referral_sent", one.number)
    stopped = _numbered(file, "referral_stopped", one.number)
    if len(raised) != 1:
        yield f"{name} was raised {len(raised)} times in the history"
    if (len(sent), len(stopped)) != (one.sent_at is not None, one.stopped_at is not None):
        yield f"{name}: the history does not say what the record says of its end"
    if len(sent) + len(stopped) > 1:
        yield f"{name} was sent or stopped more than once"
    if sent and one.hold_until and sent[0].recorded_at < one.hold_until:
        yield from _sent_early(name, sent[0])
    if stopped and raised and raised[0].fields.get("rule") == "worse":
        yield from _second(file, stopped[0], "stop")


def _sent_early(name: str, sent: Event) -> Iterator[str]:
    if sent.by_id is None and sent.fields.get("rule") != "immediate_danger":
        yield f"{name} was sent by itself before its hold ended"


def _rows(file: Dossier) -> Iterator[str]:
    numbers = {one.number for one in file.referrals}
    named = {event.fields.get("referral") for event in file.events if event.kind == "referral_raised"}
    yield from (f"referral {one} was raised and is gone" for one in sorted(named - numbers, key=str))
    for event in file.events:
        if event.kind in ("disputed", "stepped_up") and event.by_id is None:
            yield from _silence(file, event)


def _stage(file: Dossier, event: Event) -> Iterator[str]:
    """A disagreement goes up by one stage at a time, and stays at the last."""
    left = file.task_of.get(str(event.task_id))
    reached = [file.task_of[one].stage for one in event.opened if one in file.task_of]
    if left is not None and reached != [min(left.stage + 1, LAST_STAGE)]:
        yield f"event {event.number} ({event.kind}) left stage {left.stage} for another than the next"


def _silence(file: Dossier, event: Event) -> Iterator[str]:
    """Silence became a disagreement, or one went up: not before the time for an answer was over."""
    waited = [file.task_of[one].lapse_at for one in event.closed if one in file.task_of]
    if any(lapse and event.recorded_at < lapse for lapse in waited):
        yield f"event {event.number} ({event.kind}) came before the time for an answer was over"
