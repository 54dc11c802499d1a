"""The watch: what ran, failed and waits, in words; running again and checking by hand; nothing waits for Prefect."""

from __future__ import annotations

import json
import os
import re
import socket
import time
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import col, select, update

from flows.clock import slot
from flows.due import PURGE, RECONCILE
from flows.expecting import next_looks
from flows.workers import at_prefect
from models.record import Event, Task
from models.telling import Delivery, Firing, State
from tests import people
from tests.driver import Driver, instant
from tests.integration import stories
from tests.integration.pages.office import ada, deeds_of
from tests.mail import mail_server
from tests.site import Site

AT = "2026-03-02T10:00"
MINUTE = timedelta(minutes=1)
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def fired(driver: Driver, flow: str, at: str, outcome: str | None, slot: str = "", ended: bool = False) -> Firing:
    """A run as it was written down."""
    began = instant(at)
    row = Firing(
        flow=flow, slot=slot or f"{at}/x-1", started_at=began, outcome=outcome, counts={"sent": 2, "refused": 0}
    )
    row.ended_at = began + MINUTE if ended else None
    async with driver.writing() as session:
        session.add(row)
    return row


async def test_a_failed_run_says_why_and_where_the_log_has_it(site: Site, loaded: Driver) -> None:
    """In a sentence with something to do, and its number; Prefect's own page is a link away when a server is known."""
    await fired(loaded, "tell-people", "2026-03-02T09:00", "failed SettingsError:3f2a9c01d4e7")
    await fired(loaded, "refer", "2026-03-02T09:10", "failed Unheard:aaaabbbbcccc")
    await fired(loaded, RECONCILE, "2026-03-02T09:20", "failed NotCovered:3")
    await fired(loaded, "review", "2026-03-02T09:30", "failed at a worker")
    text = (await (await ada(site, AT)).get("/admin")).text
    assert "most often no mail server is named" in text
    assert "3f2a9c01d4e7" in text
    assert "It is called Unheard." in text
    assert "3 things not covered." in text
    assert "It failed at a Prefect worker, or was killed there." in text


async def test_a_failed_run_that_was_made_good_needs_nobody(site: Site, loaded: Driver) -> None:
    """A later run of the same flow has done its work."""
    await fired(loaded, "refer", "2026-03-02T09:10", "failed OSError:aaaabbbbcccc")
    browser = await ada(site, AT)
    assert "What failed Nothing that needs you" not in (await browser.get("/admin")).text
    await fired(loaded, "refer", "2026-03-02T09:20", "done", ended=True)
    text = (await browser.get("/admin")).text
    assert "What failed Nothing that needs you" in text
    assert "a later run has ended well" in text


async def test_running_a_failed_flow_again_does_its_work_once(site: Site, loaded: Driver) -> None:
    """The events that waited are followed up; pressed again, nothing is done and nobody is told twice."""
    await loaded.log(people.AMIRA, people.TEACHER, AT)
    failed = await fired(loaded, "log-concern", AT, "failed OperationalError:aaaabbbbcccc")
    waiting = select(Event).where(Event.followed_up_at == None)  # noqa: E711  # SQL's
    assert await loaded.rows(waiting)
    async with mail_server() as mail:
        browser = await ada(site, AT)
        answer = await browser.post(f"/admin/runs/{failed.id}/again")
        assert answer.leads_to == f"/admin/runs/{failed.id}?ended=yes"
        assert not await loaded.rows(waiting)
        assert sorted(mail.sent_to) == sorted([people.DSL, people.TEACHER])
        page = await browser.get(answer.leads_to)
        assert "done again just now" in page.text
        assert "Done without Prefect" in page.text
        before = await loaded.dump()
        await browser.post(f"/admin/runs/{failed.id}/again")
        after = await loaded.dump()
        assert len(mail.letters) == 2
    assert {name for name in after if after[name] != before[name]} == {"deed"}
    assert [one.about["flow"] for one in await deeds_of(loaded, "flow_run")] == ["log-concern"] * 2


@on_sqlite
async def test_a_clocks_own_run_is_done_again_in_its_own_slot(site: Site, loaded: Driver) -> None:
    """So that it is one run that failed and then went well; one that ended well is passed over."""
    row = await fired(loaded, PURGE, AT, "failed OSError:aaaabbbbcccc", slot(PURGE, instant(AT)))
    browser = await ada(site, AT)
    await browser.post(f"/admin/runs/{row.id}/again")
    (purged,) = await loaded.rows(select(Firing).where(Firing.flow == PURGE))
    assert purged.ended_at is not None
    await browser.post(f"/admin/runs/{row.id}/again")
    assert await loaded.rows(select(Firing).where(Firing.flow == PURGE)) == [purged]


@on_sqlite
async def test_deadlines_are_done_again_by_hand(site: Site, loaded: Driver) -> None:
    """A sweep that failed leaves its tasks due; running it again looks at them."""
    await loaded.log(people.AMIRA, people.TEACHER, AT)
    await loaded.follow(AT)
    row = await fired(loaded, "check-deadlines", AT, "failed OperationalError:aaaabbbbcccc")
    late = "2026-03-06T10:00"
    due = select(Task).where(Task.next_at <= instant(late))
    assert await loaded.rows(due)
    await (await ada(site, late)).post(f"/admin/runs/{row.id}/again")
    assert not await loaded.rows(due)


