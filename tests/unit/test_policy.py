"""Policies: read whole or refused by line and key, effective-dated, with figures of their own by area."""

from datetime import date
from pathlib import Path
from typing import get_args

import pytest

from config.errors import PolicyError
from config.figures import BOUNDS, FIGURES, ORDERED, Unit
from config.policy import TASK_KINDS, Policy, warnings
from config.policy_book import PolicyBook, shipped
from config.policy_file import parse_policy, read_policy
from models.lifecycle import Kind

POLICIES = Path(__file__).parents[2] / "config" / "policies"
ENGLAND_TEXT = (POLICIES / "england-default.yaml").read_text("utf-8")
DERBY_TEXT = (POLICIES / "derby-and-derbyshire.yaml").read_text("utf-8")
SPRING = date(2026, 3, 2)
FIGURE = "dsl_decision_due: {value: 1, unit: working_days, basis: D, source: proposal}"
LATER = """\
changes:
  - in_force_from: 2026-09-01
    figures:
      taf_review_interval: {value: 4, unit: weeks, basis: L, source: our own board}
    areas:
      derby: {channel: portal}
    labels: {early_help: Family Help, lead: Family Help Lead Practitioner}
  - in_force_from: 2027-01-01
    extra_holidays: [2027-06-03]
    ladders:
      action: {rungs: [{after: 0, to: [lead]}]}
"""


def england() -> Policy:
    """England's default as it is shipped."""
    return shipped()["england-default"][0]


def derby() -> Policy:
    """Derby and Derbyshire's policy as it is shipped."""
    return shipped()["derby-and-derbyshire"][0]


def edited(old: str, new: str, text: str = ENGLAND_TEXT) -> str:
    """A policy's text with one thing changed."""
    assert text.count(old) == 1, f"{old!r} occurs {text.count(old)} times"
    return text.replace(old, new)


def with_changes(changes: str, text: str = DERBY_TEXT) -> str:
    """A policy's text with later versions."""
    (line,) = (one for one in text.splitlines() if one.startswith("changes:"))
    return edited(line, changes, text)


def line_of(part: str, text: str) -> int:
    """The line on which a part of a text stands."""
    return text[: text.index(part)].count("\n") + 1


def refused(text: str) -> str:
    """The one line with which a policy is refused."""
    with pytest.raises(PolicyError) as caught:
        parse_policy(text, "mine.yaml")
    assert "\n" not in str(caught.value)
    return str(caught.value)


# What is shipped


def test_two_policies_are_shipped() -> None:
    """England's default and Derby and Derbyshire's, each under its file's name."""
    assert set(shipped()) == {"england-default", "derby-and-derbyshire"} == {one.stem for one in POLICIES.iterdir()}


@pytest.mark.parametrize("policy", [england(), derby()], ids=lambda policy: policy.key)
def test_shipped_policies_are_whole(policy: Policy) -> None:
    """Every figure, a ladder for every kind of task, secure links, and an instrument without its owner's words."""
    assert set(policy.figures) == set(FIGURES)
    assert set(policy.ladders) == set(TASK_KINDS)
    assert {place.channel for place in (policy.elsewhere, *policy.areas.values())} == {"secure_link"}
    profile = policy.instruments["graded_care_profile"]
    assert profile.grades == (1, 2, 3, 4, 5)
    assert len(profile.sub_areas()) == 13


def test_task_kinds_are_those_of_the_lifecycle() -> None:
    """A new kind of task cannot be forgotten in the policies."""
    assert set(TASK_KINDS) == {kind.value for kind in Kind}


def test_every_unit_that_counts_has_bounds() -> None:
    """Units are whole numbers with bounds, truth or text; the figures that are compared are numbers."""
    assert set(get_args(Unit)) == {*BOUNDS, "boolean", "text"}
    assert {name for pair in ORDERED for name in pair} <= {
        name for name, expected in FIGURES.items() if expected.unit in BOUNDS
    }


def test_derby_and_derbyshire_differ_by_area() -> None:
    """A telephoned referral is in writing within 48 hours in Derby, 24 in Derbyshire and anywhere else."""
    name = "phone_referral_written_due_hours"
    figures = {area: derby().under(area).figure(name) for area in ("derby", "derbyshire", None)}
    assert figures == {"derby": 48, "derbyshire": 24, None: 24}
    assert england().under("derby").figure(name) == 24


