"""Choose among the check runs of a commit. GitHub's ids grow, so the newest run has the greatest one."""

from __future__ import annotations

from collections.abc import Iterable

from ..model.check_run import RemoteCheckRun


def current_state(run: RemoteCheckRun, runs: Iterable[RemoteCheckRun]) -> RemoteCheckRun:
    """Return the run as GitHub has it now: an event may be old."""
    return next((other for other in runs if other.id == run.id), run)


def newest_run(runs: Iterable[RemoteCheckRun]) -> RemoteCheckRun:
    """Return the run that was created last; `runs` are at least one."""
    return max(runs, key=lambda run: int(run.id))


def newer_run(run: RemoteCheckRun, runs: Iterable[RemoteCheckRun]) -> RemoteCheckRun | None:
    """Return the run that was created last, None if none was created after `run`."""
    newest = newest_run([run, *runs])
    return newest if int(newest.id) > int(run.id) else None


def newest_by_name(runs: Iterable[RemoteCheckRun]) -> dict[str, RemoteCheckRun]:
    """Return the newest run of each name."""
    return {run.name: run for run in sorted(runs, key=lambda run: int(run.id))}
