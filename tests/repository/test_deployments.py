"""prefect.yaml: every flow is deployed, once, and the clock stays ours."""

from __future__ import annotations

import ast
from typing import Any

import yaml

from tests.repository.reading import ROOT, full_name, imported, modules

FLOW = {"prefect.flow", "prefect.flows.flow"}


def deployments() -> list[dict[str, Any]]:
    """The deployments that prefect.yaml declares."""
    declared: list[dict[str, Any]] = yaml.safe_load((ROOT / "prefect.yaml").read_text("utf-8"))["deployments"]
    return declared


def flows() -> list[str]:
    """Every function under flows/ that Prefect's `flow` decorates, as an entrypoint: "flows.refer:refer"."""
    found = []
    for path, tree in modules("flows").items():
        names = imported(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                wrappers = [w.func if isinstance(w, ast.Call) else w for w in node.decorator_list]
                if FLOW & {full_name(wrapper, names) for wrapper in wrappers}:
                    found.append(f"{path.removesuffix('.py').replace('/', '.')}:{node.name}")
    return found


def test_every_flow_is_deployed_once() -> None:
    """An administrator can run every flow by hand, and no deployment names a flow that is not there."""
    assert sorted(entry["entrypoint"] for entry in deployments()) == sorted(flows())


def test_every_deployment_says_what_it_is_for() -> None:
    """Each has a name of its own, a description, tags and the one work pool."""
    assert len({entry["name"] for entry in deployments()}) == len(deployments())
    for entry in deployments():
        assert entry["description"]
        assert entry["tags"]
        assert entry["work_pool"]["name"] == "pathway"


def test_no_deployment_has_a_schedule() -> None:
    """The clock is ours: a schedule in Prefect would be a second owner of time."""
    assert not [entry["name"] for entry in deployments() if {"schedule", "schedules"} & set(entry)]
