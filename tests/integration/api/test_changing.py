"""Changing through the API: what the forms can do, once, and only by whom it may be done."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlmodel import select

from models.access import Answered, Deed, Look, Scope
from models.people import Child
from models.record import Concern, Observation
from tests import people
from tests.caller import ALL, Callers, Program
from tests.driver import Driver
from tests.integration.stories import CLOSING, held, logged, referred

SEEN: dict[str, Any] = {
    "seen_at": "2026-03-02T08:50",
    "place": "classroom",
    "what": "Came without a coat.",
    "child_words": people.CHILD_WORDS,
    "types": ["physical"],
}
MONITOR = {"reason": "We shall watch."}


async def _task(program: Program, kind: str = "dsl_review") -> str:
    rows = (await program.get("/tasks?mine=false")).json()["items"]
    return str(next(one["id"] for one in rows if one["kind"] == kind))


async def test_a_program_logs_and_decides(api: Callers, loaded: Driver) -> None:
    """From an observation to a decision, as the pages and the commands would have it."""
    tessa, dana = await api.program(people.TEACHER), await api.program(people.DSL)
    child = (await tessa.get("/children")).json()["items"][0]["id"]
    made = await tessa.post("/observations", {"child": child, **SEEN})
    assert made.status_code == 201
    again = await tessa.post("/observations", {"child": people.AMIRA, **SEEN})
    assert (again.status_code, again.json()) == (200, {**made.json(), "repeated": True})
    moved = await dana.post(f"/tasks/{await _task(dana)}/moves/monitor", MONITOR)
    assert (moved.json()["status"], moved.json()["opened"][0]["kind"]) == ("MONITORING", "case_review")
    history = await loaded.history(made.json()["reference"])
    assert [(kind, by) for kind, by, _ in history] == [("logged", people.TEACHER), ("monitored", people.DSL)]
    assert {"api:observations", "api:tasks", "api:move"} <= set(await loaded.rows(select(Look.page)))
    own = (await tessa.get(f"/observations/{made.json()['observation']}")).json()
    assert own["child_words"] == people.CHILD_WORDS


async def test_the_same_key_gets_the_same_answer(api: Callers, loaded: Driver) -> None:
    """And changes nothing a second time; the answer says that it is one of before."""
    dana = await api.program(people.DSL)
    await logged(loaded)
    task = await _task(dana)
    first = await dana.post(f"/tasks/{task}/moves/monitor", MONITOR, once="one")
    before = await loaded.dump()
    second = await dana.post(f"/tasks/{task}/moves/monitor", MONITOR, once="one")
    assert (second.status_code, second.json()) == (200, first.json())
    assert second.headers["idempotent-replayed"] == "true"
    assert await loaded.dump() == before
    narrow = await api.program(people.DSL, only=[people.OAKFIELD])
    assert (await narrow.post(f"/tasks/{task}/moves/monitor", MONITOR, once="one")).status_code == 422
    other = await dana.post(f"/tasks/{task}/moves/monitor", {"reason": "Another."}, once="one")
    assert (other.status_code, other.json()["type"]) == (422, "/api/v1/docs#problem-key-reused")
    devan = await api.program(people.DEPUTY)
    assert (await devan.post(f"/tasks/{task}/moves/monitor", MONITOR, once="one")).status_code == 409


async def test_a_key_used_at_the_same_moment_changes_one_thing(api: Callers, loaded: Driver) -> None:
    """Eight at once: one is the first, the others get its answer."""
    tessa = await api.program(people.TEACHER)
    await tessa.get("/me")
    fields = {"child": people.AMIRA, **SEEN}
    answers = await asyncio.gather(*(tessa.post("/observations", fields, once="at-once") for _ in range(8)))
    assert {one.status_code for one in answers} == {201}
    assert len({one.text for one in answers}) == 1
    assert sum("idempotent-replayed" in one.headers for one in answers) == 7
    assert len(await loaded.rows(select(Observation))) == 1


async def test_what_was_refused_frees_its_key(api: Callers, loaded: Driver) -> None:
    """Claim and change are one transaction: both are there, or neither."""
    tessa = await api.program(people.TEACHER)
    wrong = await tessa.post("/observations", {"child": people.AMIRA, **SEEN, "seen_at": "2027-01-01T08:00"}, once="k")
    assert (wrong.status_code, wrong.json()["field"]) == (422, "seen_at")
    assert await loaded.rows(select(Answered)) == []
    assert (await tessa.post("/observations", {"child": people.AMIRA, **SEEN}, once="k")).status_code == 201
    assert [one.status for one in await loaded.rows(select(Answered))] == [201]


async def test_a_version_that_has_passed_is_refused(api: Callers, loaded: Driver) -> None:
    """412 with If-Match, and nothing is changed; the ETag of the task as it now is lets one through."""
    dana = await api.program(people.DSL)
    await logged(loaded)
    path = f"/tasks/{await _task(dana)}"
    old = {"If-Match": (await dana.get(path)).headers["etag"]}
    await loaded.log(people.AMIRA, people.ASSISTANT, "2026-03-02T08:59", what="Another coat, another day.")
    before = await loaded.dump()
    stale = await dana.post(f"{path}/moves/monitor", MONITOR, headers=old)
    assert (stale.status_code, stale.json()["type"]) == (412, "/api/v1/docs#problem-stale")
    assert await loaded.dump() == before
    assert (await dana.post(f"{path}/moves/monitor", MONITOR, headers={"If-Match": "x"})).status_code == 422
    new = {"If-Match": (await dana.get(path)).headers["etag"]}
    assert (await dana.post(f"{path}/moves/monitor", MONITOR, headers=new)).status_code == 200
    late = await dana.post(f"{path}/moves/monitor", MONITOR)
    assert (late.status_code, "Dana Okoro" in late.json()["detail"]) == (409, True)


async def test_a_move_that_is_not_offered_is_refused(api: Callers, loaded: Driver) -> None:
    """409, naming those that are."""
    dana = await api.program(people.DSL)
    await logged(loaded)
    answer = await dana.post(f"/tasks/{await _task(dana)}/moves/send")
    assert (answer.status_code, "monitor" in answer.json()["detail"]) == (409, True)


async def test_a_move_that_is_not_theirs_is_refused(api: Callers, loaded: Driver) -> None:
    """The coordinator sees the concern and may not decide for the DSL: 403, naming who may."""
    await logged(loaded)
    colin = await api.program(people.COORDINATOR)
    answer = await colin.post(f"/tasks/{await _task(colin)}/moves/monitor", MONITOR)
    assert (answer.status_code, people.DSL in answer.json()["detail"]) == (403, True)


async def test_the_front_door_answers(api: Callers, loaded: Driver) -> None:
    """It acknowledges and decides on the tasks that its referral opened, and on no other."""
    reference = await referred(loaded)
    api.at("2026-03-02T11:00")
    door = await api.program(people.FRONT_DOOR)
    got = {"by": "Duty desk", "number": "77"}
    assert (
        await door.post(f"/tasks/{await _task(door, 'await_acknowledgement')}/moves/acknowledge", got)
    ).status_code == 200
    decided = {"decision": "s17", "reason": "We shall assess."}
    answer = await door.post(f"/tasks/{await _task(door, 'await_decision')}/moves/decide", decided)
    assert answer.json() | {"opened": [], "version": 0} == {
        "reference": reference,
        "status": "STATUTORY",
        "opened": [],
        "version": 0,
    }


async def test_an_alarm_is_urgent_and_refers_at_once(api: Callers, loaded: Driver) -> None:
    """Immediate danger through the API is no less urgent than through a page."""
    tessa = await api.program(people.TEACHER)
    made = await tessa.post("/observations", {"child": people.AMIRA, **SEEN, "immediate_danger": True})
    assert made.status_code == 201
    assert (await loaded.show(made.json()["reference"], "2026-03-02T09:00"))["status"] == "REFERRED"


async def test_closing_and_reopening(api: Callers, loaded: Driver) -> None:
    """A second person agrees through the API; the DSL reopens with a reason."""
    reference = await logged(loaded)
    dana, devan = await api.program(people.DSL), await api.program(people.DEPUTY)
    assert (await dana.post(f"/tasks/{await _task(dana)}/moves/close", CLOSING)).status_code == 200
    assert (await devan.post(f"/tasks/{await _task(devan, 'countersign')}/moves/agree")).json()["status"] == "CLOSED"
    answer = await dana.post(f"/concerns/{reference}/reopen", {"reason": "It began again."})
    assert (answer.status_code, answer.json()["status"]) == (200, "LOGGED")
    assert (await dana.post(f"/concerns/{reference}/reopen", {"reason": "It began again."})).status_code == 409
    safiya = await api.program(people.ASHDOWN_DSL)
    assert (await safiya.post(f"/concerns/{reference}/reopen", {"reason": "x"})).status_code == 404


async def test_withdrawing_asks_a_second_person(api: Callers, loaded: Driver) -> None:
    """By whoever made it; nobody else's observation can be touched from out of reach."""
    await logged(loaded)
    observation = (await loaded.rows(select(Observation)))[0].id
    fields = {"reason": "The wrong child.", "second": people.DSL}
    for email in (people.ASSISTANT, people.ASHDOWN_DSL, people.ADMIN):
        assert (
            await (await api.program(email)).post(f"/observations/{observation}/withdraw", fields)
        ).status_code == 404
    tessa, dana = await api.program(people.TEACHER), await api.program(people.DSL)
    assert (await tessa.post(f"/observations/{observation}/withdraw", fields)).status_code == 200
    assert (await dana.post(f"/tasks/{await _task(dana, 'countersign')}/moves/agree")).status_code == 200
    assert (await loaded.rows(select(Observation)))[0].withdrawn_at is not None


