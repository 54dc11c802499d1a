"""docs/policy.md and the shipped policies: the page says what the files say, and every figure has a source."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from config.figures import BASES, FIGURES
from config.policy import TERMS, Figure, Ladder, Policy
from config.policy_book import shipped
from config.policy_page import PAGE, policy_page, say_value
from tests.repository.reading import PACKAGES, modules

TEXT = PAGE.read_text("utf-8")
POLICIES = [policy for versions in shipped().values() for policy in versions]
# National texts that were read: what they say does not change with anybody's proposal.
NATIONAL = {
    "nfa_rationale_required": True,
    "unauthorised_absence_report_days": 10,
    "referral_ack_due": 1,
    "referral_decision_due": 1,
    "icpc_due": 15,
    "assessment_due": 45,
    "cp_file_transfer_due": 5,
    "dsl_training_interval": 24,
    "dsl_training_update": 12,
    "email_min_tls": "1.2",
    "email_mta_sts": True,
    "email_dmarc": "enforce",
}
NAMES_OF_FIGURES = {"figure", "rule", "days", "in_working_days"}


def rows(table: str) -> list[list[str]]:
    """The cells of a table of the page, without its head."""
    found = re.search(rf"<!-- table: {table} -->\n(.*?)<!-- end of table -->", TEXT, re.DOTALL)
    assert found, f"no table {table}"
    return [[cell.strip(" `") for cell in line.strip("|").split(" | ")] for line in found[1].splitlines()[2:]]


def cells(figure: Figure) -> list[str]:
    """A figure as a row of the page shows it."""
    return [say_value(figure.value), figure.unit, figure.basis, figure.source]


def sources(policy: Policy) -> Iterator[str]:
    """Every code that a policy cites."""
    overrides = (figure for area in policy.areas.values() for figure in area.overrides.values())
    cited_by: list[Figure | Ladder] = [*policy.figures.values(), *overrides, *policy.ladders.values()]
    for cited in cited_by:
        yield from (code.strip() for code in cited.source.partition(":")[0].split(","))


def named(*methods: str) -> Iterator[tuple[str, str]]:
    """Where a plain text is passed to one of these methods, and the text: ("models/opening.py:12", "icpc_due")."""
    for path, tree in modules(*PACKAGES).items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in methods:
                texts = (one.value for one in node.args if isinstance(one, ast.Constant))
                yield from ((f"{path}:{node.lineno}", text) for text in texts if isinstance(text, str))


def test_page_is_what_the_policies_give() -> None:
    """Whoever changes a policy runs `python -m config.policy_page` as well."""
    assert policy_page(TEXT) == TEXT


def test_page_shows_every_default_figure() -> None:
    """Read back from the page, each figure has the default's value, unit, basis and source, and a meaning."""
    default = shipped()["england-default"][-1]
    shown = {name: (told, meaning) for name, *told, meaning in rows("figures")}
    assert {name: told for name, (told, _) in shown.items()} == {name: cells(default.figures[name]) for name in FIGURES}
    assert all(meaning for _, meaning in shown.values())


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: f"{policy.key}-{policy.in_force_from}")
def test_page_shows_where_a_policy_differs(policy: Policy) -> None:
    """What the table of differences does not show is the default's; what it shows is the policy's."""
    shown = {(name, where): told for name, where, *told in rows("differences")}
    usual = {name: told for name, *told, _ in rows("figures")}
    where = f"{policy.key}` from {policy.in_force_from}"
    assert {name: cells(figure) for name, figure in policy.figures.items()} == {
        name: shown.get((name, where), usual[name]) for name in FIGURES
    }
    for area in policy.areas.values():
        own = {name: told for (name, at), told in shown.items() if at == f"{policy.key}`, area `{area.key}"}
        assert own == {name: cells(figure) for name, figure in area.overrides.items()}


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: f"{policy.key}-{policy.in_force_from}")
def test_national_figures_stand(policy: Policy) -> None:
    """What national texts say is the same in every policy that is shipped, and nothing else claims to be national."""
    claimed = {name: figure.value for name, figure in policy.figures.items() if figure.basis == "P"}
    assert claimed == NATIONAL


def test_every_source_is_spelt_out() -> None:
    """The page names the text behind every code that a policy cites, and no text that none does."""
    register = set(re.findall(r"^\| ([A-Z][A-Z0-9-]+) \|", TEXT.partition("## Sources")[2], re.MULTILINE))
    assert register == {code for policy in POLICIES for code in sources(policy)} - {"proposal", "unverified"}


def test_basis_and_source_agree() -> None:
    """A proposal says that it is one, what is unverified says so, and what is national or local cites a text."""
    says = {"D": "proposal", "U": "unverified"}
    for policy in POLICIES:
        overrides = {name: figure for area in policy.areas.values() for name, figure in area.overrides.items()}
        for name, figure in [*policy.figures.items(), *overrides.items()]:
            assert figure.basis in BASES
            first = re.split("[,:]", figure.source)[0]
            assert first == says[figure.basis] if figure.basis in says else first not in says.values(), name


def test_program_asks_for_figures_that_exist() -> None:
    """No flow or move finds out at run time that a figure is called otherwise."""
    asked = list(named(*NAMES_OF_FIGURES))
    assert [(place, name) for place, name in asked if name not in FIGURES] == []
    assert {"concern_pattern_count", "no_change_reviews_before_stepup_decision"} <= {name for _, name in asked}


def test_program_says_terms_that_have_a_label() -> None:
    """A word that a partnership may rename is one of the terms a policy can label."""
    assert [(place, term) for place, term in named("label") if term not in TERMS] == []
