"""Mending through the pages: a task handed over, an observation withdrawn, a concern reopened."""

from __future__ import annotations

import pytest
from sqlmodel import select

from models.record import Concern, Observation, Task
from tests import people
from tests.driver import Driver
from tests.integration import journeys
from tests.integration.pages.filling import WORDS, hand_in, task_id, with_an_action
from tests.site import Site

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
AT = "2026-03-02T10:00"


async def _observation(loaded: Driver) -> str:
    return str((await loaded.rows(select(Observation.id)))[0])


async def test_a_task_is_handed_over_and_back(site: Site, loaded: Driver) -> None:
    """Its deadline stays; the page says that it can be handed back."""
    await journeys.logged(loaded)
    task = await task_id(loaded, AT, "dsl_review")
    before = (await loaded.task(AT))["due_at"]
    dana = await site.signed_in(people.DSL, at=AT)
    done = await hand_in(dana, f"/tasks/{task}/reassign", {"to": people.DEPUTY, "reason": WORDS})
    assert done.leads_to == "/concerns/NC-2026-00001?done=reassigned"
    assert "handed back the same way" in (await dana.get(done.leads_to)).text
    owed = await loaded.task(AT)
    assert (owed["owner"], owed["due_at"]) == (people.DEPUTY, before)
    assert (await hand_in(dana, f"/tasks/{task}/reassign", {"to": people.DSL, "reason": WORDS})).status == 303
    assert (await loaded.task(AT))["owner"] == people.DSL


async def test_handing_over_twice_is_one_handing_over(site: Site, loaded: Driver) -> None:
    """A form that is sent again says who owes the task already; the history and the letters stay as they are."""
    await journeys.logged(loaded)
    path = f"/tasks/{await task_id(loaded, AT, 'dsl_review')}/reassign"
    dana = await site.signed_in(people.DSL, at=AT)
    fields = {"to": people.DEPUTY, "reason": WORDS}
    assert (await dana.post(path, fields)).status == 303
    before = (await loaded.dump())["event"]
    again = await dana.post(path, fields)
    assert again.status == 422
    assert "They owe this task already" in again.text
    assert (await loaded.dump())["event"] == before


async def test_handing_over_says_what_is_wrong(site: Site, loaded: Driver) -> None:
    """Both fields at once; then somebody whom nobody knows; what was typed stays."""
    await journeys.logged(loaded)
    path = f"/tasks/{await task_id(loaded, AT, 'dsl_review')}/reassign"
    dana = await site.signed_in(people.DSL, at=AT)
    both = await hand_in(dana, path, {"reason": ""})
    assert both.status == 422
    assert {"#to", "#reason"} <= set(both.page.links)
    nobody = await hand_in(dana, path, {"to-other": "x@oakfield.example", "reason": WORDS})
    assert (nobody.status, nobody.page.fields["reason"]) == (422, [WORDS])


async def test_an_action_is_its_owners_to_hand_over_and_nobody_elses(site: Site, loaded: Driver) -> None:
    """A colleague of the setting who does not owe it does not even see it."""
    await with_an_action(loaded)
    at = "2026-03-23T10:00"
    path = f"/tasks/{await task_id(loaded, at, 'action')}/reassign"
    assert (await (await site.signed_in(people.ASSISTANT, at=at)).get(path)).status == 404
    teacher = await site.signed_in(people.TEACHER)
    assert (await hand_in(teacher, path, {"to": people.ASSISTANT, "reason": WORDS})).status == 303


async def test_the_owner_of_a_task_done_meanwhile_is_shown_how_it_ended(site: Site, loaded: Driver) -> None:
    """Handing over what is closed changes nothing."""
    await journeys.logged(loaded)
    task = await task_id(loaded, AT, "dsl_review")
    await loaded.do("monitor", people.DSL, AT, reason="One coat.")
    dana = await site.signed_in(people.DSL, at=AT)
    answer = await dana.post(f"/tasks/{task}/reassign", {"to": people.DEPUTY, "reason": WORDS})
    assert answer.leads_to == f"/tasks/{task}"
    assert {one.owner_id for one in await loaded.rows(select(Task))} == {(await loaded.rows(select(Task)))[0].owner_id}


