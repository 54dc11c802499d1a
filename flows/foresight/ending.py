"""Where silence leads: what goes on for ever, task by task, when nobody ever acts."""

from config.policy import Ladder, Policy
from config.time import say_instant
from flows.foresight.foreseen import End
from flows.foresight.happening import Lived, still_open
from models.lifecycle import Kind
from models.opening import LAST_STAGE
from models.record import Task

NOWHERE = "Silence ends nowhere: no letter and no lapse closes a concern; only a person's decision does."


def ends_of(lived: Lived) -> list[End]:
    """A sentence for each task that is still open, and what it means for the whole."""
    return [*(End(_end(one, lived), one.kind) for one in still_open(lived)), End(NOWHERE)]


def _end(task: Task, lived: Lived) -> str:
    policy = lived.scene.policy_of(task)
    if task.kind == Kind.RESOLVE_DISAGREEMENT and task.stage == LAST_STAGE:
        days = policy.figure(f"escalation_stage{LAST_STAGE}_due")
        return f"The last stage begins again every {_days(int(days))}, without end."
    if task.lapse_at is not None:
        return f"It lapses by itself on {say_instant(task.lapse_at)}."
    return _again(policy.ladders[task.kind], policy)


def _again(ladder: Ladder, policy: Policy) -> str:
    roles = ladder.rungs[-1].to if ladder.rungs else ("owner",)
    after = f"{_days(ladder.rungs[-1].after)} overdue" if ladder.rungs else "overdue"
    told = " and ".join(policy.label(role) for role in roles)
    verb = "hear" if len(roles) > 1 else "hears"
    return f"Once it is {after}, {told} {verb} again every {_days(max(1, ladder.repeat_after))}, without end."


def _days(count: int) -> str:
    return "working day" if count == 1 else f"{count} working days"
