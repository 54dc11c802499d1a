"""A holiday through the pages: the DSL names cover for all in one form, the cover acts, the child is asked after."""

from __future__ import annotations

import pytest

from tests import people
from tests.driver import Driver
from tests.integration import journeys
from tests.integration.pages.filling import hand_in, task_id
from tests.site import Site

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
NAMED, PROPOSED, DURING, BACK = "2026-03-24T10:00", "2026-04-02T15:00", "2026-04-08T10:00", "2026-04-20T09:00"
COVER = {"cover": people.LEAD, "cover-other": people.ASHDOWN_DEPUTY, "last_seen": "Tessa, on Monday."}


async def test_a_holiday_from_naming_to_the_first_day_back(site: Site, loaded: Driver) -> None:
    """Piotr of the other school has both concerns on his desk until the last day, acts on one, and then has none."""
    amira = await journeys.monitoring(loaded)
    await loaded.log(people.DANIEL, people.TEACHER, "2026-03-24T09:00")
    await loaded.bridge(NAMED)
    dsl = await site.signed_in(people.DSL, at=NAMED)
    task = await task_id(loaded, NAMED, "name_cover")
    refused = await hand_in(dsl, f"/tasks/{task}/name", COVER | {"cover-other": people.FRONT_DOOR})
    assert (refused.status, "must be somebody who may read a concern" in refused.text) == (422, True)
    done = await hand_in(dsl, f"/tasks/{task}/name", COVER | {"everywhere": "true"})
    assert done.status == 303
    assert "They are told, and see the concern while the setting is closed" in (await dsl.get(done.leads_to)).text

    cover = await site.signed_in(people.ASHDOWN_DEPUTY, at=DURING)
    desk = (await cover.get("/desk")).text
    assert desk.count("Covered by you until 19 April 2026") == 2
    watched = await loaded.task(DURING, kind="case_review", concern=amira)
    page = await cover.get(f"/tasks/{watched['id']}")
    assert "You act on it too" in " ".join(page.text.split())
    path = f"/tasks/{watched['id']}/continue"
    assert (await hand_in(cover, path, {"reason": "Her aunt saw her on Sunday."})).status == 303

    await loaded.bridge(BACK)
    site.at(BACK)
    assert "Covered by you" not in (await cover.get("/desk")).text
    first = await loaded.task(BACK, kind="first_day", concern=amira)
    asked = await hand_in(dsl, f"/tasks/{first['id']}/not_seen", {"reason": "Absent; nobody answers."})
    assert asked.status == 303
    assert (await loaded.task(BACK, kind="dsl_decision", concern=amira))["about"] == "not_seen"


async def test_the_coordinator_answers_for_a_second_person_who_is_away_with_the_school(
    site: Site, loaded: Driver
) -> None:
    """In term the page says that it is not theirs; over Easter it offers both answers, and after a yes it is closed."""
    reference = await journeys.monitoring(loaded)
    await loaded.do("close", people.DSL, PROPOSED, concern=reference, **journeys.CLOSING)
    task = (await loaded.task(PROPOSED, kind="countersign"))["id"]
    coordinator = await site.signed_in(people.COORDINATOR, at=PROPOSED)
    assert "This is not yours to do" in (await coordinator.get(f"/tasks/{task}")).text
    await loaded.bridge(DURING)
    site.at(DURING)
    page = " ".join((await coordinator.get(f"/tasks/{task}")).text.split())
    assert "What you can do Agree What is proposed happens at once, in both your names. Refuse" in page
    assert (await hand_in(coordinator, f"/tasks/{task}/agree", {})).status == 303
    assert (await loaded.show(reference, DURING))["status"] == "CLOSED"
