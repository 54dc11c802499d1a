"""The story: what people do, when, and what they write. Everybody is invented; the pathway does the rest by itself."""

from dataclasses import dataclass, field
from typing import Any

TEACHER = "tessa.marlow@larkfield.example"
DSL = "dana.whitlock@larkfield.example"
DEPUTY = "idris.penhale@larkfield.example"
LEAD = "leon.castell@larkfield.example"
FRONT_DOOR = "duty@front-door.example"
COORDINATOR = "coordinator@early-help.example"

START = "2026-03-02T08:00"
END = "2026-06-22T12:00"


@dataclass(frozen=True)
class Step:
    """Somebody does something at a London time: logs an observation, or makes a move on a kind of task."""

    at: str
    by: str
    tells: str
    move: str = "log"
    kind: str = ""
    fields: dict[str, Any] = field(default_factory=dict)


STORY: tuple[Step, ...] = (
    Step(
        "2026-03-02T09:05",
        TEACHER,
        "Tessa, the class teacher, writes down what she saw this morning",
        fields={
            "child": "robin",
            "seen_at": "2026-03-02T08:50",
            "place": "classroom",
            "what": "Robin came in without a coat and ate two bowls at breakfast club. Shoes wet through.",
            "child_words": "There wasn't any tea last night. Mum was asleep.",
            "types": ["physical", "nutritional"],
        },
    ),
    Step(
        "2026-03-02T13:40",
        DSL,
        "Dana, the DSL, was teaching all morning; after her deputy was told she opens it",
        "acknowledge",
        "dsl_review",
    ),
    Step(
        "2026-03-03T10:15",
        DSL,
        "Dana decides on early help, led by Leon",
        "early_help",
        "dsl_review",
        {"reason": "Third worry since January. The family may welcome help at home.", "lead": LEAD},
    ),
    Step(
        "2026-03-05T15:45",
        LEAD,
        "Leon meets Robin's mother, who agrees",
        "consent",
        "gain_consent",
        {"given_by": "Robin's mother", "covers": "school, health visitor and GP"},
    ),
    Step(
        "2026-03-18T09:20",
        TEACHER,
        "Tessa sees something again: it joins the open concern instead of starting a new one",
        fields={
            "child": "robin",
            "seen_at": "2026-03-18T08:55",
            "place": "playground",
            "what": "Same clothes since Monday, strong smell. Robin stood apart at playtime.",
            "child_words": "The washing machine is broken.",
            "types": ["physical"],
        },
    ),
    Step(
        "2026-03-18T12:30",
        DSL,
        "Dana has read it; the assessment is under way",
        "noted",
        "dsl_decision",
        {"reason": "Leon has it for the assessment on Friday."},
    ),
    Step(
        "2026-03-20T16:00",
        LEAD,
        "Leon finishes the assessment; what people promise becomes a task each",
        "complete",
        "assess",
        {
            "level": 2,
            "needs": "Regular meals, clean clothes, a working washing machine; support for mother's low mood.",
            "plan": "Breakfast club daily, hardship grant for the machine, GP for mother.",
            "child_words": "I like it when Mum gets up.",
            "scores": {"nutrition": 3, "clothing": 3},
            "actions": [{"what": "Apply for the hardship grant", "owner": DEPUTY, "due": "2026-03-27"}],
        },
    ),
    Step(
        "2026-03-24T09:30",
        DSL,
        "The school closes for Easter: Dana names who looks after Robin meanwhile",
        "name",
        "name_cover",
        {"cover": COORDINATOR, "last_seen": "Tessa, at breakfast club this morning."},
    ),
    Step(
        "2026-04-01T10:00",
        DEPUTY,
        "Idris was reminded, the day passed, Leon heard of it; now it is done",
        "done",
        "action",
        {"note": "Grant applied for on 1 April."},
    ),
    Step(
        "2026-04-13T09:40",
        DSL,
        "The first day back: Robin is in class",
        "seen",
        "first_day",
        {"note": "In class, tired, ate twice at breakfast club."},
    ),
    Step(
        "2026-04-14T15:45",
        LEAD,
        "The first team around the family: no change yet",
        "review",
        "hold_review",
        {
            "outcome": "unchanged",
            "evidence": "Late 11 times; clothing and meals as in March.",
            "engagement": "Mother came and was warm.",
            "child_words": "It's the same.",
            "parents_informed": "yes",
        },
    ),
    Step(
        "2026-05-22T11:00",
        LEAD,
        "The second review, before half-term: unchanged again",
        "review",
        "hold_review",
        {
            "outcome": "unchanged",
            "evidence": "No visit to the GP, machine not mended, Robin hungry on most mornings.",
            "engagement": "Mother came late and left early.",
            "child_words": "Nobody came to fix it.",
            "parents_informed": "Mother was told on 22 May that a referral is considered.",
        },
    ),
    Step(
        "2026-05-29T11:30",
        FRONT_DOOR,
        "After the chase the front door answers",
        "acknowledge",
        "await_acknowledgement",
        {"by": "Duty desk", "number": "FD-20417"},
    ),
    Step(
        "2026-05-29T15:10",
        FRONT_DOOR,
        "The front door decides: a section 17 assessment",
        "decide",
        "await_decision",
        {"decision": "s17", "reason": "Unmet need over five months; a social worker will assess."},
    ),
    Step(
        "2026-06-01T09:20",
        DSL,
        "After half-term, for which nobody was named and the coordinator had it by itself: Robin is in class",
        "seen",
        "first_day",
        {"note": "In class, in clean clothes."},
    ),
    Step(
        "2026-06-17T14:00",
        DSL,
        "Dana records the social worker's plan",
        "record",
        "statutory_review",
        {"what": "plan", "on": "2026-06-16", "note": "Child in need plan agreed with mother and school."},
    ),
)
