"""Leave and handing over through the pages."""

from __future__ import annotations

from typing import Any

from sqlmodel import select

from models.access import Deed, Look
from models.people import Absence, Person
from models.record import Task
from tests import people
from tests.driver import Driver
from tests.integration.pages.desks import AT, away, many_concerns, statements
from tests.site import Site


def _days(first: str, last: str, cover: str = "") -> dict[str, str]:
    given = {"cover": cover}
    for name, day in (("from", first), ("to", last)):
        parts = day.split("-") if day else ["", "", ""]
        given |= {f"{name}-{part}": value for part, value in zip(("year", "month", "day"), parts, strict=True)}
    return given


async def test_leave_is_recorded_shown_and_taken_back(site: Site, loaded: Driver) -> None:
    """With its cover; what has not begun can be taken back; the audit names it."""
    dana = await site.signed_in(people.DSL)
    answer = await dana.post("/desk/away", _days("2026-04-20", "2026-05-01", people.DEPUTY))
    assert answer.leads_to == "/desk/away?done=leave-recorded"
    text = (await dana.get("/desk/away")).text
    assert "Monday 20 April to Friday 1 May" in text
    assert "Devan Pillai covers you" in text
    assert [deed.what for deed in await loaded.rows(select(Deed))] == ["leave_recorded"]
    (absence,) = await loaded.rows(select(Absence))
    assert (await dana.post(f"/desk/away/{absence.id}/withdraw")).leads_to == "/desk/away?done=leave-withdrawn"
    assert await loaded.rows(select(Absence)) == []


async def test_leave_that_has_begun_stays(site: Site, loaded: Driver) -> None:
    """Somebody has stood in: no button, and a form sent all the same is refused."""
    await away(loaded, people.DSL, "2026-03-02", "2026-03-03", people.DEPUTY)
    dana = await site.signed_in(people.DSL)
    page = await dana.get("/desk/away")
    assert "you are away now" in page.text
    assert "Take this leave back" not in page.text
    (absence,) = await loaded.rows(select(Absence))
    assert (await dana.post(f"/desk/away/{absence.id}/withdraw")).status == 422
    assert len(await loaded.rows(select(Absence))) == 1


async def test_nobody_takes_back_the_leave_of_another(site: Site, loaded: Driver) -> None:
    """404, as for leave that does not exist."""
    await away(loaded, people.DSL, "2026-04-20", "2026-04-21")
    (absence,) = await loaded.rows(select(Absence))
    devan = await site.signed_in(people.DEPUTY)
    for one in (absence.id, "00000000-0000-0000-0000-000000000000"):
        assert (await devan.post(f"/desk/away/{one}/withdraw")).status == 404
    assert len(await loaded.rows(select(Absence))) == 1


async def test_what_is_no_leave_is_refused_with_its_reason(site: Site, loaded: Driver) -> None:
    """Backwards, over, no day at all, covered by oneself or a stranger: 422, and what was typed is kept."""
    dana = await site.signed_in(people.DSL)
    wrong = [
        (_days("2026-04-20", "2026-04-19"), "before from"),
        (_days("2026-02-20", "2026-02-21"), "has passed"),
        (_days("2026-02-31", "2026-03-21"), "is not a day"),
        (_days("", "2026-03-21"), "First day away"),
        (_days("2026-04-20", "2026-04-21", people.DSL), "must be somebody else"),
        (_days("2026-04-20", "2026-04-21", "nobody@nowhere.example"), "is not a person"),
    ]
    for fields, said in wrong:
        answer = await dana.post("/desk/away", fields)
        assert (answer.status, said in answer.text) == (422, True), (fields, answer.text)
        assert answer.page.fields["to-day"] == [fields["to-day"]]
    assert await loaded.rows(select(Absence)) == []


async def test_cover_is_offered_from_the_setting_safeguarding_first(site: Site) -> None:
    """Deputy and head before the others; nobody of another school; not oneself."""
    html = (await (await site.signed_in(people.DSL)).get("/desk/away")).response.text
    places = [html.index(email) for email in (people.DEPUTY, people.HEAD, people.ASSISTANT, people.TEACHER)]
    assert places == sorted(places)
    assert people.ASHDOWN_DSL not in html
    assert f'value="{people.DSL}"' not in html


