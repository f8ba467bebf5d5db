"""Find the verdict that a new commit's manual check has from the beginning."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing

from ...core.history.base_runs import BaseUnavailableError
from ...core.manual import carry, merge_queue
from ...core.manual.carry import Carried, NotCarried
from ...core.manual.earlier_runs import EarlierRuns
from ...core.manual.existing import newest
from ...core.manual.place import queued_pull_request
from ...core.manual.runs import ManualCheck
from ...core.model.job import Context
from ...core.model.manual import ManualRecord

_NO_COMMIT = "0" * 40
_NOTHING = "Nothing is carried over"
_NO_VERDICT = "The verdict of the pull request is not known"


def find_verdict(
    check: ManualCheck, context: Context, patterns: Sequence[str], open_runs: Callable[[], EarlierRuns]
) -> Carried | NotCarried:
    """Return what is carried over or taken from the pull request in a merge queue, else why nothing is.

    `patterns` are those of `carry`. No request is sent if nothing could be found.
    """
    is_queue = context.event == "merge_group"
    if not is_queue and (not patterns or check.record.is_fork):
        return NotCarried()
    with closing(open_runs()) as runs:
        try:
            return _of_queued(check, context, runs) if is_queue else _carried(check, context, patterns, runs)
        except BaseUnavailableError as error:
            return NotCarried(reason=f"{_NO_VERDICT if is_queue else _NOTHING}, because {error}.")


def _of_queued(check: ManualCheck, context: Context, runs: EarlierRuns) -> Carried | NotCarried:
    """Return the verdict on the head of the pull request that a merge group ends with."""
    number = queued_pull_request(context)
    if not number:
        return NotCarried(reason=merge_queue.unknown(context.head_ref))
    head = runs.head_of(number)
    return merge_queue.take(newest(runs.of_commit(head, check.name)), context, number, head)


def _carried(check: ManualCheck, context: Context, patterns: Sequence[str], runs: EarlierRuns) -> Carried | NotCarried:
    """Return the verdict that is carried over to the head of a pull request, or of a pushed branch."""
    verdict = _candidate(check, context, runs)
    if isinstance(verdict, NotCarried):
        return verdict
    changes = runs.changes(verdict.commit, check.head_sha)
    if reason := carry.decide_carry(verdict, changes, patterns):
        return NotCarried(reason=reason)
    page = f"{context.server_url}/{context.repository}/compare/{verdict.commit}...{check.head_sha}"
    return carry.carried(verdict, changes, page)


def _candidate(check: ManualCheck, context: Context, runs: EarlierRuns) -> ManualRecord | NotCarried:
    """Return the nearest verdict."""
    name, instructions, before = check.name, check.record.instructions, context.before
    has_before = before not in ("", _NO_COMMIT)
    if context.pull_request is None or not context.base_ref:
        latest = newest(runs.of_commit(before, name)) if has_before else None
        return carry.choose_verdict([latest] if latest else [], instructions)
    commits = runs.commits(context.base_ref, check.head_sha)
    is_dropped = has_before and before not in {check.head_sha, *(commit.sha for commit in commits)}
    if is_dropped and (reason := carry.force_pushed(newest(runs.of_commit(before, name)))):
        return NotCarried(reason=reason)
    return carry.choose_verdict(runs.newest_of(commits, name), instructions)