async def test_handing_a_task_over(api: Callers, loaded: Driver) -> None:
    """By its owner; by an administrator whose key may manage, without seeing the concern; by nobody else."""
    await logged(loaded)
    dana = await api.program(people.DSL)
    path, fields = f"/tasks/{await _task(dana)}/reassign", {"to": people.DEPUTY, "reason": "I am away."}
    assert (await dana.post(path, fields)).json()["owner"] == people.DEPUTY
    ada = await api.program(people.ADMIN, [Scope.RECORD, Scope.MANAGE])
    assert (await ada.post(path, fields | {"to": people.HEAD})).json()["owner"] == people.HEAD
    assert (await (await api.program(people.ADMIN)).post(path, fields)).status_code == 404
    assert (await (await api.program(people.ASHDOWN_DSL)).post(path, fields)).status_code == 404


async def test_putting_reminders_off(api: Callers, loaded: Driver) -> None:
    """Until a day, an instant, or not at all any more; the deadline is the same in every answer."""
    await logged(loaded)
    dana = await api.program(people.DSL)
    task = await _task(dana)
    due = (await dana.get(f"/tasks/{task}")).json()["due_at"]
    for until, put in (("2026-03-03", "2026-03-03T08:00:00+00:00"), ("now", None)):
        answer = (await dana.post(f"/tasks/{task}/snooze", {"until": until})).json()
        assert (answer["snoozed_until"], answer["due_at"]) == (put, due)
        assert (await dana.get(f"/tasks/{task}")).json()["snoozed_until"] == put
    refused = await dana.post(f"/tasks/{task}/snooze", {"until": "2026-03-30"})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "until")
    elsewhere = await api.program(people.ASHDOWN_DSL)
    assert (await elsewhere.post(f"/tasks/{task}/snooze", {"until": "2026-03-03"})).status_code == 404