async def test_checking_by_hand_says_what_is_not_covered(site: Site, loaded: Driver) -> None:
    """By reference, kept under an address of its own; nothing missed is said too."""
    logged = await loaded.log(people.AMIRA, people.TEACHER, AT)
    browser = await ada(site, AT)
    answer = await browser.post("/admin/check")
    assert (await browser.get(answer.leads_to)).page.heading == "Nothing was missed"
    await loaded.act(lambda session: session.exec(update(Task).values(next_at=instant("2026-03-01T09:00"))))
    found = await browser.get((await browser.post("/admin/check")).leads_to)
    assert "not covered" in found.page.heading
    assert logged.reference in found.text
    assert "nobody looked" in found.text
    assert (await browser.get(answer.leads_to)).page.heading == "Nothing was missed"
    assert (await browser.get("/admin/check/not-a-number")).status == 404


@on_sqlite
async def test_a_silent_clock_is_said_in_red_words(site: Site, loaded: Driver, home: Path) -> None:
    """Twenty minutes without a look at deadlines: nobody is reminded; unless the runner has only just begun."""
    row = await fired(loaded, "check-deadlines", "2026-03-02T09:45", "done", ended=True)
    browser = await ada(site, AT)
    assert "The clock Going" in (await browser.get("/admin")).text
    await loaded.act(
        lambda s: s.exec(update(Firing).where(col(Firing.id) == row.id).values(started_at=instant("2026-03-02T09:39")))
    )
    assert "The clock Silent" in (await browser.get("/admin")).text
    (home / "runner.json").write_text(json.dumps({"port": 9, "pid": os.getpid()}), "utf-8")
    assert "The clock Just started" in (await browser.get("/admin")).text


@on_sqlite
async def test_no_mail_server_and_a_frozen_time_are_said(site: Site) -> None:
    """Both would surprise an administrator who relies on letters."""
    text = (await (await ada(site, AT)).get("/admin")).text
    assert "No mail server is configured" in text
    assert "Time is frozen by PATHWAY_NOW" in text


@on_sqlite
async def test_the_watch_waits_for_no_prefect(
    site: Site, loaded: Driver, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that takes the connection and says nothing costs a second; its pages are linked all the same."""
    run = await fired(loaded, "refer", "2026-03-02T09:10", "failed OSError:aaaabbbbcccc")
    await loaded.act(lambda s: s.exec(update(Firing).where(col(Firing.id) == run.id).values(prefect_run_id="the-run")))
    with socket.create_server(("127.0.0.1", 0)) as mute:
        url = f"http://127.0.0.1:{mute.getsockname()[1]}/api"
        (home / "prefect.json").write_text(json.dumps({"url": url, "pid": os.getpid()}), "utf-8")
        began = time.monotonic()
        answer = await (await ada(site, AT)).get("/admin")
        assert time.monotonic() - began < 3
    assert "Prefect Does not answer" in answer.text
    assert f"{url.removesuffix('/api')}/runs/flow-run/the-run" in answer.page.links
    assert (await at_prefect()).workers is None


@on_sqlite
async def test_when_each_flow_is_next_looked_at(site: Site, loaded: Driver) -> None:
    """On a Friday evening the morning letter comes on Monday; the hourly check at twenty past."""
    looks = next_looks(instant("2026-03-06T18:30"))
    assert looks["morning-digest"] == instant("2026-03-09T08:00")
    assert looks["outage-pack"] == instant("2026-03-09T17:30")
    assert looks["reconcile"] == instant("2026-03-06T19:20")
    assert looks["check-deadlines"] == instant("2026-03-06T18:30")
    text = (await (await ada(site, "2026-03-06T18:31")).get("/admin")).text
    assert "Monday 9 March at 8am" in text
    assert re.search(r"By today at 6:45pm", text)


@on_sqlite
async def test_a_run_there_is_not(site: Site) -> None:
    """An id that leads nowhere and one that is none get the same answer."""
    browser = await ada(site, AT)
    for run in ("c0ffee00-0000-4000-8000-000000000000", "nonsense"):
        assert (await browser.get(f"/admin/runs/{run}")).status == 404
        assert (await browser.post(f"/admin/runs/{run}/again")).status == 404


@on_sqlite
async def test_letters_that_nobody_acts_on_show(site: Site, loaded: Driver) -> None:
    """By kind, with the share acted on within the policy's working day; the API says the same."""
    assert "None was sent." in (await (await ada(site, AT)).get("/admin")).text
    await stories.logged(loaded)
    sent = update(Delivery).values(state=State.SENT, sent_at=instant("2026-03-02T09:00"))
    await loaded.act(lambda session: session.exec(sent))
    await loaded.do("acknowledge", people.DSL, "2026-03-02T09:30")
    text = (await (await ada(site, AT)).get("/admin")).text
    assert "within 1 working day" in text
    assert "Task opened 1 100 % (1 of 1)" in " ".join(text.split())