def test_ladders_of_the_design() -> None:
    """Who hears of an overdue DSL's decision and of an overdue review, and when."""
    ladders = england().ladders
    assert [(rung.after, rung.to) for rung in ladders["dsl_decision"].rungs] == [
        (0, ("deputy_dsl",)),
        (1, ("head",)),
        (2, ("early_help_coordinator", "partnership_contact")),
    ]
    assert [(rung.after, rung.to) for rung in ladders["hold_review"].rungs] == [
        (0, ("lead",)),
        (1, ("dsl", "early_help_coordinator")),
        (5, ("head",)),
        (10, ("partnership_contact",)),
    ]
    assert [(one.when, one.working_days) for one in ladders["hold_review"].reminders] == [("before", 10), ("before", 3)]
    assert {ladder.repeat_after for ladder in ladders.values()} == {5}
    assert ladders["await_decision"].reminders[0].to == ("front_door", "dsl")


def test_figures_rules_and_labels() -> None:
    """A figure's value, how explanations name it, and what things are called."""
    policy = derby()
    assert (policy.figure("dsl_decision_due"), policy.figure("nfa_rationale_required")) == (1, True)
    assert policy.rule("dsl_decision_due") == "policy derby-and-derbyshire, dsl_decision_due"
    assert policy.label("team_around_the_family") == "team around the family"
    assert policy.label("something_new") == "something new"


def test_unknown_figure_is_refused() -> None:
    """A figure's name that does not exist is a mistake in the program, and says so."""
    with pytest.raises(PolicyError, match="policy england-default: there is no figure dsl_decision"):
        england().rule("dsl_decision")


def test_warnings_name_blank_numbers_and_unverified_figures() -> None:
    """Numbers ship blank and what nobody verified is said to be; what is verified is not warned of."""
    found = warnings(derby())
    assert any(one.startswith("Derby: Initial Response Team has no telephone number") for one in found)
    assert any(one.startswith("Derbyshire: Starting Point has no telephone number") for one in found)
    unverified = [one for one in found if "unverified; confirm it with the partnership" in one]
    assert len(unverified) == sum(figure.basis == "U" for figure in derby().figures.values())
    assert unverified[0] == (
        "referral_no_response_escalate is 3 working_days, unverified; confirm it with the partnership "
        "(a legacy figure, in no current text)"
    )
    assert england().figures["core_group_first_due"].standing() == "unverified"


def test_numbers_filled_in_are_not_warned_of() -> None:
    """A telephone number is text with its leading nought."""
    text = edited("Starting Point, telephone: ''", "Starting Point, telephone: 01632 960000", DERBY_TEXT)
    (policy,) = parse_policy(text, "mine.yaml")
    assert policy.place("derbyshire").telephones["front_door"] == "01632 960000"
    assert not [one for one in warnings(policy) if one.startswith("Derbyshire: Starting Point")]


# Versions


def test_versions_say_only_what_changes() -> None:
    """A later version differs in what it says, and in nothing else."""
    first, autumn, new_year = parse_policy(with_changes(LATER), "mine.yaml")
    assert [one.in_force_from for one in (autumn, new_year)] == [date(2026, 9, 1), date(2027, 1, 1)]
    assert [one.figure("taf_review_interval") for one in (first, autumn, new_year)] == [6, 4, 4]
    assert [one.label("early_help") for one in (first, autumn)] == ["early help", "Family Help"]
    assert [one.channel("derby") for one in (first, autumn)] == ["secure_link", "portal"]
    assert autumn.channel("derbyshire") == "secure_link"
    assert autumn.under("derby").figure("phone_referral_written_due_hours") == 48
    assert [rung.to for rung in new_year.ladders["action"].rungs] == [("lead",)]
    assert new_year.ladders["action"].reminders == first.ladders["action"].reminders
    assert (autumn.extra_holidays, new_year.extra_holidays) == ((), (date(2027, 6, 3),))
    assert autumn.figures["first_taf_due"] == first.figures["first_taf_due"]


def test_versions_are_in_order() -> None:
    """A version that begins before the one above it would never be in force."""
    text = with_changes(LATER.replace("2027-01-01", "2026-09-01"))
    line = text[: text.rindex("2026-09-01")].count("\n") + 1
    assert refused(text).startswith(f"mine.yaml line {line}, column 5: changes.1.in_force_from: must be after 2026-09")


