"""Commands that look and change nothing: tasks, reviews, show, check."""

from typing import Annotated, Any

from cyclopts import App, Parameter

from config.time import now
from models.database import engine, reading
from models.views import open_tasks, reviews, show
from pathway.options import Json
from pathway.printing import as_json, progress, say, when
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
    _print_tasks(rows)


def _print_tasks(rows: list[dict[str, Any]]) -> None:
    if not rows:
        say("No open tasks.")
    for row in rows:
        about = f" ({row['about']})" if row["about"] else ""
        say(f"{row['id'][:8]}  {row['concern']}  {row['kind']}{about}: {row['owner']}")
        say(f"    due {_due(row)}")
        if row["acknowledge_by"]:
            say(f"    to be acknowledged by {when(row['acknowledge_by'])}")
        say(f"    moves: {', '.join(row['moves'])}")


def _due(row: dict[str, Any]) -> str:
    rung = f"OVERDUE, rung {row['rung']}: " if row["overdue"] else ""
    return f"{rung}{row['due_because']}"


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
    if not rows:
        say("No assessments or reviews to come.")
    for row in rows:
        late = "OVERDUE " if row["overdue"] else ""
        outcomes = ", ".join(row["last_outcomes"]) or "none yet"
        say(f"{late}{when(row['due_at'])}  {row['concern']}  {row['kind']}: {row['owner']}  (task {row['id'][:8]})")
        days = row["days_without_improvement"]
        say(f"    last outcomes: {outcomes}; {days} days without improvement; postponed {row['postponed']} times")


async def _reviews(area: str | None) -> list[dict[str, Any]]:
    await record_is_there()
    async with reading(engine()) as session:
        return await reviews(session, now(), area)


def show_concern(reference: str, /, *, json: Json = False) -> None:
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
        decision = referral["decision"] or "none yet"
        say(f"Referral {referral['number']} (rule {referral['rule']}): {_stands(referral)}; decision: {decision}")
    say("")
    say("Open tasks")
    _print_tasks(concern["open_tasks"])
    say("\nHistory")
    for event in concern["events"]:
        say(f"{when(event['recorded_at'])}  {event['kind']}, {event['by']}: {event['because']}")
    say("\nWho was told")
    for one in concern["deliveries"]:
        sent = f" {when(one['sent_at'])}" if one["sent_at"] else ""
        say(f"{one['letter']} to {one['to']}: {one['state']}{sent}")
    if not concern["deliveries"]:
        say("Nobody has been told yet.")


def _stands(referral: dict[str, Any]) -> str:
    for name, word in (("stopped_at", "stopped"), ("sent_at", "sent"), ("hold_until", "held until")):
        if referral[name]:
            return f"{word} {when(referral[name])}"
    return "raised"


def check(
    *,
    whole: Annotated[bool, Parameter(name="--all", negative="", help="Letters and closed tasks of all time.")] = False,
    json: Json = False,
) -> int:
    """The reconciler: is every concern, task, event, referral and letter covered? Exit code 1 and a list when not."""
    return run(_check(whole, json))


async def _check(whole: bool, json: bool) -> int:
    from flows.checking import check as look

    await record_is_there()
    with progress("checking concerns") as done:
        statement = await look(engine(), now(), done, whole=whole)
    findings = [{"concern": one.reference, "what": one.what} for one in statement.findings]
    if json:
        counts = {name: getattr(statement, name) for name in ("concerns", "tasks", "events", "letters")}
        as_json({"at": statement.at.isoformat(), **counts, "findings": findings})
    else:
        for one in findings:
            say(f"{one['concern']}: {one['what']}")
        say(str(statement)[:1].upper() + str(statement)[1:] + ".")
    return 1 if findings else 0
