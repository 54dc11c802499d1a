"""Two people at once: whoever comes second is shown what changed, and keeps everything that they typed."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlmodel import select

from models.access import Draft
from models.lifecycle import Move
from tests import people
from tests.driver import Driver
from tests.integration import journeys
from tests.integration.pages.filling import WORDS, hand_in, proposed, task_id, typed_for
from tests.integration.stories import supported
from tests.site import Answer, Browser, Site

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
AT = "2026-03-02T10:00"


async def _opened(browser: Browser, path: str) -> dict[str, str]:
    """The hidden fields of a form as somebody saw it."""
    fields = (await browser.get(path)).page.fields
    return {"version": fields["version"][0], "seen": fields["seen"][0]}


async def _stale(site: Site, loaded: Driver) -> tuple[Browser, str, Answer]:
    """Dana has the form open; something joins; then she hands it in."""
    await journeys.logged(loaded)
    path = f"/tasks/{await task_id(loaded, AT, 'dsl_review')}/monitor"
    dana = await site.signed_in(people.DSL, at=AT)
    hidden = await _opened(dana, path)
    await loaded.log(people.AMIRA, people.ASSISTANT, AT, what="Slept through two lessons.")
    return dana, path, await dana.post(path, hidden | {"reason": WORDS})


async def test_a_stale_form_shows_what_changed_and_what_was_typed(site: Site, loaded: Driver) -> None:
    """With the new version in it; nothing is recorded, and the text is kept as a draft too."""
    _, _, answer = await _stale(site, loaded)
    assert (answer.status, answer.page.heading) == (409, "Something changed meanwhile")
    assert "An observation joined the concern" in answer.text
    assert "An observation opened the concern" not in answer.text
    assert answer.page.fields["reason"] == [WORDS]
    assert (await loaded.show("NC-2026-00001", AT))["status"] == "LOGGED"
    assert [draft.fields["reason"] for draft in await loaded.rows(select(Draft))] == [[WORDS]]


async def test_it_can_be_handed_in_all_the_same(site: Site, loaded: Driver) -> None:
    """From the page of the conflict, knowing what changed."""
    dana, path, answer = await _stale(site, loaded)
    assert "Hand it in all the same" in answer.text
    fields = answer.page.fields
    again = {"version": fields["version"][0], "seen": fields["seen"][0], "reason": fields["reason"][0]}
    assert (await dana.post(path, again)).status == 303
    assert (await loaded.show("NC-2026-00001", AT))["status"] == "MONITORING"


async def test_a_form_without_a_version_is_out_of_date(site: Site, loaded: Driver) -> None:
    """Whatever sent it did not see how things stand; nor does a version that is no number count."""
    await journeys.logged(loaded)
    path = f"/tasks/{await task_id(loaded, AT, 'dsl_review')}/monitor"
    dana = await site.signed_in(people.DSL, at=AT)
    for version in ("", "-1", "x", "9" * 30):
        assert (await dana.post(path, {"version": version, "reason": WORDS})).status == 409
    assert (await loaded.show("NC-2026-00001", AT))["status"] == "LOGGED"


async def test_a_task_done_meanwhile_says_who_was_first(site: Site, loaded: Driver) -> None:
    """What was typed is shown to be copied and kept as a draft; the other's decision stands."""
    await journeys.logged(loaded)
    path = f"/tasks/{await task_id(loaded, AT, 'dsl_review')}/early_help"
    devan = await site.signed_in(people.DEPUTY, at=AT)
    hidden = await _opened(devan, path)
    await loaded.do("monitor", people.DSL, AT, reason="One coat is not a pattern.")
    answer = await devan.post(path, hidden | {"reason": WORDS, "lead": people.LEAD})
    assert (answer.status, answer.page.heading) == (409, "This has been decided meanwhile")
    assert "Dana Okoro" in answer.text
    assert "One coat is not a pattern." in answer.text
    assert WORDS in answer.text
    assert [draft.form for draft in await loaded.rows(select(Draft))] == [path]
    assert WORDS in (await devan.get(path)).text, "the draft leads to its words, though its task is closed"
    assert (await loaded.show("NC-2026-00001", AT))["status"] == "MONITORING"


async def test_a_form_of_a_closed_task_leads_to_how_it_ended(site: Site, loaded: Driver) -> None:
    """By whom, when and with what reason."""
    await journeys.logged(loaded)
    task = await task_id(loaded, AT, "dsl_review")
    await loaded.do("monitor", people.DSL, AT, reason="One coat is not a pattern.")
    devan = await site.signed_in(people.DEPUTY, at=AT)
    assert (await devan.get(f"/tasks/{task}/monitor")).leads_to == f"/tasks/{task}"
    ended = (await devan.get(f"/tasks/{task}")).text
    assert "This is done." in ended
    assert "by Dana Okoro" in ended
    assert "One coat is not a pattern." in ended