def test_change_of_a_figure_restates_its_source() -> None:
    """A new value beside the old source would claim what nobody said."""
    text = with_changes(LATER.replace(", basis: L, source: our own board", ""))
    line = line_of("taf_review_interval: {value: 4", text)
    assert refused(text) == f"mine.yaml line {line}, column 7: figures.taf_review_interval: basis is missing"


def test_errors_in_a_later_version_name_its_line() -> None:
    """A slip under `changes` is told where it stands, not where the first version has it."""
    text = with_changes(LATER.replace("value: 4", "value: 13"))
    assert refused(text).startswith(f"mine.yaml line {line_of('{value: 13', text)}, ")
    assert "must not be more than taf_review_interval_max (12), is 13" in refused(text)


def test_reading_a_file(tmp_path: Path) -> None:
    """A partnership's own file is read by its path and named in errors."""
    path = tmp_path / "norfolk.yaml"
    path.write_text(edited("key: england-default", "key: norfolk"), encoding="utf-8")
    assert read_policy(path)[0].rule("icpc_due") == "policy norfolk, icpc_due"
    with pytest.raises(PolicyError, match=r"^gone.yaml: there is no such file"):
        read_policy(tmp_path / "gone.yaml")


# Refusals


@pytest.mark.parametrize(
    ("old", "new", "key", "message"),
    [
        ("dsl_decision_due:", "dsl_decison_due:", "figures.dsl_decison_due", "did you mean dsl_decision_due?"),
        (FIGURE, FIGURE.replace("working_days", "days"), "figures.dsl_decision_due.unit", "must be working_days"),
        (FIGURE, FIGURE.replace("value: 1", "value: soon"), "figures.dsl_decision_due.value", "whole number"),
        (FIGURE, FIGURE.replace("value: 1", "value: 1.5"), "figures.dsl_decision_due.value", "whole number"),
        (FIGURE, FIGURE.replace("value: 1", "value: true"), "figures.dsl_decision_due.value", "whole number"),
        (FIGURE, FIGURE.replace("value: 1", "value: -1"), "figures.dsl_decision_due.value", "from 0 to 260"),
        (FIGURE, FIGURE.replace("basis: D", "basis: X"), "figures.dsl_decision_due.basis", "one of P, L, D, U"),
        (FIGURE, FIGURE.replace("source: proposal", "source: ''"), "figures.dsl_decision_due.source", "text"),
        (FIGURE, FIGURE.replace("value: 1, ", ""), "figures.dsl_decision_due", "value is missing"),
        (FIGURE, "dsl_decision_due: 1", "figures.dsl_decision_due", "keys and values, not 1"),
        (FIGURE, "", "figures", "dsl_decision_due is missing (the DSL decides"),
        ("hold_persisting: {value: 1", "hold_persisting: {value: 2", "figures.hold_persisting.value", "from 0 to 1"),
        (
            "email_contains_personal_data: {value: false",
            "email_contains_personal_data: {value: true",
            "figures.email_contains_personal_data.value",
            "is locked to false",
        ),
        (
            "nfa_rationale_required: {value: true",
            "nfa_rationale_required: {value: yes",
            "figures.nfa_rationale_required.value",
            "must be true or false, not 'yes'",
        ),
        (
            "gcp_grade_flag: {value: 3",
            "gcp_grade_flag: {value: 5",
            "figures.gcp_grade_flag",
            "must not be more than gcp_grade_dsl_decision (4), is 5",
        ),
        (
            "outage_pack_at: {value: '17:30'",
            "outage_pack_at: {value: 'half past five'",
            "figures.outage_pack_at.value",
            "must be a time such as '17:30', not 'half past five'",
        ),
        ("channel: secure_link", "channel: post", "channel", "one of secure_link, portal, telephone_then_write"),
        ("key: england-default", "key: England", "key", "small letters, digits and hyphens"),
        ("in_force_from: 2024-01-01", "in_force_from: soon", "in_force_from", "write a day such as"),
        ("in_force_from: 2024-01-01", "", "", "in_force_from is missing"),
        ("extra_holidays: []", "extra_holiday: []", "extra_holiday", "did you mean extra_holidays?"),
        ("extra_holidays: []", "extra_holidays: [Easter]", "extra_holidays.0", "write a day such as"),
        (
            "areas: {}",
            "areas: {york: {name: York, overrides: {icp_due: 1}}}",
            "areas.york.overrides.icp_due",
            "icpc_due",
        ),
        ("extra_holidays: []", "extra_holidays: 2026-05-08", "extra_holidays", "must be a list, not '2026-05-08'"),
        ("areas: {}", "areas: {york: {}}", "areas.york", "name is missing"),
        ("areas: {}", "areas: [york]", "areas", "must be a list of keys and values, not a list"),
        (
            "Emergency duty team, telephone: ''",
            "A, telephone: 999",
            "contacts.out_of_hours.telephone",
            "quotation marks",
        ),
        ("Emergency duty team, telephone: ''", "A, telephone: call", "contacts.out_of_hours.telephone", "01632 960000"),
        ("  early_help: early help\n", "  earlyhelp: early help\n", "labels.earlyhelp", "did you mean early_help"),
        ("  early_help: early help\n", '  early_help: "a\\nb"\n', "labels.early_help", "must be one line"),
        (
            "[carer, mutual_engagement]",
            "[carer, carer]",
            "instruments.graded_care_profile.areas.emotional_care.1",
            "carer is named twice",
        ),
    ],
)
def test_refusals_name_line_and_key(old: str, new: str, key: str, message: str) -> None:
    """Each slip is told in one line: the file, the line, the key, and what would be right."""
    text = edited(old, new)
    said = refused(text)
    assert message in said
    assert f": {key}: " in said or not key
    if "is missing" not in message:  # what is missing is told where it should stand
        assert said.startswith(f"mine.yaml line {line_of(new, text)}, ")


