"""Every move through the pages, and every field of every form asked for: what a file can hold, a page can say."""

from __future__ import annotations

import json
import re
from typing import get_args

import pytest
from sqlmodel import col, select

from config.figures import FIGURES
from config.policy import TERMS
from models.access import Draft, Look
from models.forms import Decide, Recorded, form_for
from models.lifecycle import OFFERS, Kind, Move
from models.record import Event, Task
from models.rules import Outcome
from tests import people
from tests.driver import Driver
from tests.integration import journeys
from tests.integration.pages.filling import WORDS, hand_in, state_of, task_id, typed_for
from tests.site import Site
from web.move_done import MOVED, word_of
from web.move_guidance import GUIDANCE, OF_ONE_KIND
from web.move_questions import QUESTIONS, questions_of
from web.record_words import DECISIONS, OUTCOMES, STEPS

PAIRS = [(kind, move) for kind, moves in OFFERS.items() for move in moves]
SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.mark.parametrize(("kind", "move"), PAIRS, ids=str)
def test_every_field_of_every_form_is_asked_for(kind: Kind, move: Move) -> None:
    """In words of its own, once; and nothing is asked that the form does not take."""
    asked = [question.name for question in questions_of(kind, move)]
    fields = form_for(kind, move).model_fields
    assert sorted(asked) == sorted(fields), "web/move_questions.py has other questions than models/forms.py has fields"
    optional = {question.name for question in questions_of(kind, move) if question.optional}
    assert optional == {name for name, field in fields.items() if not field.is_required()}
    assert GUIDANCE[move]
    assert MOVED[move]


def test_words_in_braces_are_a_policys() -> None:
    """A figure or term that no policy has would be said as its bare name."""
    asked = [one for questions in QUESTIONS.values() for one in questions]
    options = [option for one in asked for option in one.options]
    texts = [*GUIDANCE.values(), *OF_ONE_KIND.values(), *(f"{one.label} {one.hint}" for one in asked)]
    texts += [f"{option.text} {option.hint}" for option in options]
    named = {name for text in texts for name in re.findall(r"\{(\w+)\}", text)}
    assert len(named) > 20
    assert named - set(FIGURES) - set(TERMS) == set()


def test_every_answer_to_choose_from_is_in_words() -> None:
    """Decisions, outcomes and steps of the forms are those that the pages know."""
    assert set(DECISIONS) == set(get_args(Decide.model_fields["decision"].annotation))
    assert set(STEPS) == set(get_args(Recorded.model_fields["what"].annotation))
    assert set(OUTCOMES) == set(Outcome)


async def _walk(site: Site, loaded: Driver, kind: Kind, move: Move) -> None:
    journey, who, at = state_of(kind, move)
    reference = await journey(loaded)
    task = await task_id(loaded, at, kind, move)
    before = await loaded.rows(select(Event))
    browser = await site.signed_in(who, at=at)
    path = f"/tasks/{task}/{move}"
    await browser.post("/drafts", {"form": path, "reason": "Half a sent"})
    done = await hand_in(browser, path, typed_for(move))
    assert done.status == 303, (done.status, done.text[:600])
    events = [one for one in await loaded.rows(select(Event)) if one.id not in {each.id for each in before}]
    tasks = await loaded.rows(select(Task).where(col(Task.closed_at).is_(None)))
    said = json.dumps([[one.because, one.fields] for one in events] + [one.about for one in tasks])
    assert WORDS in said
    assert await loaded.rows(select(Draft)) == []
    after = await browser.get(done.leads_to)
    if "/referrals/" not in done.leads_to:  # the front door's own page
        assert after.status == 200, (done.leads_to, after.text[:300])
        assert reference in done.leads_to or who == people.TEACHER
    looks = {look.page for look in await loaded.rows(select(Look))}
    assert "task" in looks


@SQLITE
@pytest.mark.parametrize(("kind", "move"), PAIRS, ids=str)
async def test_every_move_is_made_through_its_page(site: Site, loaded: Driver, kind: Kind, move: Move) -> None:
    """What was typed is in the history or in the task it opened, the draft is gone, and a page says what comes next."""
    await _walk(site, loaded, kind, move)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize(
    ("kind", "move"),
    [
        (Kind.DSL_REVIEW, Move.REFER),
        (Kind.ASSESS, Move.COMPLETE),
        (Kind.HOLD_REVIEW, Move.REVIEW),
        (Kind.COUNTERSIGN, Move.AGREE),
        (Kind.AWAIT_DECISION, Move.DECIDE),
    ],
    ids=str,
)
async def test_the_same_on_postgresql(site: Site, loaded: Driver, kind: Kind, move: Move) -> None:
    """A handful of the longest."""
    await _walk(site, loaded, kind, move)


@SQLITE
async def test_what_was_typed_arrives_whole(site: Site, loaded: Driver) -> None:
    """Grades, actions with their owners (also one who is not in the list) and days, as a file would have given them."""
    await _walk(site, loaded, Kind.ASSESS, Move.COMPLETE)
    assessed = (await loaded.rows(select(Event).where(Event.kind == "assessed")))[0].fields
    assert assessed["scores"] == {"clothing": 4}
    assert [(one["owner"], one["due"]) for one in assessed["actions"]] == [
        (people.TEACHER, "2026-06-01"),
        (people.HEALTH_VISITOR, "2026-06-02"),
    ]


