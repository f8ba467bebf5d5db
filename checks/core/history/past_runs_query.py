"""The questions to GitHub about the check runs of earlier commits, and their answers.

The first lists commits and their check runs, the second reads the texts of some, which are large.
https://docs.github.com/graphql/reference/objects#checkrun
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from ..github import external_id
from ..github.parse_run import app_of, mapping, parse_run, seconds, text
from ..model.check_run import RemoteCheckRun
from .ancestors import first_parents, nodes_of
from .past_runs import Check

#: Whether the App with these ids, the numeric one and the client id, is ours.
IsOwn = Callable[[tuple[str, str]], bool]

#: For the reasons of the filters see `ancestors.QUERY`. A start is a commit or ``refs/heads/NAME``.
LIST_QUERY = """
query($owner: String!, $name: String!, $start: String!, $check: String!) {
  repository(owner: $owner, name: $name) {
    object(expression: $start) {
      ... on Commit {
        oid
        history(first: 100) {
          nodes {
            oid
            parents(first: 1) { nodes { oid } }
            checkSuites(first: 5, filterBy: {checkName: $check}) {
              nodes {
                app { databaseId clientId }
                checkRuns(first: 10, filterBy: {checkName: $check, checkType: ALL, statuses: [COMPLETED]}) {
                  nodes { id externalId startedAt }
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
TEXT_QUERY = """
query($ids: [ID!]!) {
  nodes(ids: $ids) {
    ... on CheckRun {
      databaseId name externalId status conclusion startedAt permalink text
      checkSuite { app { databaseId clientId } commit { oid } }
    }
  }
}
"""
#: How many texts are read at once; each may have 64 KiB.
TEXTS_AT_ONCE = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedCommit:
    """A commit, and the GraphQL ids of its check runs with complete results, the newest first."""

    commit: str
    run_ids: tuple[str, ...] = ()


def list_variables(repository: str, start: str, check_name: str) -> dict[str, str]:
    """Return the variables of `LIST_QUERY`; `repository` is ``owner/name``."""
    owner, _, name = repository.partition("/")
    return {"owner": owner, "name": name, "start": start, "check": check_name}


def listed_commits(data: Mapping[str, Any], check: Check, is_own: IsOwn) -> list[ListedCommit]:
    """Return the commit that was asked for and its first-parent ancestors, as far as the answer has them, in order.

    The answer also has commits of merged branches.
    """
    commit = mapping(mapping(data, "repository"), "object")
    nodes = {text(node, "oid"): node for node in nodes_of(mapping(commit, "history"))}
    start = text(commit, "oid")
    if start not in nodes:
        return []
    return [
        ListedCommit(commit=oid, run_ids=tuple(_run_ids(nodes[oid], check, is_own)))
        for oid in (start, *first_parents(nodes, start, len(nodes)))
    ]


def parent_of_last(data: Mapping[str, Any], commits: Sequence[ListedCommit]) -> str:
    """Return the first parent of the last of the commits, which the answer does not have; empty without one."""
    history = mapping(mapping(mapping(data, "repository"), "object"), "history")
    last = commits[-1].commit if commits else ""
    parents = [nodes_of(mapping(node, "parents")) for node in nodes_of(history) if text(node, "oid") == last]
    return text(parents[0][0], "oid") if parents and parents[0] else ""


def in_order_of_interest(commits: Sequence[ListedCommit]) -> Iterator[str]:
    """Yield the ids of all check runs: the newest one of each commit, newest commits first, then the others."""
    for row in zip_longest(*(commit.run_ids for commit in commits)):
        yield from filter(None, row)


def runs_with_text(data: Mapping[str, Any]) -> Iterator[RemoteCheckRun]:
    """Yield the check runs of an answer to `TEXT_QUERY`."""
    nodes = data.get("nodes")
    for node in nodes if isinstance(nodes, list) else []:
        run = parse_run(_as_rest(node)) if isinstance(node, Mapping) else None
        if run is not None:
            yield run


def _run_ids(commit: Mapping[str, Any], check: Check, is_own: IsOwn) -> Iterator[str]:
    found = [
        (seconds(run.get("startedAt")), text(run, "id"))
        for suite in nodes_of(mapping(commit, "checkSuites"))
        if is_own(app_of_suite(suite))
        for run in nodes_of(mapping(suite, "checkRuns"))
        if check.has_results(external_id.parse(text(run, "externalId")))
    ]
    yield from (run_id for _, run_id in sorted(found, reverse=True) if run_id)


def app_of_suite(suite: Mapping[str, Any]) -> tuple[str, str]:
    """Return the numeric id and the client id of the App that owns a check suite."""
    app = mapping(suite, "app")
    return app_of({"app": {"id": app.get("databaseId", ""), "client_id": text(app, "clientId")}})


def _as_rest(node: Mapping[str, Any]) -> dict[str, Any]:
    """Return a check run as the REST API has it. Its number may be too large for GraphQL, and is in its URL, too."""
    suite, page = mapping(node, "checkSuite"), text(node, "permalink")
    in_page = re.search(r"/(\d{1,19})(?:\?.*)?\Z", page)
    number = node.get("databaseId")
    app_id, client_id = app_of_suite(suite)
    return {
        "id": number if type(number) is int else int(in_page[1]) if in_page else 0,
        "name": node.get("name"),
        "head_sha": mapping(suite, "commit").get("oid"),
        "external_id": node.get("externalId"),
        "status": text(node, "status").lower(),
        "conclusion": text(node, "conclusion").lower(),
        "started_at": node.get("startedAt"),
        "html_url": page,
        "output": {"text": node.get("text")},
        "app": {"id": app_id, "client_id": client_id},
    }