async def test_ones_own_leave(api: Callers, loaded: Driver) -> None:
    """Recorded, listed, and taken back while it has not begun."""
    dana = await api.program(people.DSL)
    fields = {"from": "2026-03-09", "to": "2026-03-10", "cover": people.DEPUTY}
    made = (await dana.post("/people/me/leave", fields)).json()
    assert made == {"id": made["id"], **fields}
    assert (await dana.get("/people/me/leave")).json()["items"] == [made]
    assert (await dana.post("/people/me/leave", fields | {"cover": people.DSL})).json()["field"] == "cover"
    assert (await (await api.program(people.HEAD)).post(f"/people/me/leave/{made['id']}/withdraw")).status_code == 404
    assert (await dana.post(f"/people/me/leave/{made['id']}/withdraw")).status_code == 200
    assert (await dana.get("/people/me/leave")).json()["items"] == []


async def test_another_settings_child_cannot_be_logged_about(api: Callers, loaded: Driver) -> None:
    """By id or by key, as if there were no such child; an administrator can log about nobody."""
    yusuf = str((await loaded.rows(select(Child.id).where(Child.key == people.YUSUF)))[0])
    for email in (people.TEACHER, people.DSL, people.ADMIN, people.FRONT_DOOR):
        program = await api.program(email)
        told = [
            (await program.post("/observations", {"child": name, **SEEN})).json()["errors"]
            for name in (yusuf, people.YUSUF, "nobody")
        ]
        assert told[0] == told[1] == told[2] == [{"field": "child", "message": "is not a child that you may log about"}]
    assert await loaded.rows(select(Concern)) == []


