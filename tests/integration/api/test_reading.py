"""Reading through the API: who sees what of which concern, pages of lists, tags, and the access log."""

from __future__ import annotations

import json

import pytest
from sqlmodel import select

from models.access import Look, Scope
from models.statements import NotCovered, make_statements
from tests import people
from tests.caller import Callers
from tests.driver import GRACE, Driver, instant
from tests.integration.stories import CLOSING, held, logged, referred, supported
from tests.site import counted

WHOLE = (people.DSL, people.DEPUTY, people.HEAD, people.COORDINATOR)
NOTHING = (people.ASHDOWN_DSL, people.ASHDOWN_HEAD, people.SUNBEAMS_DSL, people.ASSISTANT, people.ADMIN)


async def test_me_says_whose_key_it_is(api: Callers) -> None:
    """And what it may do."""
    me = (await (await api.program(people.DSL, [Scope.READ])).get("/me")).json()
    assert (me["email"], me["scopes"], me["narrowed_to"]) == (people.DSL, ["read"], None)
    assert me["roles"] == [{"role": "dsl", "setting": people.OAKFIELD, "area": None}]


@pytest.mark.parametrize("email", WHOLE)
async def test_who_safeguards_sees_the_whole(api: Callers, loaded: Driver, email: str) -> None:
    """The contract of `pathway show`, with child and version."""
    reference = await logged(loaded)
    seen = (await (await api.program(email)).get(f"/concerns/{reference}")).json()
    shown = await loaded.show(reference, "2026-03-02T09:00")
    assert {**seen, **shown} == seen
    assert (seen["sight"], seen["child"]["name"]) == ("whole", people.CHILDREN[people.AMIRA].name)


@pytest.mark.parametrize("email", NOTHING)
async def test_out_of_reach_is_as_if_it_were_not(api: Callers, loaded: Driver, email: str) -> None:
    """Another setting, another area, a colleague who logged nothing, an administrator: 404, as for none at all."""
    reference = await logged(loaded)
    program = await api.program(email)
    task = (await loaded.tasks("2026-03-02T09:00"))[0]["id"]
    for path in (
        f"/concerns/{reference}",
        f"/concerns/{reference}/looks",
        f"/concerns/{reference}/foresee",
        f"/tasks/{task}",
        f"/referrals/{reference}/1",
    ):
        answer, nowhere = await program.get(path), await program.get("/concerns/NC-1999-00001")
        assert (answer.status_code, answer.json()) == (404, nowhere.json())
    moved = await program.post(f"/tasks/{task}/moves/monitor", {"reason": "watch"})
    assert moved.status_code == 404
    for listing in ("/concerns", "/tasks?mine=false", "/reviews", "/referrals"):
        assert (await program.get(listing)).json()["items"] == []


async def test_whoever_logged_sees_their_own_and_the_status(api: Callers, loaded: Driver) -> None:
    """No history, no letters, no colleague's words."""
    reference = await logged(loaded)
    await loaded.log(people.AMIRA, people.ASSISTANT, "2026-03-02T09:30", what="A colleague's words.")
    api.at("2026-03-02T10:00")
    seen = (await (await api.program(people.TEACHER)).get(f"/concerns/{reference}")).json()
    assert (seen["sight"], seen["status"], len(seen["observations"])) == ("own", "LOGGED", 1)
    assert "colleague" not in json.dumps(seen)
    assert not {"events", "deliveries", "child"} & set(seen)
    assert seen["open_tasks"] == []
    task = (await loaded.tasks("2026-03-02T10:00"))[0]["id"]
    assert (await (await api.program(people.TEACHER)).get(f"/tasks/{task}")).status_code == 404


async def test_whoever_owes_an_action_sees_that_action(api: Callers, loaded: Driver) -> None:
    """And no other task of the concern, nor anything else of it."""
    actions = [{"what": "Ring the dentist.", "owner": people.ASSISTANT, "due": "2026-03-20"}]
    reference = await supported(loaded, actions=actions)
    api.at("2026-03-16T11:00")
    asha = await api.program(people.ASSISTANT)
    seen = (await asha.get(f"/concerns/{reference}")).json()
    assert (seen["sight"], [one["kind"] for one in seen["open_tasks"]]) == ("task", ["action"])
    assert seen["observations"] == []
    others = [one for one in await loaded.tasks("2026-03-16T11:00") if one["kind"] != "action"]
    assert others
    assert [(await asha.get(f"/tasks/{one['id']}")).status_code for one in others] == [404] * len(others)
    path = f"/tasks/{seen['open_tasks'][0]['id']}/moves/done"
    stale = await asha.post(path, {"note": "Rung."}, headers={"If-Match": '"1"'})
    assert stale.status_code == 412
    assert "Leon" not in stale.text
    done = await asha.post(path, {"note": "Rung."})
    assert done.status_code == 200
    assert (await asha.get(f"/concerns/{reference}")).status_code == 404


