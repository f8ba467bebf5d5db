"""Reads workflow runs: where they come from, and whether they are over.

https://docs.github.com/rest/actions/workflow-runs#get-a-workflow-run
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ...core.github.error_kind import ErrorKind
from ...core.github.parse_run import mapping, text, workflow_file
from ...core.rerun.decision import Origin
from .client import GithubApi
from .retrying import RefusedError, Request


def read_workflow_run(api: GithubApi, run_id: str, *, until: float) -> Origin | None:
    """Return a workflow run; None if it was deleted. All fields are empty if the App may not read it."""
    try:
        data = api.ask(Request(method="GET", path=f"/repos/{api.repository}/actions/runs/{run_id}"), until=until).data
    except RefusedError as error:
        if error.error_kind is ErrorKind.PERMISSION:
            return Origin(repository="", branch="", head_sha="", workflow="")
        if error.error_kind is not ErrorKind.NOT_FOUND:
            raise
        return None
    return _parse(api, data)


def read_dispatched_runs(api: GithubApi, path: str, since: float, *, until: float) -> tuple[Origin, ...]:
    """Return the workflow runs that were dispatched since then (seconds since the epoch), newest first.

    `path` is that of their workflow's file.
    """
    created = datetime.fromtimestamp(since, UTC).strftime(">=%Y-%m-%dT%H:%M:%SZ")
    query: dict[str, str | int] = {"event": "workflow_dispatch", "created": created, "per_page": 100}
    request = Request(method="GET", path=f"{path}/runs", query=query, keys=("workflow_runs",))
    data = api.ask(request, until=until).data
    return tuple(_parse(api, run) for run in data["workflow_runs"])


def _parse(api: GithubApi, data: Mapping[str, Any]) -> Origin:
    names = [text(mapping(data, key), "full_name") for key in ("head_repository", "repository")]
    attempt = data.get("run_attempt")
    return Origin(
        # A repository that was renamed has another name there.
        repository=api.repository if names[0] == names[1] else names[0],
        branch=text(data, "head_branch"),
        head_sha=text(data, "head_sha"),
        event=text(data, "event"),
        workflow=workflow_file(data),
        status=text(data, "status"),
        conclusion=text(data, "conclusion"),
        attempt=attempt if type(attempt) is int else 1,
        page=text(data, "html_url"),
    )