async def test_a_senders_own_id_tells_nobody_what_it_was_used_for(api: Callers, loaded: Driver) -> None:
    """The same `key` from somebody else is refused, without the reference it stands for."""
    safiya, tessa = await api.program(people.ASHDOWN_DSL), await api.program(people.TEACHER)
    made = await safiya.post("/observations", {"child": people.YUSUF, **SEEN, "key": "visit-1"})
    answer = await tessa.post("/observations", {"child": people.AMIRA, **SEEN, "key": "visit-1"})
    assert (answer.status_code, answer.json()["field"]) == (422, "key")
    assert made.json()["reference"] not in answer.text


async def test_a_colleagues_paper_note(api: Callers, loaded: Driver) -> None:
    """The DSL records it; it is the colleague's observation."""
    dana = await api.program(people.DSL)
    made = await dana.post("/observations", {"child": people.AMIRA, **SEEN, "observer": people.TEACHER})
    seen = await loaded.show(made.json()["reference"], "2026-03-02T09:00")
    assert (seen["events"][0]["by"], seen["observations"][0]["by"]) == (people.DSL, people.TEACHER)


ADMINISTERING = (
    ("GET", "/people"),
    ("GET", "/settings"),
    ("GET", "/status"),
    ("GET", "/deliveries"),
    ("GET", "/firings"),
    ("GET", "/statements"),
    ("POST", "/people"),
    ("POST", "/settings"),
    ("POST", "/roster"),
)


async def test_only_an_administrators_key_that_may_manage_administers(api: Callers, loaded: Driver) -> None:
    """Neither a DSL's nor an administrator's without the scope; and one that lost the role loses it at once."""
    for email in (people.DSL, people.ADMIN):
        program = await api.program(email, ALL)
        for method, path in ADMINISTERING:
            answer = await (program.get(path) if method == "GET" else program.post(path, {}))
            assert (answer.status_code, answer.json()["type"]) == (403, "/api/v1/docs#problem-scope"), path


