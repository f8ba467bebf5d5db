"""Ensure that a commit has its manual check: leave an existing run, or create the run that it needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import assert_never

from ...adapters.github.checks import name_conflict
from ...adapters.github.client import GithubApi
from ...adapters.github.runs import CheckRuns
from ...core.manual import existing
from ...core.manual.carry import Carried, NotCarried
from ...core.manual.concurrent_runs import correction
from ...core.manual.runs import ManualCheck, manual_run, successor
from ...core.model.check_run import CheckRun, Published, RemoteCheckRun
from ...core.model.errors import CheckError
from ...core.model.manual import ManualRecord
from ...core.text.ansi import visible

_REPEATED = "This repeats the state of check run {id}, which another one has hidden, or which GitHub has reset."


@dataclass(frozen=True, slots=True, kw_only=True)
class EnsuredRun:
    """The check run that has the state of the check. `is_new`: whether this job has created it."""

    run: CheckRun
    published: Published
    is_new: bool


def ensure_run(check: ManualCheck, find_verdict: Callable[[], Carried | NotCarried], api: GithubApi) -> EnsuredRun:
    """Return the check run of a commit's manual check; `find_verdict` is asked for a check that is new.

    The new check run's time is by GitHub's clock, because it is compared with those of comments.

    Raises `PublishError`, and `CheckError` if another job has a check of this name.
    """
    check_runs, until = CheckRuns(api), api.retry_policy.until()
    query = {"filter": "all", "check_name": visible(check.name)}
    existing_runs = check_runs.of_commit(check.head_sha, query, until=until)

    def now() -> float:
        return max([api.now(), *(run.started_at + 1.0 for run in existing_runs)])  # of two runs, the later one counts

    match existing.decide_existing(check.identity, existing_runs, check.record.instructions):
        case existing.NameConflict(run=other):
            raise CheckError(name_conflict(manual_run(check, now()), other))
        case existing.KeepRun(run=run, record=record):
            return _unchanged(check, run, record)
        case existing.RepeatRun(run=run, record=record):
            new_run = successor(run, record, now=now(), note=_REPEATED.format(id=run.id))
        case existing.AskAgain(run=run):
            asks = replace(check, identity=replace(check.identity, earlier=run.id))
            new_run = manual_run(asks, now(), existing.CHANGED_INSTRUCTIONS)
        case existing.CreateFirstRun():
            new_run = _first_run(check, find_verdict(), now())
        case unexpected:
            assert_never(unexpected)
    published = check_runs.create(new_run, until=until)  # no other run has its identity
    if existing_runs:  # a receiver may have created one meanwhile
        created_runs = check_runs.of_commit(check.head_sha, query, until=until)
        if following := correction(published.id, created_runs, api.now()):
            new_run, published = following, check_runs.create(following, until=until)
    return EnsuredRun(run=new_run, published=published, is_new=True)


def _first_run(check: ManualCheck, found: Carried | NotCarried, now: float) -> CheckRun:
    if isinstance(found, NotCarried):
        return manual_run(check, now, found.reason)
    return manual_run(replace(check, record=found.record), now, found.note)


def _unchanged(check: ManualCheck, run: RemoteCheckRun, record: ManualRecord) -> EnsuredRun:
    """Return a check run that stays as it is."""
    identity = run.identity or check.identity
    as_is = replace(check, identity=identity, instructions=run.output.text, record=record)
    published = Published(id=run.id, page=run.page)
    return EnsuredRun(run=manual_run(as_is, run.started_at), published=published, is_new=False)