async def test_an_observation_is_withdrawn_by_two(site: Site, loaded: Driver) -> None:
    """It counts until the second agrees; then it is struck through, with who and why, and its words stay."""
    reference = await journeys.monitoring(loaded)
    path = f"/observations/{await _observation(loaded)}/withdraw"
    tessa = await site.signed_in(people.TEACHER, at="2026-03-03T10:00")
    asked = await hand_in(tessa, path, {"reason": "It was about another child.", "second": people.DEPUTY})
    assert asked.leads_to == f"/concerns/{reference}?done=withdrawal-asked"
    assert "Until they agree the observation counts" in (await tessa.get(asked.leads_to)).text
    dana = await site.signed_in(people.DSL)
    assert "Somebody has been asked to agree to withdrawing it" in (await dana.get(f"/concerns/{reference}")).text
    devan = await site.signed_in(people.DEPUTY)
    await hand_in(devan, f"/tasks/{await task_id(loaded, '2026-03-03T10:00', 'countersign')}/agree", {})
    page = await dana.get(f"/concerns/{reference}")
    assert "Withdrawn on 3 March 2026, Devan Pillai agreeing: It was about another child." in page.text
    assert people.CHILD_WORDS in page.text
    assert "pathway-withdrawn" in page.response.text
    assert (await dana.get(path)).status == 409


async def test_withdrawing_is_refused_to_who_may_not(site: Site, loaded: Driver) -> None:
    """A colleague who neither saw it nor safeguards there: 404. The coordinator sees it and may not: 403."""
    await journeys.monitoring(loaded)
    path = f"/observations/{await _observation(loaded)}/withdraw"
    for who, status in ((people.ASSISTANT, 404), (people.ASHDOWN_DSL, 404), (people.COORDINATOR, 403)):
        browser = await site.signed_in(who, at="2026-03-03T10:00")
        assert (await browser.get(path)).status == status
        assert (await browser.post(path, {"reason": WORDS, "second": people.DEPUTY})).status == status
    assert (await (await site.signed_in(people.DSL)).get("/observations/x/withdraw")).status == 404


async def test_a_closed_concern_is_reopened(site: Site, loaded: Driver) -> None:
    """By somebody who safeguards there; not by the coordinator, and an open one leads to its page."""
    reference = await journeys.closed(loaded)
    path = f"/concerns/{reference}/reopen"
    dana = await site.signed_in(people.DSL, at="2026-03-02T12:00")
    assert path in (await dana.get(f"/concerns/{reference}")).page.links
    assert (await hand_in(dana, path, {"reason": ""})).status == 422
    colin = await site.signed_in(people.COORDINATOR)
    assert (await colin.post(path, {"reason": WORDS})).status == 403
    assert (await hand_in(dana, path, {"reason": WORDS})).leads_to == f"/concerns/{reference}?done=reopened"
    assert (await loaded.show(reference, AT))["status"] == "LOGGED"
    assert (await dana.get(path)).leads_to == f"/concerns/{reference}"


async def test_reopening_beside_an_open_concern_says_which(site: Site, loaded: Driver) -> None:
    """The child has a newer one by now."""
    reference = await journeys.closed(loaded)
    await loaded.log(people.AMIRA, people.TEACHER, "2026-03-05T09:00", what="Hungry again.")
    dana = await site.signed_in(people.DSL, at="2026-03-05T10:00")
    answer = await hand_in(dana, f"/concerns/{reference}/reopen", {"reason": WORDS})
    assert answer.status == 422
    assert "NC-2026-00002" in answer.text
    assert answer.page.fields["reason"] == [WORDS]
    assert len([one for one in await loaded.rows(select(Concern)) if one.closed_at is None]) == 1
