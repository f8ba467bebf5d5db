"""Whether an earlier verdict is carried over to a new commit, and if not, why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..model.check_run import RemoteCheckRun
from ..model.manual import ManualRecord, VerdictAction, VerdictSource
from ..text.amounts import pluralize
from ..text.commits import short_commit
from ..text.escape import code_span, prose
from ..text.join import and_more
from ..text.path_patterns import matches
from .record import record_of_run

#: GitHub lists no more changed files of a comparison: https://docs.github.com/rest/commits/commits#compare-two-commits
MOST_FILES = 300
_FILES_NAMED = 3
_FORCE_PUSHED = (
    "Nothing is carried over after a force-push: commit {commit}, on which {who}, is no longer part of the branch."
)
_NO_ANCESTOR = (
    "Nothing is carried over: commit {commit}, on which {who}, is not part of this branch, as after a squashed merge "
    "or a force-push."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """The comparison of two commits: GitHub's `status`, and the changed files; a renamed one has both names."""

    status: str
    files: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """The record that the new commit's check has, and a sentence about where it comes from, as Markdown."""

    record: ManualRecord
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotCarried:
    """Why the check asks, as one sentence of Markdown; empty if there is no verdict."""

    reason: str = ""


def choose_verdict(runs: Iterable[RemoteCheckRun], instructions: str) -> ManualRecord | NotCarried:
    """Return the record of the verdict that may be carried, from the newest run of each commit, the nearest first.

    A check that waits says nothing. `instructions` is the digest of those of the new commit.
    """
    for run in runs:
        record = record_of_run(run)
        if record is not None and record.request is not None:
            reason = _own_reason(record, run.head_sha) or _changed_instructions(record, run.head_sha, instructions)
            return NotCarried(reason=reason) if reason else record
    return NotCarried()


def force_pushed(run: RemoteCheckRun | None) -> str:
    """Return why nothing is carried after a push that dropped a commit; empty if its newest run waits, or is None."""
    record = record_of_run(run) if run else None
    if run is None or record is None or record.request is None:
        return ""
    return _FORCE_PUSHED.format(commit=short_commit(run.head_sha), who=_who(record))


def decide_carry(record: ManualRecord, changes: Changes, patterns: Sequence[str]) -> str:
    """Return why a verdict is not carried to a commit, by what has changed since its own commit; empty if it is."""
    if changes.status not in ("ahead", "identical"):
        return _NO_ANCESTOR.format(commit=short_commit(record.commit), who=_who(record))
    if len(changes.files) >= MOST_FILES:
        return (
            f"Nothing is carried over: at least {MOST_FILES} files have changed since commit "
            f"{short_commit(record.commit)}, on which {_who(record)}, and GitHub lists no more."
        )
    changed = [
        names[0] for names in changes.files if any(matches(pattern, name) for name in names for pattern in patterns)
    ]
    if not changed:
        return ""
    named = and_more(", ".join(map(code_span, changed[:_FILES_NAMED])), len(changed) - _FILES_NAMED)
    return (
        f"Nothing is carried over: {pluralize(len(changed), 'file')} that `carry` names changed since commit "
        f"{short_commit(record.commit)}, on which {_who(record)}: {named}."
    )


def carried(record: ManualRecord, changes: Changes, page: str) -> Carried:
    """Return what the new commit's check has; `page` shows the changes."""
    files = pluralize(len(changes.files), "changed file")
    note = (
        f"Carried over: [{files}]({page}) since commit {short_commit(record.commit)}, and `carry` names none of them."
    )
    return Carried(record=record, note=note)


def _own_reason(record: ManualRecord, head_sha: str) -> str:
    """Return why the verdict of a commit's check is never carried; empty for a person's pass."""
    request = record.request
    if request is None or not record.has_passed:
        return f"Nothing is carried over: on commit {short_commit(head_sha)}, {_who(record)}."
    if record.is_fork:
        why = "is about a fork's code"
    elif request.source is VerdictSource.TERMINAL:
        why = "came from a terminal"
    else:
        return ""
    return f"Nothing is carried over: the verdict on commit {short_commit(head_sha)} {why}."


def _changed_instructions(record: ManualRecord, head_sha: str, instructions: str) -> str:
    if record.instructions == instructions:
        return ""
    return (
        f"Nothing is carried over: the instructions have changed since commit {short_commit(head_sha)}, on which "
        f"{_who(record)}."
    )


def _who(record: ManualRecord) -> str:
    """Return who did what, such as ``octocat passed the check``."""
    request = record.request
    did = {
        VerdictAction.PASS: "passed the check",
        VerdictAction.FAIL: "failed the check",
        VerdictAction.UNDO: "asked for a verdict again",
    }
    return f"{prose(request.by)} {did[request.action]}" if request else "nobody decided"
