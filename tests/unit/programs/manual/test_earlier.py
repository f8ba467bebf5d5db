"""Which requests look for an earlier verdict, and what they lead to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import pytest

from checks.core.history.base_runs import BaseUnavailableError
from checks.core.manual.carry import Carried, Changes
from checks.core.manual.earlier_runs import Commit
from checks.core.manual.runs import ManualCheck
from checks.core.model.check_run import RemoteCheckRun
from checks.core.model.identity import Identity
from checks.core.model.job import Context
from checks.core.model.manual import ManualRecord
from checks.programs.manual.earlier import find_verdict
from tests.unit.core.manual.manual_runs import FAILED, PASSED, WAITING, manual_remote

HEAD, BEFORE, FIRST, BASE, DROPPED = (letter * 40 for letter in "habfd")
PULL_REQUEST = Context(event="pull_request", head_sha=HEAD, pull_request=7, base_ref="main", repository="octo/demo")
PUSH = Context(event="push", head_sha=HEAD, head_branch="main", before=BEFORE)
QUEUE = Context(event="merge_group", head_sha=HEAD, head_ref=f"gh-readonly-queue/main/pr-7-{'b' * 40}")
CHECK = ManualCheck(
    name="pytest (device)",
    head_sha=HEAD,
    identity=Identity(),
    instructions="Press **start**.",
    record=ManualRecord(instructions=PASSED.instructions),
)


@dataclass
class FakeEarlierRuns:
    """`EarlierRuns` with a check on some commits, and the calls that it gets; calls of `missing` are errors."""

    states: dict[str, ManualRecord] = field(default_factory=dict)
    status: str = "ahead"
    missing: str = ""
    calls: list[str] = field(default_factory=list)

    def commits(self, branch: str, head: str) -> tuple[Commit, ...]:
        self._call(f"commits {branch} {head[0]}")
        return tuple(Commit(sha=sha, node_id=sha) for sha in (BEFORE, FIRST, BASE))

    def newest_of(self, commits: Sequence[Commit], name: str) -> Iterator[RemoteCheckRun]:
        self._call("newest_of " + "".join(commit.sha[0] for commit in commits))
        return (run for commit in commits for run in self._runs(commit.sha, name))

    def of_commit(self, commit: str, name: str) -> tuple[RemoteCheckRun, ...]:
        self._call(f"of_commit {commit[0]}")
        return tuple(self._runs(commit, name))

    def changes(self, commit: str, head: str) -> Changes:
        self._call(f"changes {commit[0]} {head[0]}")
        return Changes(status=self.status, files=())

    def head_of(self, pull_request: int) -> str:
        self._call(f"head_of {pull_request}")
        return BEFORE

    def close(self) -> None:
        self.calls.append("close")

    def _call(self, call: str) -> None:
        self.calls.append(call)
        if self.missing and call.startswith(self.missing):
            raise BaseUnavailableError("GitHub did not answer within 3 s")

    def _runs(self, commit: str, name: str) -> Iterator[RemoteCheckRun]:
        if commit in self.states:
            yield manual_remote(replace(self.states[commit], commit=commit), head_sha=commit, name=name)


def found(runs: FakeEarlierRuns, context: Context, *, carry: Sequence[str] = ("src",), is_fork: bool = False) -> str:
    """Return ``+`` and the commit of the verdict, or the reason."""
    check = replace(CHECK, record=replace(CHECK.record, is_fork=is_fork))
    verdict = find_verdict(check, context, carry, lambda: runs)
    return f"+{verdict.record.commit[0]}" if isinstance(verdict, Carried) else verdict.reason


@pytest.mark.parametrize(
    ("context", "states", "verdict", "calls"),
    [
        (PULL_REQUEST, {BEFORE: PASSED}, "+a", ["commits main h", "newest_of abf", "changes a h"]),
        (PULL_REQUEST, {BEFORE: WAITING, BASE: PASSED}, "+f", ["commits main h", "newest_of abf", "changes f h"]),
        (PULL_REQUEST, {}, "", ["commits main h", "newest_of abf"]),
        (
            replace(PULL_REQUEST, before=BEFORE),
            {FIRST: PASSED},
            "+b",
            ["commits main h", "newest_of abf", "changes b h"],
        ),
        (
            replace(PULL_REQUEST, before=DROPPED),
            {DROPPED: WAITING, FIRST: PASSED},
            "+b",
            ["commits main h", "of_commit d", "newest_of abf", "changes b h"],
        ),
        (PUSH, {BEFORE: PASSED}, "+a", ["of_commit a", "changes a h"]),
        (PUSH, {}, "", ["of_commit a"]),
        (replace(PUSH, before="0" * 40), {}, "", []),
        (replace(PUSH, event="schedule", before=""), {}, "", []),
        (QUEUE, {BEFORE: FAILED}, "+a", ["head_of 7", "of_commit a"]),
    ],
)
def test_requests_end_with_the_first_decision(
    context: Context, states: dict[str, ManualRecord], verdict: str, calls: list[str]
) -> None:
    runs = FakeEarlierRuns(states)
    assert found(runs, context) == verdict
    assert runs.calls == [*calls, "close"]


@pytest.mark.parametrize("state", [PASSED, FAILED])
def test_verdict_on_a_dropped_commit_asks_at_once(state: ManualRecord) -> None:
    runs = FakeEarlierRuns({DROPPED: state, FIRST: PASSED})
    assert "after a force-push: commit ddddddd" in found(runs, replace(PULL_REQUEST, before=DROPPED))
    assert runs.calls == ["commits main h", "of_commit d", "close"]


@pytest.mark.parametrize(
    ("context", "carry", "is_fork"),
    [(PULL_REQUEST, (), False), (PULL_REQUEST, ("src",), True), (PUSH, (), False)],
)
def test_nothing_is_asked_without_patterns_or_for_a_fork(context: Context, carry: Sequence[str], is_fork: bool) -> None:
    runs = FakeEarlierRuns({BEFORE: PASSED})
    assert found(runs, context, carry=carry, is_fork=is_fork) == ""
    assert runs.calls == []


def test_merge_queue_needs_no_patterns() -> None:
    assert found(FakeEarlierRuns({BEFORE: PASSED}), QUEUE, carry=()) == "+a"
    assert "names no pull request" in found(FakeEarlierRuns(), replace(QUEUE, head_ref="main"))


@pytest.mark.parametrize(
    ("context", "missing", "reason"),
    [
        (PULL_REQUEST, "commits", "Nothing is carried over, because GitHub did not answer within 3 s."),
        (PULL_REQUEST, "newest_of", "Nothing is carried over, because GitHub did not answer within 3 s."),
        (PULL_REQUEST, "changes", "Nothing is carried over, because GitHub did not answer within 3 s."),
        (QUEUE, "head_of", "The verdict of the pull request is not known, because GitHub did not answer within 3 s."),
    ],
)
def test_error_asks_and_is_the_reason(context: Context, missing: str, reason: str) -> None:
    runs = FakeEarlierRuns({BEFORE: PASSED}, missing=missing)
    assert found(runs, context) == reason
    assert runs.calls[-1] == "close"
