"""The nearest ancestor of a commit that has a check run with results: the question to GitHub, and its answer.

https://docs.github.com/graphql/reference/objects#commit
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..github import external_id
from ..github.parse_run import mapping, text
from ..model.check_run import CheckRun
from ..model.identity import RunKind

#: How many ancestors are looked at.
MOST_ANCESTORS = 20

#: The history also has the commits of merged branches, which are not first parents. Without `ALL`, a re-run in progress
#: would hide its predecessor.
QUERY = """
query($owner: String!, $name: String!, $commit: GitObjectID!, $check: String!) {
  repository(owner: $owner, name: $name) {
    object(oid: $commit) {
      ... on Commit {
        history(first: 100) {
          nodes {
            oid
            parents(first: 1) { nodes { oid } }
            checkSuites(first: 10, filterBy: {checkName: $check}) {
              nodes {
                checkRuns(first: 10, filterBy: {checkName: $check, checkType: ALL, statuses: [COMPLETED]}) {
                  nodes { externalId }
                }
              }
            }
          }
        }
      }
    }
  }
}
"""


def variables(repository: str, commit: str, check_name: str) -> dict[str, str]:
    """Return the variables of `QUERY`; `repository` is ``owner/name``."""
    owner, _, name = repository.partition("/")
    return {"owner": owner, "name": name, "commit": commit, "check": check_name}


def nearest_with_results(data: Mapping[str, Any], commit: str, own: CheckRun) -> str:
    """Return the nearest first-parent ancestor of `commit` with complete results of the tests of `own`; else ""."""
    history = mapping(mapping(mapping(data, "repository"), "object"), "history")
    nodes = {text(node, "oid"): node for node in _nodes(history)}
    for ancestor in _first_parents(nodes, commit):
        suites = _nodes(mapping(nodes[ancestor], "checkSuites"))
        runs = [run for suite in suites for run in _nodes(mapping(suite, "checkRuns"))]
        if any(_has_results(text(run, "externalId"), own) for run in runs):
            return ancestor
    return ""


def _first_parents(nodes: Mapping[str, Mapping[str, Any]], commit: str) -> Iterator[str]:
    for _ in range(MOST_ANCESTORS):
        parents = _nodes(mapping(nodes.get(commit, {}), "parents"))
        commit = text(parents[0], "oid") if parents else ""
        if commit not in nodes:
            return
        yield commit


def _has_results(value: str, own: CheckRun) -> bool:
    expected, identity = external_id.canonical(own.identity), external_id.parse(value)
    return (
        identity is not None
        and identity.kind is RunKind.COMPLETE
        and not identity.tested
        and (identity.workflow, identity.category) == (expected.workflow, expected.category)
    )


def _nodes(connection: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Return the objects of a connection; those that could not be read are null."""
    nodes = connection.get("nodes")
    return [node for node in nodes if isinstance(node, Mapping)] if isinstance(nodes, list) else []