async def test_what_an_administrator_hands_to_themselves_says_nothing_of_the_child(
    api: Callers, loaded: Driver
) -> None:
    """A task can be taken from whoever is ill by who runs the system; what people wrote in it stays unread."""
    actions = [{"what": "Ring Amira's dentist.", "owner": people.ASSISTANT, "due": "2026-03-20"}]
    reference = await supported(loaded, actions=actions)
    api.at("2026-03-16T11:00")
    ada = await api.program(people.ADMIN, [*Scope])
    task = next(one["id"] for one in await loaded.tasks("2026-03-16T11:00") if one["kind"] == "action")
    given = await ada.post(f"/tasks/{task}/reassign", {"to": people.ADMIN, "reason": "Asha is ill."})
    assert given.status_code == 200
    for path in (f"/tasks/{task}", "/tasks", f"/concerns/{reference}"):
        answer = await ada.get(path)
        assert answer.status_code == 200
        assert "dentist" not in answer.text


async def test_the_front_door_reads_what_was_sent_to_it(api: Callers, loaded: Driver) -> None:
    """And not what is still held, nor the concern's history."""
    reference = await referred(loaded)
    api.at("2026-03-02T11:00")
    door = await api.program(people.FRONT_DOOR)
    row = (await door.get("/referrals")).json()["items"][0]
    assert (row["concern"], row["number"]) == (reference, 1)
    read = (await door.get(f"/referrals/{reference}/1")).json()
    assert read["observations"][0]["child_words"] == people.CHILD_WORDS
    assert (len(read["children"]), read["elsewhere"]) == (3, {"children": 0, "observations": 0})
    dsls = (await (await api.program(people.DSL)).get(f"/referrals/{reference}/1")).json()
    assert [one["name"] for one in dsls["children"]] == ["Amira Quillonby"]
    assert (len(dsls["observations"]), dsls["elsewhere"]) == (1, {"children": 2, "observations": 0})
    assert (await door.get(f"/concerns/{reference}")).json()["sight"] == "referral"
    kinds = {one["kind"] for one in (await door.get("/tasks?mine=false")).json()["items"]}
    assert kinds == {"await_acknowledgement", "await_decision"}
    other = await api.program(people.DERBYSHIRE_FRONT_DOOR)
    assert (await other.get(f"/referrals/{reference}/1")).status_code == 404


async def test_a_held_referral_is_not_the_front_doors_yet(api: Callers, loaded: Driver) -> None:
    """Its DSL reads it; the front door learns nothing of it."""
    reference = await held(loaded)
    api.at("2026-04-20T11:00")
    assert (await (await api.program(people.DSL)).get(f"/referrals/{reference}/1")).status_code == 200
    assert (await (await api.program(people.FRONT_DOOR)).get(f"/referrals/{reference}/1")).status_code == 404


async def test_every_view_is_in_the_access_log(api: Callers, loaded: Driver) -> None:
    """With the page it was on; the DSL reads there who looked."""
    reference = await logged(loaded)
    colin, dana = await api.program(people.COORDINATOR), await api.program(people.DSL)
    for path in (f"/concerns/{reference}", "/concerns", "/tasks?mine=false", "/children?limit=1", "/referrals"):
        assert (await colin.get(path)).status_code == 200
    pages = {one.page for one in await loaded.rows(select(Look))}
    assert pages == {"api:concern", "api:concerns", "api:tasks", "api:children"}
    looks = (await dana.get(f"/concerns/{reference}/looks")).json()["items"]
    assert {one["by"] for one in looks if one["page"] != "api:looks"} == {people.COORDINATOR}
    assert (await colin.get(f"/concerns/{reference}/looks")).status_code == 403


async def test_lists_come_in_pages_without_a_gap_or_a_double(api: Callers, loaded: Driver) -> None:
    """Whatever the size; the last page has no next."""
    for child in (people.AMIRA, people.DANIEL, people.IFEOMA):
        await loaded.log(child, people.TEACHER, "2026-03-02T08:45")
    dana = await api.program(people.DSL)
    for listing in ("/concerns", "/tasks", "/children", "/tasks?mine=false", "/reviews"):
        whole = (await dana.get(listing)).json()
        assert whole["next"] is None
        found, path = [], f"{listing}{'&' if '?' in listing else '?'}limit=1"
        while path:
            answer = await dana.get(path)
            found += answer.json()["items"]
            path = answer.links["next"]["url"].removeprefix("/api/v1") if "next" in answer.links else ""
        assert found == whole["items"]


async def test_a_page_that_cannot_be_is_refused(api: Callers) -> None:
    """With the parameter named."""
    dana = await api.program(people.DSL)
    for query in ("limit=0", "limit=101", "limit=x", "after=x", "after=6b1f8f0e-0000-4000-8000-000000000000"):
        answer = await dana.get(f"/concerns?{query}")
        assert (answer.status_code, answer.json()["field"]) == (422, query.partition("=")[0])


