"""The question folded away in every form of a move: when was it done, where that was before now."""

from __future__ import annotations

from typing import Any

import pytest
from sqlmodel import col, select

from models.record import Event
from tests import people
from tests.driver import Driver, instant
from tests.integration import journeys
from tests.integration.pages.filling import hand_in, task_id
from tests.site import Answer, Browser, Site

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ENTERED = "2026-03-04T09:00"
WHEN = {"done_at-day": "2", "done_at-month": "3", "done_at-year": "2026", "done_at-time": "10.05"}
FOLDED = "This was done earlier"


async def _form(site: Site, loaded: Driver) -> tuple[Browser, str]:
    await journeys.logged(loaded)
    browser = await site.signed_in(people.DSL, at=ENTERED)
    return browser, f"/tasks/{await task_id(loaded, ENTERED, 'dsl_review', 'monitor')}/monitor"


def _folded(answer: Answer) -> bool:
    before = answer.response.text.partition(FOLDED)[0]
    return not before[before.rindex("<details") :].startswith('<details class="govuk-details" open>')


async def test_what_was_done_on_paper_is_entered_with_its_true_time(site: Site, loaded: Driver) -> None:
    """Nobody is bothered with it who does not need it; the history then says both times."""
    browser, path = await _form(site, loaded)
    assert _folded(await browser.get(path))
    done = await hand_in(browser, path, {"reason": "One coat is not a pattern.", **WHEN})
    assert done.status == 303, done.text[:600]
    newest = (await loaded.rows(select(Event).order_by(col(Event.number).desc())))[0]
    assert (newest.happened_at, newest.recorded_at) == (instant("2026-03-02T10:05"), instant(ENTERED))
    concern = (await browser.get(done.leads_to)).text
    assert "One coat is not a pattern. (entered later)" in concern
    ended = (await browser.get(path.rpartition("/")[0])).text
    assert "It was done Monday 2 March at 10:05am and entered today at 9am by Dana Okoro" in ended


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({**WHEN, "done_at-year": "2027"}, "lies in the future; give when it was done"),
        ({**WHEN, "done_at-time": ""}, "Enter a day and a time that exist"),
        ({"done_at-time": "10:05"}, "Enter a day and a time that exist"),
        ({**WHEN, "done_at-day": "1"}, "is before it was asked, Mon 2 Mar 2026 08:50"),
    ],
)
async def test_a_wrong_time_comes_back_unfolded(site: Site, loaded: Driver, typed: dict[str, Any], said: str) -> None:
    """The error is in sight, and nothing typed is lost; half a time is never taken for none."""
    browser, path = await _form(site, loaded)
    answer = await hand_in(browser, path, {"reason": "One coat.", **typed})
    assert answer.status == 422
    assert said in answer.text
    assert not _folded(answer)
    assert answer.page.fields["reason"] == ["One coat."]
    assert [one.kind for one in await loaded.rows(select(Event))] == ["logged"]