@pytest.mark.parametrize(
    ("old", "new", "key", "message"),
    [
        ("  action:\n", "  actions:\n", "ladders.actions", "did you mean action?"),
        ("{after: 5, to: [dsl]}", "{after: 5, to: [dls]}", "ladders.action.rungs.2.to.0", "one of owner, lead, dsl"),
        ("{after: 5, to: [dsl]}", "{after: 1, to: [dsl]}", "ladders.action.rungs.2", "later than the rung before"),
        ("{after: 5, to: [dsl]}", "{after: 5, to: []}", "ladders.action.rungs.2.to", "at least one role"),
        ("{after: 5, to: [dsl]}", "{after: 5, to: [dsl, dsl]}", "ladders.action.rungs.2.to", "each once"),
        ("{after: 5, to: [dsl]}", "{after: icpc, to: [dsl]}", "ladders.action.rungs.2.after", "did you mean icpc_due?"),
        (
            "{after: 5, to: [dsl]}",
            "{after: wnb_window, to: [dsl]}",
            "ladders.action.rungs.2.after",
            "must be a number or a figure in working_days, not 'wnb_window'",
        ),
        (
            "{when: half_way, to: [owner]}",
            "{when: halfway, to: [owner]}",
            "ladders.confirm_referral.reminders.1.when",
            "must be one of opening",
        ),
        (
            "{when: half_way, to: [owner]}",
            "{when: half_way, working_days: 1, to: [owner]}",
            "ladders.confirm_referral.reminders.1",
            "half_way takes no working_days",
        ),
        (
            "{when: half_way, to: [owner]}",
            "{when: before, to: [owner]}",
            "ladders.confirm_referral.reminders.1",
            "before needs working_days",
        ),
    ],
)
def test_ladder_refusals(old: str, new: str, key: str, message: str) -> None:
    """Roles, reminders and rungs are checked, so that nobody is left unheard by a slip."""
    said = refused(edited(old, new))
    assert f": {key}: " in said
    assert message in said


def test_task_that_does_not_lapse_needs_a_rung() -> None:
    """A ladder without rungs would let silence be final."""
    text = with_changes("changes: [{in_force_from: 2026-09-01, ladders: {countersign: {rungs: []}}}]", ENGLAND_TEXT)
    assert "ladders.countersign: needs at least one rung" in refused(text)


def test_ladders_follow_figures() -> None:
    """A figure that a ladder names moves the ladder, for the partnership and for an area alone."""
    own = "{value: 7, unit: working_days, basis: D, source: proposal}"
    area = f"areas: {{york: {{name: York, overrides: {{review_overdue_escalate_head: {own}}}}}}}"
    (policy,) = parse_policy(edited("areas: {}", area[: area.index(" #")] if " #" in area else area), "mine.yaml")
    assert [rung.after for rung in policy.ladders["assess"].rungs] == [0, 1, 5, 10]
    assert [rung.after for rung in policy.under("york").ladders["assess"].rungs] == [0, 1, 7, 10]
    assert policy.under("hull") is policy