async def test_children_are_those_one_may_log_about(api: Callers, loaded: Driver) -> None:
    """With the siblings of the same reach; a search ends up with the same children, and its words in no address."""
    tessa = await api.program(people.TEACHER)
    items = (await tessa.get("/children")).json()["items"]
    assert [one["name"] for one in items] == ["Amira Quillonby", "Daniel Threckwith", "Ifeoma Castlewraye"]
    assert all(one["siblings"] == [] for one in items)
    colin = await api.program(people.COORDINATOR)
    found = (await colin.post("/children/search", {"name": "quill"})).json()["items"]
    assert {one["name"] for one in found} == {"Amira Quillonby", "Yusuf Quillonby", "Unborn Quillonby"}
    assert len(found[0]["siblings"]) == 2
    assert (await tessa.post("/children/search", {"name": "Yusuf"})).json()["items"] == []


async def test_the_same_answer_need_not_come_twice(api: Callers, loaded: Driver) -> None:
    """304 while nothing has changed, and the whole again when something has."""
    reference = await logged(loaded)
    dana = await api.program(people.DSL)
    first = await dana.get(f"/concerns/{reference}")
    tag = {"If-None-Match": first.headers["etag"]}
    again = await dana.get(f"/concerns/{reference}", headers=tag)
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    await loaded.do("acknowledge", people.DSL, "2026-03-02T09:10")
    assert (await dana.get(f"/concerns/{reference}", headers=tag)).status_code == 200


async def test_a_narrowed_key_sees_its_settings_alone(api: Callers, loaded: Driver) -> None:
    """Whatever else its owner sees."""
    reference = await logged(loaded)
    elsewhere = (await loaded.log(people.YUSUF, people.ASHDOWN_TUTOR, "2026-03-02T08:50")).reference
    colin = await api.program(people.COORDINATOR, only=[people.ASHDOWN])
    listed = [one["reference"] for one in (await colin.get("/concerns")).json()["items"]]
    assert listed == [elsewhere]
    assert (await colin.get(f"/concerns/{reference}")).status_code == 404
    children = [one["name"] for one in (await colin.get("/children")).json()["items"]]
    assert children == ["Jerome Osterfallow", "Yusuf Quillonby"]
    seen = (await colin.get(f"/concerns/{elsewhere}")).json()
    assert seen["household"] == []


async def test_what_is_read_costs_the_same_whatever_there_is(api: Callers, loaded: Driver) -> None:
    """A fixed number of statements for one row and for six."""
    colin = await api.program(people.COORDINATOR)
    await colin.get("/me")
    costs: list[list[int]] = []
    for group in ((people.AMIRA,), (people.YUSUF, people.DANIEL, people.IFEOMA, people.JEROME, people.NOORIYAH)):
        for child in group:
            await loaded.log(child, people.COORDINATOR, "2026-03-02T08:50")
        costs.append([])
        for path in ("/concerns", "/tasks?mine=false", "/children", "/reviews", "/referrals"):
            with counted(api.engine) as statements:
                assert (await colin.get(path)).status_code == 200
            costs[-1].append(len(statements))
    assert costs[0] == costs[1]


async def test_what_happens_if_nobody_acts_is_whole(api: Callers, loaded: Driver) -> None:
    """Every step, none put together; of a closed concern it is a conflict, for nothing is owed."""
    reference = await logged(loaded)
    dana = await api.program(people.DSL)
    seen = (await dana.get(f"/concerns/{reference}/foresee")).json()
    climbed = [one for one in seen["steps"] if one["does"] in ("rung", "repeat") and one["kind"] == "dsl_review"]
    rungs = [one["rung"] for one in climbed]
    assert rungs == list(range(1, len(rungs) + 1))
    assert len(rungs) > 45
    assert {one["to"] for one in climbed[-1]["hears"]} == {people.COORDINATOR, people.PARTNERSHIP}
    assert people.CHILDREN[people.AMIRA].name not in json.dumps(seen)
    await loaded.do("close", people.DSL, "2026-03-02T09:30", **CLOSING)
    await loaded.do("agree", people.DEPUTY, "2026-03-02T09:40")
    api.at("2026-03-02T10:00")
    assert (await dana.get(f"/concerns/{reference}/foresee")).status_code == 409


async def test_an_administrator_reads_each_days_statement(api: Callers, loaded: Driver) -> None:
    """Newest first, a page at a time, with whether it is still what was signed."""
    await logged(loaded)
    await loaded.act(make_statements, instant("2026-03-04T00:20"), GRACE, NotCovered())
    api.at("2026-03-04T09:00")
    ada = await api.program(people.ADMIN, [Scope.MANAGE])
    first = (await ada.get("/statements?limit=1")).json()
    second = (await ada.get(f"/statements?limit=1&after={first['next']}")).json()
    (tuesday,), (monday,) = first["items"], second["items"]
    assert (tuesday["day"], monday["day"], second["next"]) == ("2026-03-03", "2026-03-02", None)
    assert (tuesday["counts"]["missed"], tuesday["clean"], tuesday["still_what_was_signed"]) == (1, False, True)
    assert tuesday["previous_hash"] == monday["hash"]
