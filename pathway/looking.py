"""Commands that look and change nothing: tasks, reviews, show, check."""

from typing import Annotated, Any

from cyclopts import App, Parameter

from config.time import now
from models.database import engine, reading
from models.views import open_tasks, reviews, show
from pathway.printing import as_json, progress, say, table, when
from pathway.recording import Json
from pathway.session import record_is_there, run


def add_to(app: App) -> None:
    """Add these commands."""
    for command in (tasks, check):
        app.command(command)
    app.command(reviews_to_come, name="reviews")
    app.command(show_concern, name="show")


def tasks(
    *,
    for_: Annotated[str | None, Parameter(name="--for", help="Only what this person owes or stands in for.")] = None,
    overdue: Annotated[bool, Parameter(negative="", help="Only what is overdue.")] = False,
    json: Json = False,
) -> None:
    """List open tasks with owner, deadline and why then, earliest first."""
    rows = run(_tasks(for_, overdue))
    if json:
        as_json(rows)
        return
    table(
        "Open tasks",
        ("task", "kind", "concern", "owner", "due", "moves"),
        [(r["id"][:8], r["kind"], r["concern"], r["owner"], _due(r), ", ".join(r["moves"])) for r in rows],
        "No open tasks.",
    )


def _due(row: dict[str, Any]) -> str:
    rung = f"OVERDUE, rung {row['rung']}: " if row["overdue"] else ""
    return rung + row["due_because"]


async def _tasks(email: str | None, overdue: bool) -> list[dict[str, Any]]:
    await record_is_there()
    async with reading(engine()) as session:
        return await open_tasks(session, now(), email, overdue)


def reviews_to_come(*, area: str | None = None, json: Json = False) -> None:
    """List assessments and reviews to come, overdue first, with the last outcomes and days without improvement."""
    rows = run(_reviews(area))
    if json:
        as_json(rows)
        return
    table(
        "Assessments and reviews",
        ("task", "kind", "concern", "owner", "due", "last outcomes", "days without improvement"),
        [
            (
                r["id"][:8],
                r["kind"],
                r["concern"],
                r["owner"],
                ("OVERDUE " if r["overdue"] else "") + when(r["due_at"]),
                ", ".join(r["last_outcomes"]),
                str(r["days_without_improvement"]),
            )
            for r in rows
        ],
        "No assessments or reviews to come.",
    )


async def _reviews(area: str | None) -> list[dict[str, Any]]:
    await record_is_there()
    async with reading(engine()) as session:
        return await reviews(session, now(), area)


def show_concern(reference: str, *, json: Json = False) -> None:
    """Show one concern: status, child's clock, tasks, history, who was told what and when."""
    concern = run(_show(reference))
    if json:
        as_json(concern)
    else:
        _print_concern(concern)


async def _show(reference: str) -> dict[str, Any]:
    await record_is_there()
    async with reading(engine()) as session:
        return await show(session, reference, now())


def _print_concern(concern: dict[str, Any]) -> None:
    clock = concern["child_clock_days"]
    say(f"{concern['reference']} is {concern['status']}, open since {when(concern['opened_at'])}")
    say(f"Child's clock: {clock} day(s) since the first concern without sustained improvement")
    for other in concern["household"]:
        whose = "earlier, the same child" if other["same_child"] else "a sibling"
        say(f"Household: {other['reference']} ({whose}), {other['status']}")
    if referral := concern["referral"]:
        end = f"sent {when(referral['sent_at'])}" if referral["sent_at"] else f"held until {when(referral['hold_until'])}"
        stopped = f"stopped {when(referral['stopped_at'])}" if referral["stopped_at"] else end
        say(f"Referral {referral['number']} (rule {referral['rule']}): {stopped}; decision: {referral['decision'] or '-'}")
    say("")
    owed = [(t["id"][:8], t["kind"], t["owner"], _due(t), ", ".join(t["moves"])) for t in concern["open_tasks"]]
    table("Open tasks", ("task", "kind", "owner", "due", "moves"), owed, "No open tasks.")
    say("")
    table(
        "History",
        ("recorded", "by", "what", "why"),
        [(when(e["recorded_at"]), e["by"], e["kind"], e["because"]) for e in concern["events"]],
        "No history.",
    )
    say("")
    table(
        "Who was told",
        ("letter", "to", "state", "sent"),
        [(d["letter"], d["to"], d["state"], when(d["sent_at"])) for d in concern["deliveries"]],
        "Nobody has been told yet.",
    )


def check(*, json: Json = False) -> int:
    """The reconciler: is every open concern, task, event, referral and letter covered? Exit code 1 and a list when not."""
    return run(_check(json))


async def _check(json: bool) -> int:
    from flows.checking import check as look

    await record_is_there()
    with progress("checking concerns") as done:
        statement = await look(engine(), now(), done)
    findings = [{"concern": one.reference, "what": one.what} for one in statement.findings]
    if json:
        counts = {name: getattr(statement, name) for name in ("concerns", "tasks", "events", "letters")}
        as_json({"at": statement.at.isoformat(), **counts, "findings": findings})
    else:
        for one in findings:
            say(f"{one['concern']}: {one['what']}")
        say(str(statement)[:1].upper() + str(statement)[1:] + ".")
    return 1 if findings else 0