async def test_a_move_not_offered_any_more_keeps_what_was_typed(site: Site, loaded: Driver) -> None:
    """The page offers what can be done now instead."""
    await journeys.logged(loaded)
    path = f"/tasks/{await task_id(loaded, AT, 'dsl_review')}/dissent"
    dana = await site.signed_in(people.DSL, at=AT)
    answer = await dana.post(path, {"version": "1", "seen": "1", "reason": WORDS})
    assert (answer.status, answer.page.heading) == (409, "This cannot be done now")
    assert WORDS in answer.text
    assert path.replace("dissent", "monitor") in answer.page.links
    assert (await dana.get(path)).status == 409


async def test_a_crafted_address_leads_nowhere(site: Site, loaded: Driver) -> None:
    """Ids that are none, tasks there are not, moves that no such task ever offers, and those only clocks make."""
    await journeys.logged(loaded)
    task = await task_id(loaded, AT, "dsl_review")
    dana = await site.signed_in(people.DSL, at=AT)
    for path in ("/tasks/x", f"/tasks/{uuid4()}", f"/tasks/{task}/lapse", f"/tasks/{task}/agree", f"/tasks/{task}/x"):
        assert (await dana.get(path)).status == 404, path
        assert (await dana.post(path, {"reason": WORDS})).status in (404, 303), path
    assert (await loaded.show("NC-2026-00001", AT))["status"] == "LOGGED"


async def test_who_may_not_is_refused_and_loses_nothing(site: Site, loaded: Driver) -> None:
    """The coordinator sees the concern whole, and the DSL's decision is not theirs."""
    await journeys.logged(loaded)
    path = f"/tasks/{await task_id(loaded, AT, 'dsl_review')}/monitor"
    colin = await site.signed_in(people.COORDINATOR, at=AT)
    assert (await colin.get(path)).status == 403
    assert (await colin.post(path, {"version": "1", "seen": "1", "reason": WORDS})).status == 403
    assert [draft.fields["reason"] for draft in await loaded.rows(select(Draft))] == [[WORDS]]
    assert "Dana Okoro owes it now" in (await colin.get(path.removesuffix("/monitor"))).text


async def test_the_proposer_is_not_the_second_person(site: Site, loaded: Driver) -> None:
    """The proposal is shown whole, with who proposed it, and only somebody else may agree."""
    await proposed(loaded)
    task = await task_id(loaded, AT, "countersign")
    devan = await site.signed_in(people.DEPUTY, at=AT)
    shown = (await devan.get(f"/tasks/{task}")).text
    for words in ("Propose to close", "Dana Okoro", *list(journeys.CLOSING.values())[:3]):
        assert words in shown, words
    dana = await site.signed_in(people.DSL)
    assert (await dana.get(f"/tasks/{task}/agree")).status == 403
    assert (await hand_in(devan, f"/tasks/{task}/agree", {})).leads_to.endswith("?done=agreed-close")
    assert typed_for(Move.AGREE) == {"reason": WORDS}


async def test_a_conflict_tells_whoever_owes_one_action_nothing_of_the_concern(site: Site, loaded: Driver) -> None:
    """A form of their own that is out of date, whatever state it says it saw, is no way into the history."""
    actions = [{"what": "Ring the dentist.", "owner": people.ASSISTANT, "due": "2026-03-20"}]
    await supported(loaded, actions=actions)
    path = f"/tasks/{await task_id(loaded, '2026-03-16T11:00', 'action')}/done"
    asha = await site.signed_in(people.ASSISTANT, at="2026-03-16T11:00")
    await _opened(asha, path)
    for seen in ("0", ""):
        answer = await asha.post(path, {"version": "0", "seen": seen, "note": WORDS})
        assert answer.status == 409
        assert WORDS in answer.response.text
        for words in ("An observation", "assessment", "Dana Okoro", "Leon Baptiste"):
            assert words not in answer.text, words


async def test_a_conflict_tells_the_front_door_what_became_of_referrals_alone(site: Site, loaded: Driver) -> None:
    """What else happened to the concern is not theirs to read."""
    await journeys.referred(loaded)
    path = f"/tasks/{await task_id(loaded, '2026-03-03T10:00', 'await_decision')}/ask"
    door = await site.signed_in(people.FRONT_DOOR, at="2026-03-03T10:00")
    answer = await door.post(path, {"version": "0", "seen": "0", "question": WORDS})
    assert answer.status == 409
    assert "What has changed" in answer.text
    assert "An observation" not in answer.text
