"""The nearest ancestor with results, from GitHub's answer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.core.github.external_id import compose
from checks.core.history.ancestors import MOST_ANCESTORS, nearest_with_results, variables
from checks.core.model.identity import Identity, RunKind
from tests.support.rerun.check_runs import OPEN

OWN = replace(OPEN, identity=Identity(workflow=".github/workflows/tests.yml", run_id="9", category="unit"))
COMPLETE = Identity(workflow="tests.yml", run_id="1", category="unit", kind=RunKind.COMPLETE)


def node(commit: str, *external_ids: str, parent: str = "") -> dict[str, Any]:
    return {
        "oid": commit,
        "parents": {"nodes": [{"oid": parent}] if parent else []},
        "checkSuites": {"nodes": [None, {"checkRuns": {"nodes": [{"externalId": value} for value in external_ids]}}]},
    }


def answer(*nodes: Any) -> dict[str, Any]:
    return {"repository": {"object": {"history": {"nodes": [*nodes]}}}}


def line(length: int, **identity: Any) -> dict[str, Any]:
    """Return the history of commit 0 with so many ancestors, of which the last has a check run."""
    external_id = compose(replace(COMPLETE, **identity))
    nodes = [node(str(number), parent=str(number + 1)) for number in range(length)]
    return answer(*nodes, node(str(length), external_id))


@pytest.mark.parametrize(
    ("length", "expected"),
    [(1, "1"), (MOST_ANCESTORS, str(MOST_ANCESTORS)), (MOST_ANCESTORS + 1, "")],
)
def test_twenty_ancestors_are_looked_at(length: int, expected: str) -> None:
    assert nearest_with_results(line(length), "0", OWN) == expected


@pytest.mark.parametrize(
    "identity",
    [
        {"kind": RunKind.TESTS},
        {"kind": RunKind.FORK},
        {"kind": RunKind.REPUBLISHED},
        {"tested": "d" * 40},
        {"category": "slow"},
        {"workflow": "nightly.yml"},
    ],
)
def test_other_results_do_not_count(identity: dict[str, Any]) -> None:
    assert nearest_with_results(line(1, **identity), "0", OWN) == ""


def test_only_first_parents_count_and_the_nearest_is_taken() -> None:
    complete = compose(COMPLETE)
    nodes = [node("0", complete, parent="1"), node("merged", complete), node("1", parent="2")]
    old = [node("2", "another's", complete, parent="3"), node("3", complete)]
    assert nearest_with_results(answer(*nodes, None, *old), "0", OWN) == "2"


def test_variables_name_repository_commit_and_check() -> None:
    assert variables("octo/demo", "0", "pytest") == {"owner": "octo", "name": "demo", "commit": "0", "check": "pytest"}


JSON = st.recursive(
    st.none() | st.integers() | st.sampled_from(["0", "1"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["nodes", "oid", "parents", "checkSuites", "history"]), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(JSON)
def test_any_answer_is_read_without_an_error(value: Any) -> None:
    assert nearest_with_results(answer(*value) if isinstance(value, list) else {"repository": value}, "0", OWN) == ""