async def test_administering(api: Callers, loaded: Driver) -> None:
    """People, roles, leave, leavers, settings, a roster, letters, runs and counts; each change is a deed."""
    ada = await api.program(people.ADMIN, [Scope.MANAGE])
    new = await ada.post("/people", {"email": "new@oakfield.example", "name": "Nell Ames"})
    assert new.status_code == 201
    path = f"/people/{new.json()['id']}"
    role = (await ada.post(f"{path}/roles", {"role": "practitioner", "setting": people.OAKFIELD})).json()["roles"][0]
    assert (role["role"], role["setting"]) == ("practitioner", people.OAKFIELD)
    assert (await ada.post(f"{path}/roles/{role['id']}/end")).json()["roles"] == []
    assert (
        (await ada.post(path, {"email": "nell@oakfield.example", "name": "Nell Ames"}))
        .json()["email"]
        .startswith("nell")
    )
    assert (await ada.post(f"{path}/leave", {"from": "2026-03-09", "to": "2026-03-10"})).status_code == 200
    assert (await ada.post(f"{path}/left", {"on": "2026-03-20"})).json() == {"moved": []}
    assert (await ada.post(f"{path}/back")).json()["left"] is None
    place = {
        "key": "elmwood",
        "name": "Elmwood",
        "kind": "school",
        "area": people.DERBY,
        "closed": ["2026-04-03..2026-04-17"],
    }
    assert (await ada.post("/settings", place)).json()["closed"] == place["closed"]
    loading = {"people": [{"email": "x@elm.example", "name": "X", "roles": [{"role": "dsl", "setting": "elmwood"}]}]}
    assert (await ada.post("/roster", loading)).json()["people"] == 1
    for listing in ("/people", "/settings", "/deliveries", "/firings", "/statements"):
        assert (await ada.get(f"{listing}?limit=2")).status_code == 200
    status = (await ada.get("/status")).json()
    assert (status["waits"]["open_concerns"], status["acted_on"]) == (0, {})
    assert len(await loaded.rows(select(Deed))) > 6


async def test_the_last_administrator_stays(api: Callers, loaded: Driver) -> None:
    """By ending their role, by their leaving, or by a roster that forgets them."""
    ada = await api.program(people.ADMIN, [Scope.MANAGE])
    rows = (await ada.get("/people?limit=100")).json()["items"]
    me = next(one for one in rows if one["email"] == people.ADMIN)
    assert (await ada.post(f"/people/{me['id']}/roles/{me['roles'][0]['id']}/end")).status_code == 403
    assert (await ada.post(f"/people/{me['id']}/left", {"on": "2026-03-02"})).status_code == 403
    assert (await ada.post("/roster", {"people": [{"email": people.ADMIN, "name": "Ada"}]})).status_code == 422
    assert (await ada.get("/people")).status_code == 200


async def test_a_held_referral_is_stopped_by_two(api: Callers, loaded: Driver) -> None:
    """A stop of a `worse` referral needs a second person, and the hold runs on until they agree."""
    await held(loaded)
    api.at("2026-04-20T11:00")
    dana, devan = await api.program(people.DSL), await api.program(people.DEPUTY)
    path = f"/tasks/{await _task(dana, 'confirm_referral')}/moves/stop"
    assert (await dana.post(path, {"reason": "A mistake."})).json()["field"] == "second"
    assert (await dana.post(path, {"reason": "A mistake.", "second": people.DEPUTY})).json()["status"] == "REFERRING"
    assert (await devan.post(f"/tasks/{await _task(devan, 'countersign')}/moves/agree")).json()[
        "status"
    ] == "SUPPORTING"


@pytest.mark.parametrize("scopes", [[Scope.READ], [Scope.MANAGE]])
async def test_a_key_that_may_not_record_changes_nothing(api: Callers, loaded: Driver, scopes: list[Scope]) -> None:
    """403, and the header says which scope would."""
    ada = await api.program(people.ADMIN, scopes)
    before = await loaded.dump()
    answer = await ada.post("/observations", {"child": people.AMIRA, **SEEN})
    assert (answer.status_code, 'scope="record"' in answer.headers["www-authenticate"]) == (403, True)
    after = await loaded.dump()
    assert {name: rows for name, rows in after.items() if name != "apikey"} == {
        name: rows for name, rows in before.items() if name != "apikey"
    }
