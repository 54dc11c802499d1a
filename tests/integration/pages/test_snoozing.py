"""Putting reminders off through the pages and the API: mornings to choose from, what is shown then, and going on."""

from __future__ import annotations

import re

import pytest
from sqlmodel import col, select

from models.record import Task
from tests import people
from tests.driver import Driver
from tests.integration import stories
from tests.integration.pages.filling import hand_in, task_id
from tests.site import Site

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
AT = "2026-04-20T10:00"
NOTHING = {"until": ""}


async def test_reminders_are_put_off_and_go_on(site: Site, loaded: Driver) -> None:
    """The task says until when and that it is still due; so does the desk; one press has the reminders go on."""
    await stories.watched(loaded)
    task = await task_id(loaded, AT, "case_review")
    dana = await site.signed_in(people.DSL, at=AT)
    assert f"/tasks/{task}/snooze" in (await dana.get("/desk")).page.links
    form = (await dana.get(f"/tasks/{task}/snooze")).text
    assert "Monday 27 April" in form.partition("Remind me again")[2]
    assert "Tuesday 28 April" not in form
    done = await hand_in(dana, f"/tasks/{task}/snooze", {"until": "2026-04-24"})
    assert done.leads_to == f"/tasks/{task}?done=snoozed"
    said = r"Reminders are put off until \w+ 24 April[^;]*; it is still due \w+ 27 April"
    assert "Its reminders are put off." in (await dana.get(done.leads_to)).text
    for page in (f"/tasks/{task}", "/desk"):
        assert re.search(said, (await dana.get(page)).text)
    assert (await dana.post(f"/tasks/{task}/remind", NOTHING)).leads_to == f"/tasks/{task}?done=reminded"
    assert (await dana.post(f"/tasks/{task}/remind", NOTHING)).leads_to == f"/tasks/{task}"
    assert not re.search(said, (await dana.get("/desk")).text)


async def test_what_is_overdue_cannot_be_put_off(site: Site, loaded: Driver) -> None:
    """The desk offers nothing; the page says why; a form sent all the same comes back with a sentence."""
    await stories.watched(loaded)
    late = "2026-04-28T10:00"
    task = await task_id(loaded, late, "case_review")
    dana = await site.signed_in(people.DSL, at=late)
    assert f"/tasks/{task}/snooze" not in (await dana.get("/desk")).page.links
    assert "It is overdue, so its reminders cannot be put off." in (await dana.get(f"/tasks/{task}/snooze")).text
    refused = await dana.post(f"/tasks/{task}/snooze", {"until": "2026-04-29"})
    assert (refused.status, "overdue" in refused.text) == (422, True)


async def test_it_is_for_who_owes_the_task(site: Site, loaded: Driver) -> None:
    """The head sees the task and is not offered it; another setting's DSL sees nothing; nothing chosen is an error."""
    await stories.watched(loaded)
    path = f"/tasks/{await task_id(loaded, AT, 'case_review')}"
    head = await site.signed_in(people.HEAD, at=AT)
    assert f"{path}/snooze" not in (await head.get(path)).page.links
    assert (await head.get(f"{path}/snooze")).status == 403
    assert (await head.post(f"{path}/remind", NOTHING)).status == 403
    elsewhere = await site.signed_in(people.ASHDOWN_DSL, at=AT)
    assert (
        (await elsewhere.get(f"{path}/snooze")).status
        == (await elsewhere.post(f"{path}/remind", NOTHING)).status
        == 404
    )
    dana = await site.signed_in(people.DSL, at=AT)
    nothing = await dana.post(f"{path}/snooze", {"until": ""})
    assert (nothing.status, nothing.page.links.count("#until")) == (422, 1)
    assert (await loaded.rows(select(Task.snoozed_until).where(col(Task.closed_at).is_(None)))) == [None]