def test_instrument_without_sub_areas() -> None:
    """A tool with nothing to grade would take every score for unknown."""
    tool = "instruments: {home: {name: Home conditions, note: ours, grades: [1, 2, 3], areas: {kitchen: []}}}"
    text = with_changes(f"changes: [{{in_force_from: 2026-09-01, {tool}}}]")
    assert "instruments.home.areas: must name at least one sub-area" in refused(text)


def test_area_override_keeps_the_order_of_figures() -> None:
    """An area's figure is checked against the partnership's others."""
    own = "{value: 20, unit: weeks, basis: D, source: proposal}"
    text = edited("areas: {}", f"areas: {{york: {{name: York, overrides: {{taf_review_interval: {own}}}}}}}")
    assert "areas.york.overrides.taf_review_interval: must not be more than taf_review_interval_max" in refused(text)


@pytest.mark.parametrize("text", ["", "[]", "policy", "key: x"])
def test_no_policy_at_all(text: str) -> None:
    """An empty file, a list, or a file that lacks nearly everything."""
    assert refused(text).startswith("mine.yaml")


def test_malformed_yaml_names_line_and_column() -> None:
    """A file that is no YAML is refused as a policy, with line and column."""
    text = edited("figures:\n", "figures:\n\t- x\n")
    assert refused(text).startswith(f"mine.yaml line {line_of('figures:', text) + 1}, column 1: not valid YAML: indent")


# The book


def book(default: str = "england-default", **more: str) -> PolicyBook:
    """The shipped policies and others given as text."""
    return PolicyBook({**shipped(), **{key: parse_policy(text, f"{key}.yaml") for key, text in more.items()}}, default)


def test_areas_find_their_policy() -> None:
    """A listed area follows the policy that lists it; any other follows the default, with nothing overridden."""
    found = book()
    assert found.for_area("derby", SPRING).key == "derby-and-derbyshire"
    assert found.for_area("derby", SPRING).figure("phone_referral_written_due_hours") == 48
    assert found.for_area("norfolk", SPRING) is england()
    assert found.for_area(None, SPRING) is england()
    assert book("derby-and-derbyshire").for_area("norfolk", SPRING).figure("phone_referral_written_due_hours") == 24
    assert found.keys() == ["derby-and-derbyshire", "england-default"]


def test_default_has_the_first_word() -> None:
    """A partnership's own file, chosen as the default, goes before a shipped policy that lists the same area."""
    mine = edited("key: derby-and-derbyshire", "key: mine", DERBY_TEXT)
    assert book("mine", mine=mine).for_area("derby", SPRING).key == "mine"
    with pytest.raises(PolicyError, match="area derby: policies derby-and-derbyshire, mine list it"):
        book(mine=mine).for_area("derby", SPRING)


def test_version_in_force_on_the_day() -> None:
    """The version of the day; before the first, the first."""
    found = book("mine", mine=edited("key: derby-and-derbyshire", "key: mine", with_changes(LATER)))
    days = [date(2020, 1, 1), date(2026, 8, 31), date(2026, 9, 1), date(2030, 1, 1)]
    assert [found.for_area("derby", day).figure("taf_review_interval") for day in days] == [6, 6, 4, 4]


def test_task_keeps_the_version_it_was_opened_under() -> None:
    """A clock in force when a task was opened stays with it, also by a version that has since been taken out."""
    found = book("mine", mine=edited("key: derby-and-derbyshire", "key: mine", with_changes(LATER)))
    old = found.version("mine", date(2024, 5, 10), "derby")
    assert (old.figure("taf_review_interval"), old.label("early_help")) == (6, "early help")
    assert old.figure("phone_referral_written_due_hours") == 48
    assert found.version("mine", date(2026, 10, 1), "derby").in_force_from == date(2026, 9, 1)


def test_unknown_policies_are_refused() -> None:
    """A policy that is not there is told with the nearest there is."""
    with pytest.raises(PolicyError, match=r"there is no policy 'england'; did you mean england-default\?"):
        book("england")
    with pytest.raises(PolicyError, match="there is no policy 'rutland'; there are derby-and-derbyshire, england"):
        book().version("rutland", SPRING, None)


def test_same_answer_is_the_same_policy() -> None:
    """A sweep that asks thousands of times gets one object."""
    found = book()
    assert found.for_area("derby", SPRING) is found.for_area("derby", date(2026, 3, 9))
