"""The question to GitHub which runs a manual check has on earlier commits, and its answer.

`core.history.past_runs_query.TEXT_QUERY` reads the records of some of them.
https://docs.github.com/graphql/guides/using-global-node-ids
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..github import external_id
from ..github.parse_run import mapping, seconds, text
from ..history.ancestors import nodes_of
from ..history.past_runs_query import IsOwn, app_of_suite
from ..model.identity import RunKind

#: GitHub takes at most 100 ids. Without `ALL`, only the latest run would be listed, which may not be a manual one.
QUERY = """
query($ids: [ID!]!, $check: String!) {
  nodes(ids: $ids) {
    ... on Commit {
      oid
      checkSuites(first: 5, filterBy: {checkName: $check}) {
        nodes {
          app { databaseId clientId }
          checkRuns(first: 50, filterBy: {checkName: $check, checkType: ALL}) {
            nodes { id externalId startedAt }
          }
        }
      }
    }
  }
}
"""
MOST_COMMITS = 100


def newest_runs(data: Mapping[str, Any], is_own: IsOwn) -> list[str]:
    """Return the GraphQL id of the newest manual run of each commit that has one, in the order of the commits."""
    found: Sequence[str | None] = [_newest(commit, is_own) for commit in nodes_of(data)]
    return [run_id for run_id in found if run_id]


def _newest(commit: Mapping[str, Any], is_own: IsOwn) -> str | None:
    runs = [
        (seconds(run.get("startedAt")), text(run, "id"))
        for suite in nodes_of(mapping(commit, "checkSuites"))
        if is_own(app_of_suite(suite))
        for run in nodes_of(mapping(suite, "checkRuns"))
        if _is_manual(text(run, "externalId"))
    ]
    return max(runs)[1] if runs else None


def _is_manual(identity: str) -> bool:
    parsed = external_id.parse(identity)
    return parsed is not None and parsed.kind is RunKind.MANUAL
