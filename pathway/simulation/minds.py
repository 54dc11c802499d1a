"""Somebody with a task before them: what they know of it, and whom they could ask."""

from dataclasses import dataclass
from datetime import datetime

from config.time import to_london
from models.lifecycle import Move, offered
from models.record import Concern, Task
from pathway.simulation.assumptions import Shares
from pathway.simulation.life import Life
from pathway.simulation.partnership import Actor

SECONDS = ("deputy_dsl", "dsl", "head")


@dataclass(frozen=True)
class Seen:
    """A task as somebody finds it: its concern, the child's key, and who owes it."""

    task: Task
    concern: Concern
    child: str
    owner: str


@dataclass(frozen=True)
class Mind:
    """Somebody with a task before them at an instant."""

    life: Life
    seen: Seen
    actor: Actor
    at: datetime

    @property
    def key(self) -> tuple[str, str, str]:
        """What a chance about this task is drawn for."""
        return self.seen.concern.reference, self.seen.task.kind.value, self.seen.task.opened_at.isoformat()

    @property
    def severity(self) -> str:
        """How bad it is for the child."""
        return self.life.child(self.seen.child).severity

    @property
    def course(self) -> str:
        """Which way it goes for the child."""
        return self.life.child(self.seen.child).course

    def offers(self) -> tuple[Move, ...]:
        """What the task offers."""
        concern = self.seen.concern
        enough = concern.improved_running >= int(
            self.life.policies[concern.area].figure("sustained_improvement_reviews_to_close")
        )
        return offered(self.seen.task.kind, concern.status, after_nfa=concern.after_nfa, may_close=enough)

    def pick(self, shares: Shares, *more: object) -> str:
        """One of the ways that the task offers, or that are no move at all."""
        offers = self.offers()
        fit = {name: share for name, share in shares.items() if name in offers or name == "wait"}
        return self.life.chance.pick(fit, *self.key, *more) if fit else "wait"

    def happens(self, chance: float, *more: object) -> bool:
        """A chance about this task."""
        return self.life.chance.happens(chance, *self.key, *more)

    def second(self) -> str | None:
        """Somebody else who safeguards and is not away."""
        place, day = self.life.partnership.setting_of(self.seen.child), to_london(self.at).date()
        able = [one for role in SECONDS for one in self.life.partnership.holders(role, place)]
        able = [one for one in able if one != self.actor and not self.life.diary.is_away(one.email, day)]
        return able[0].email if able else None

    def lead(self) -> str:
        """Who is to lead: one of those who work at the setting, or the actor where none is in post."""
        place, day = self.life.partnership.setting_of(self.seen.child), to_london(self.at).date()
        able = [one for role in ("practitioner", "dsl") for one in self.life.partnership.holders(role, place)]
        able = [one for one in able if not self.life.diary.has_left(one.email, day)]
        return self.life.chance.one_of(able, *self.key, "lead").email if able else self.actor.email