@SQLITE
async def test_everything_that_is_wrong_is_said_at_once(site: Site, loaded: Driver) -> None:
    """In a summary and at its field, with what was typed; nothing has changed, and the form's version stays."""
    await journeys.consented(loaded)
    before = await loaded.history("NC-2026-00001")
    path = f"/tasks/{await task_id(loaded, '2026-03-20T11:00', 'assess')}/complete"
    lead = await site.signed_in(people.LEAD, at="2026-03-20T11:00")
    answer = await hand_in(lead, path, {"needs": "Food.", "level": "", "actions-0-what": "Beds"})
    assert answer.status == 422
    assert answer.page.title.startswith("Error: ")
    for link in ("#plan", "#child_words", "#level", "#actions-0-owner", "#actions-0-due-day"):
        assert link in answer.page.links
        assert link[1:] in answer.page.ids, link
    assert answer.page.fields["needs"] == ["Food."]
    assert answer.page.fields["actions-0-what"] == ["Beds"]
    assert await loaded.history("NC-2026-00001") == before


@SQLITE
async def test_what_casework_refuses_is_said_at_its_field(site: Site, loaded: Driver) -> None:
    """A lead who is nobody, a second person who is away, a day too late: one sentence, and nothing typed is lost."""
    await journeys.logged(loaded)
    task = await task_id(loaded, "2026-03-02T10:00", "dsl_review")
    dana = await site.signed_in(people.DSL, at="2026-03-02T10:00")
    typed = {"reason": WORDS, "lead-other": "nobody@oakfield.example"}
    answer = await hand_in(dana, f"/tasks/{task}/early_help", typed)
    assert answer.status == 422
    assert "Who leads?: is nobody's address here" in answer.text
    assert answer.page.fields["reason"] == [WORDS]
    assert answer.page.fields["lead-other"] == ["nobody@oakfield.example"]
    again = await hand_in(dana, f"/tasks/{task}/close", {**typed_for(Move.CLOSE), "second": people.DSL})
    assert (again.status, "#second" in again.page.links) == (422, True)


@SQLITE
async def test_a_countersignature_that_cannot_be_done_says_what_is_open(site: Site, loaded: Driver) -> None:
    """What is about the task as a whole stands at the form."""
    await state_of(Kind.COUNTERSIGN, Move.AGREE)[0](loaded)
    await loaded.log(people.AMIRA, people.ASSISTANT, "2026-03-02T10:30", what="No lunch.")
    devan = await site.signed_in(people.DEPUTY, at="2026-03-02T11:00")
    answer = await hand_in(devan, f"/tasks/{await task_id(loaded, '2026-03-02T11:00', 'countersign')}/agree", {})
    assert answer.status == 422
    assert "#task" in answer.page.links
    assert "task" in answer.page.ids


@SQLITE
async def test_a_draft_comes_back(site: Site, loaded: Driver) -> None:
    """What a page's script kept stands in the form again, and the page says so."""
    await journeys.logged(loaded)
    path = f"/tasks/{await task_id(loaded, '2026-03-02T10:00', 'dsl_review')}/monitor"
    dana = await site.signed_in(people.DSL, at="2026-03-02T10:00")
    await dana.post("/drafts", {"form": path, "reason": "Half a sent", "version": "0", "seen": "1"})
    opened = await dana.get(path)
    assert opened.page.fields["reason"] == ["Half a sent"]
    assert "What you typed before is here again" in opened.text


@SQLITE
async def test_a_draft_is_kept_without_a_script(site: Site, loaded: Driver) -> None:
    """The form has a button for it; nothing is asked of what is half written, and nothing is recorded."""
    await journeys.logged(loaded)
    path = f"/tasks/{await task_id(loaded, '2026-03-02T10:00', 'dsl_review')}/close"
    dana = await site.signed_in(people.DSL, at="2026-03-02T10:00")
    kept = await hand_in(dana, path, {"summary": "Half a sent", "keep": "yes"})
    assert kept.leads_to == f"{path.removesuffix('/close')}?done=saved"
    assert (await dana.get(path)).page.fields["summary"] == ["Half a sent"]
    assert (await loaded.show("NC-2026-00001", "2026-03-02T10:00"))["status"] == "LOGGED"


@SQLITE
async def test_a_review_that_raises_a_referral_says_when_it_goes(site: Site, loaded: Driver) -> None:
    """And what can be done until then."""
    await journeys.supporting(loaded)
    lead = await site.signed_in(people.LEAD, at=journeys.REVIEWED_AT)
    task = await task_id(loaded, journeys.REVIEWED_AT, "hold_review")
    done = await hand_in(lead, f"/tasks/{task}/review", {**typed_for(Move.REVIEW), "outcome": "worse"})
    assert done.leads_to.endswith("?done=referral-raised")
    after = await lead.get(done.leads_to)
    assert "raises a referral to children's social care by itself" in after.text
    assert "it goes by itself tomorrow at 5pm unless it is stopped" in after.text


@SQLITE
async def test_guidance_reads_the_policy(site: Site, loaded: Driver) -> None:
    """Figures are those of the policy in force, not of the page."""
    await journeys.logged(loaded)
    task = await task_id(loaded, "2026-03-02T10:00", "dsl_review")
    dana = await site.signed_in(people.DSL, at="2026-03-02T10:00")
    assert "within 6 school weeks, and never later than 8 weeks from now" in (await dana.get(f"/tasks/{task}")).text
    assert word_of(Move.MONITOR) == "did-monitor"


@SQLITE
async def test_levels_are_called_as_the_partnership_calls_them(site: Site, loaded: Driver) -> None:
    """On the form, and afterwards on the concern's page."""
    await journeys.consented(loaded)
    task = await task_id(loaded, "2026-03-20T11:00", "assess")
    lead = await site.signed_in(people.LEAD, at="2026-03-20T11:00")
    assert "Level 3, intensive" in (await lead.get(f"/tasks/{task}/complete")).text
    done = await hand_in(lead, f"/tasks/{task}/complete", typed_for(Move.COMPLETE))
    assert "Level 3, intensive; as last assessed" in (await lead.get(done.leads_to)).text
