"""The steps to the base: comparing commits, choosing its check run, and the branch that has it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from checks.core.history.base_commit import BaseCommit, MergeBase
from checks.core.history.base_runs import BaseUnavailableError
from checks.core.model.check_run import CheckRun, Conclusion, RemoteCheckRun, Status
from checks.core.model.history import Base, NoBase, Record
from checks.core.model.identity import Identity, RunKind
from checks.programs.run.find_base import find_base
from tests.support.rerun.check_runs import OPEN, REMOTE
from tests.support.rules import rule

HEAD, BASE, MAIN, OLD = "a" * 40, "b" * 40, "c" * 40, "d" * 40
OWN = replace(OPEN, name=REMOTE.name, identity=Identity(category="unit"))
COMPLETE = replace(
    REMOTE,
    status=Status.COMPLETED,
    conclusion=Conclusion.SUCCESS,
    identity=Identity(category="unit", kind=RunKind.COMPLETE),
)
TO_DEV = MergeBase(branch="dev", head=HEAD, otherwise=BaseCommit(commit=MAIN, branch="main"))


class FakeBaseRuns:
    """`BaseRuns` with one check run on each commit; `calls` are the requests."""

    def __init__(
        self, merge_base: str = BASE, *, suite_branch: str = "", ancestor: str = "", unavailable: Sequence[str] = ()
    ) -> None:
        self.calls: list[tuple[str, ...]] = []
        self._merge_base = merge_base
        self._suite_branch = suite_branch
        self._ancestor = ancestor
        self.runs = {BASE: COMPLETE, MAIN: COMPLETE}
        self._unavailable = unavailable

    def _call(self, *call: str) -> None:
        self.calls.append(call)
        if call[0] in self._unavailable:
            raise BaseUnavailableError("GitHub did not answer")

    def merge_base(self, branch: str, head: str) -> str:
        self._call("merge base", branch, head)
        return self._merge_base

    def of_commit(self, commit: str, name: str) -> tuple[RemoteCheckRun, ...]:
        self._call("runs", commit, name)
        return tuple(run for at, run in self.runs.items() if at == commit)

    def nearest_ancestor(self, commit: str, own: CheckRun) -> str:
        self._call("ancestor", commit, own.name)
        return self._ancestor

    def file(self, commit: str, path: str) -> str | None:
        self._call("file", commit, path)
        return None

    def branch_of(self, commit: str) -> str:
        self._call("branch", commit)
        return self._suite_branch

    def close(self) -> None:
        pass


def found(question: BaseCommit | MergeBase, runs: FakeBaseRuns) -> Base | NoBase:
    return find_base(question, OWN, runs, lambda _: Record(), {"main", "dev", ""})


@rule("The base: compare names a branch that has the tested commit")
@pytest.mark.parametrize(("merge_base", "commit"), [(BASE, BASE), (HEAD, MAIN)])
def test_merge_base_is_the_base_unless_it_is_the_tested_commit(merge_base: str, commit: str) -> None:
    runs = FakeBaseRuns(merge_base)
    base = found(TO_DEV, runs)
    assert isinstance(base, Base)
    assert (base.commit, base.branch) == (commit, "dev" if commit == BASE else "main")
    assert runs.calls == [("merge base", "dev", HEAD), ("runs", commit, REMOTE.name)]


def test_head_that_its_target_branch_has_has_no_base() -> None:
    merged = NoBase(reason="main has it")
    assert found(MergeBase(branch="main", head=HEAD, otherwise=merged), FakeBaseRuns(HEAD)) == merged


BRANCHES = [("main", "", True), ("dev", "", True), ("topic", "", False), ("", "main", True), ("", "topic", False)]


@rule("The base: the event does not say which branch has the base")
@pytest.mark.parametrize(("branch", "suite_branch", "is_protected"), [*BRANCHES, ("", "", False)])
def test_base_is_protected_on_the_named_branches(branch: str, suite_branch: str, is_protected: bool) -> None:
    runs = FakeBaseRuns(suite_branch=suite_branch)
    base = found(BaseCommit(commit=BASE, branch=branch), runs)
    assert isinstance(base, Base)
    assert (base.branch, base.is_protected, base.is_exact) == (branch or suite_branch, is_protected, True)
    assert (("branch", BASE) in runs.calls) == (not branch)


@pytest.mark.parametrize("unavailable", ["merge base", "runs"])
def test_request_that_fails_is_the_reason(unavailable: str) -> None:
    assert found(TO_DEV, FakeBaseRuns(unavailable=[unavailable])) == NoBase(reason="GitHub did not answer")


def test_base_whose_branch_cannot_be_read_is_not_protected() -> None:
    base = found(BaseCommit(commit=BASE), FakeBaseRuns(suite_branch="main", unavailable=["branch"]))
    assert isinstance(base, Base)
    assert (base.branch, base.is_protected) == ("", False)


ON_MAIN = BaseCommit(commit=BASE, branch="main")


@rule("The base: the base has no results, and an ancestor has")
def test_nearest_ancestor_with_results_is_for_information_only() -> None:
    runs = FakeBaseRuns(ancestor=OLD)
    runs.runs = {OLD: COMPLETE}
    base = found(ON_MAIN, runs)
    assert isinstance(base, Base)
    assert (base.commit, base.branch, base.is_exact, base.is_protected) == (OLD, "main", False, False)
    assert base.instead_of.endswith(" has no check run of this name")
    assert runs.calls == [("runs", BASE, REMOTE.name), ("ancestor", BASE, REMOTE.name), ("runs", OLD, REMOTE.name)]


@pytest.mark.parametrize("unavailable", ["", "ancestor"])
@pytest.mark.parametrize("ancestor", ["", OLD])
def test_without_results_of_an_ancestor_the_base_is_the_reason(ancestor: str, unavailable: str) -> None:
    runs = FakeBaseRuns(ancestor=ancestor, unavailable=[unavailable])
    runs.runs = {}
    assert found(ON_MAIN, runs) == NoBase(reason="main at bbbbbbb has no check run of this name")


def test_no_ancestor_is_looked_for_if_the_base_has_results() -> None:
    runs = FakeBaseRuns(ancestor=OLD)
    found(ON_MAIN, runs)
    assert "ancestor" not in {call[0] for call in runs.calls}