async def _two(loaded: Driver) -> tuple[Any, Any]:
    await loaded.log(people.AMIRA, people.TEACHER, AT)
    await loaded.log(people.DANIEL, people.TEACHER, AT)
    first, second = await loaded.tasks(AT)
    return first, second


async def test_chosen_tasks_go_to_a_colleague(site: Site, loaded: Driver) -> None:
    """With the reason, one transaction each; what was not chosen stays."""
    first, second = await _two(loaded)
    dana = await site.signed_in(people.DSL, at="2026-03-02T10:00")
    page = await dana.get("/desk/away/hand-over")
    assert "Amira Quillonby" in page.text
    fields = {"tasks": [first["id"]], "colleague": people.DEPUTY, "reason": "I move to another school."}
    answer = await dana.post("/desk/away/hand-over", fields)
    assert answer.leads_to == "/desk?done=handed-over"
    owners = dict(await loaded.rows(select(Task.id, Person.email).join(Person, Task.owner_id == Person.id)))  # type: ignore[arg-type]
    assert {str(task): email for task, email in owners.items()} == {
        first["id"]: people.DEPUTY,
        second["id"]: people.DSL,
    }
    assert ("reassigned", people.DSL, "I move to another school.") in await loaded.history(first["concern"])


async def test_what_is_refused_is_named_and_the_rest_is_given(site: Site, loaded: Driver) -> None:
    """Somebody else's task, a task that is gone: 409, with what was done; again, and nothing is given twice."""
    first, second = await _two(loaded)
    dana = await site.signed_in(people.DSL, at="2026-03-02T10:00")
    stranger = "00000000-0000-0000-0000-000000000000"
    fields = {"tasks": [first["id"], stranger, "nonsense"], "colleague": people.DEPUTY, "reason": "Moving."}
    answer = await dana.post("/desk/away/hand-over", fields)
    assert answer.status == 409
    assert f"Handed over: {first['concern']}." in answer.text
    assert "it is no longer yours" in answer.text
    assert second["concern"] in answer.text
    again = await dana.post("/desk/away/hand-over", fields)
    assert "Handed over" not in again.text
    assert len([one for one in await loaded.history(first["concern"]) if one[0] == "reassigned"]) == 1


async def test_handing_over_needs_tasks_a_colleague_and_a_reason(site: Site, loaded: Driver) -> None:
    """Each is asked for, at once; a colleague nobody knows is refused by name of the concern."""
    first, _ = await _two(loaded)
    dana = await site.signed_in(people.DSL, at="2026-03-02T10:00")
    answer = await dana.post("/desk/away/hand-over", {"colleague": ""})
    assert answer.status == 422
    assert [link for link in answer.page.links if link.startswith("#") and link != "#main-content"] == [
        "#tasks",
        "#colleague",
        "#reason",
    ]
    fields = {"tasks": [first["id"]], "colleague": "nobody@nowhere.example", "reason": "Moving."}
    answer = await dana.post("/desk/away/hand-over", fields)
    assert (answer.status, "is not a person" in answer.text) == (409, True)
    assert answer.page.fields["reason"][0].strip() == "Moving."


async def test_the_front_door_has_no_leave_here(site: Site) -> None:
    """Its team answers for itself."""
    front_door = await site.signed_in(people.FRONT_DOOR)
    assert (await front_door.get("/desk/away")).status == 404
    assert (await front_door.get("/desk/away/hand-over")).status == 404


async def test_handing_over_costs_the_same_and_is_in_the_access_log(site: Site, loaded: Driver) -> None:
    """Whatever the number of tasks; each child once."""
    await many_concerns(loaded, 3)
    few = await statements(site, people.DSL, "/desk/away/hand-over")
    await many_concerns(loaded, 20, start=3)
    assert len(await statements(site, people.DSL, "/desk/away/hand-over")) == len(few) <= 14
    looks = await loaded.rows(select(Look).where(Look.page == "hand-over"))
    assert len(looks) == 2 * 3 + 2 * 23
