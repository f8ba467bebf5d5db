"""Runs of a manual check that several receivers create at the same time: which one counts, and what must follow.

GitHub has no conditional write. So whoever has created a run looks again, and the last one to look sees all of them.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..github.choose_run import newest_run
from ..model.check_run import CheckRun, Conclusion, RemoteCheckRun
from ..model.identity import Identity
from ..model.manual import VerdictAction
from .record import record_of_run
from .runs import successor

_AT_ONCE = "Several requests about this check came at the same time. This repeats the one that counts."


def correction(created_id: str, runs: Sequence[RemoteCheckRun], now: float) -> CheckRun | None:
    """Return the run that has to follow the one created; None if all is well, or if it is not the newest of `runs`.

    The newest run counts, and GitHub may take the latest one for it, so both have to be the same. A run that no person
    has requested must not hide a person's request that it does not know.
    """
    if not runs or (created := newest_run(runs)).id != created_id:  # a list may lack what was created a moment ago
        return None
    latest = max(runs, key=lambda run: (run.started_at, int(run.id)))
    hidden = None if _is_requested(created) else _unknown_request(created, runs)
    record = record_of_run(hidden or created)
    if record is None or (hidden is None and latest is created):
        return None
    return successor(created, record, now=max(now, latest.started_at + 1.0), note=_AT_ONCE)


def as_completed(run: RemoteCheckRun) -> CheckRun:
    """Return the run as it was created, for its commit status."""
    return CheckRun(
        name=run.name,
        head_sha=run.head_sha,
        identity=run.identity or Identity(),
        details_url=run.details_url,
        status=run.status,
        conclusion=run.conclusion or Conclusion.ACTION_REQUIRED,
        output=run.output,
        started_at=run.started_at,
    )


def _unknown_request(created: RemoteCheckRun, runs: Sequence[RemoteCheckRun]) -> RemoteCheckRun | None:
    """Return the newest run that a person has requested after the one that `created` follows."""
    earlier = int(created.identity.earlier or 0) if created.identity else 0
    requested = [run for run in runs if int(run.id) > earlier and _is_requested(run)]
    return max(requested, key=lambda run: int(run.id), default=None)


def _is_requested(run: RemoteCheckRun) -> bool:
    """Whether a person's request has led to the run; a workflow's job, which may have any name, has not."""
    return run.identity is not None and not run.identity.run_id and run.identity.job in set(VerdictAction)
