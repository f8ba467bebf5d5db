"""Which check run of each name counts: GitHub's documentation says by time, and elsewhere by the order of creation."""

from __future__ import annotations

from typing import Any

from tests.support.github.server import GithubServer


def runs_that_count(github: GithubServer) -> tuple[list[int], list[int]]:
    """Return the ids of the completed check runs that count, one for each name and commit: by id, and by time."""
    groups: dict[tuple[str, str, int], list[dict[str, Any]]] = {}
    for run in github.runs:
        groups.setdefault((run["head_sha"], run["name"], run["app"]["id"]), []).append(run)
    completed = [runs for runs in groups.values() if all(run["status"] == "completed" for run in runs)]
    by_id = [max(runs, key=lambda run: run["id"])["id"] for runs in completed]
    by_time = [max(runs, key=lambda run: (run["completed_at"], run["id"]))["id"] for runs in completed]
    return by_id, by_time
