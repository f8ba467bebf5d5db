"""The nearest ancestor of a commit that has a check run with results: the question to GitHub, and its answer.

https://docs.github.com/graphql/reference/objects#commit
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..github import external_id
from ..github.parse_run import mapping, text
from ..model.check_run import CheckRun
from .past_runs import Check

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
    nodes = {text(node, "oid"): node for node in nodes_of(history)}
    check = Check.of_run(own)
    for ancestor in first_parents(nodes, commit):
        suites = nodes_of(mapping(nodes[ancestor], "checkSuites"))
        runs = [run for suite in suites for run in nodes_of(mapping(suite, "checkRuns"))]
        if any(check.has_results(external_id.parse(text(run, "externalId"))) for run in runs):
            return ancestor
    return ""


def first_parents(nodes: Mapping[str, Mapping[str, Any]], commit: str, limit: int = MOST_ANCESTORS) -> Iterator[str]:
    """Yield the first-parent ancestors of a commit that are among the `nodes` of a history, at most `limit`."""
    for _ in range(limit):
        parents = nodes_of(mapping(nodes.get(commit, {}), "parents"))
        commit = text(parents[0], "oid") if parents else ""
        if commit not in nodes:
            return
        yield commit


def nodes_of(connection: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Return the objects of a connection; those that could not be read are null."""
    nodes = connection.get("nodes")
    return [node for node in nodes if isinstance(node, Mapping)] if isinstance(nodes, list) else []
