"""`fail-on: new` from the check runs on GitHub to the verdict: nothing is forgiven that the very base does not have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import hypothesis
from hypothesis import given
from hypothesis import strategies as st

from checks.core.history.base_commit import BaseCommit, MergeBase, base_commit
from checks.core.history.make_record import record_of
from checks.core.history.record_text import render
from checks.core.history.test_key import stable_id
from checks.core.history.trusted_record import record_of_run
from checks.core.model.check_run import CheckRun, Conclusion, Output, RemoteCheckRun, Status
from checks.core.model.history import NoBase
from checks.core.model.identity import Identity, RunKind
from checks.core.model.item import Item
from checks.core.model.job import Checkout, Context, ExitReason, ProcessExit, Repository
from checks.core.model.session import Session
from checks.core.model.settings import Compare, FailOn, Settings
from checks.core.rerun.previous_run import PreviousRun
from checks.core.verdict.conclusion import conclude
from checks.programs.run.find_base import find_base
from tests.support.bases import SELECTION, compared
from tests.support.examples import EXAMPLES
from tests.support.rerun.check_runs import OPEN, REMOTE
from tests.support.sessions import error, failed, flaky, item, session, skipped

BASE, ANCESTOR, HEAD, MERGE = "b" * 40, "d" * 40, "a" * 40, "e" * 40
IDENTITY = Identity(workflow="tests.yml", run_id="1", category="unit", kind=RunKind.COMPLETE)
OWN = replace(OPEN, name=REMOTE.name, identity=IDENTITY)
ADDRESSES = [f"tests/test_a.py::test_x[<a at 0x7f{digits}>]" for digits in ("0123456789", "9876543210")]
NODEIDS = ["tests/test_a.py::test_a", "tests/test_a.py::test_b", *ADDRESSES]
DOES = [
    item(call=failed()),
    item(setup=error()),
    item(call=failed(), teardown=error()),
    item(),
    flaky(),
    item(call=skipped()),
]


@dataclass(frozen=True, kw_only=True)
class RunOnGithub:
    """A check run, the session that it reports, and whether it may be a base."""

    run: RemoteCheckRun
    results: Session
    is_sound: bool


@dataclass(frozen=True, kw_only=True)
class GithubState:
    """What GitHub has: `runs` by commit, and the branch of the base's check suite."""

    runs: Mapping[str, list[RunOnGithub]]
    suite_branch: str

    def merge_base(self, branch: str, head: str) -> str:
        del branch, head
        return BASE

    def of_commit(self, commit: str, name: str) -> tuple[RemoteCheckRun, ...]:
        return tuple(each.run for each in self.runs[commit] if each.run.name == name)

    def nearest_ancestor(self, commit: str, own: CheckRun) -> str:
        del commit, own
        return ANCESTOR

    def file(self, commit: str, path: str) -> str | None:
        raise NotImplementedError

    def branch_of(self, commit: str) -> str:
        return self.suite_branch if commit == BASE else ""

    def close(self) -> None:
        pass


ITEMS = st.builds(lambda does, nodeid: replace(does, nodeid=nodeid), st.sampled_from(DOES), st.sampled_from(NODEIDS))
#: What may be wrong with a check run, besides its results.
FLAWS = [
    "",
    "",
    "",
    "running",
    "cancelled",
    "other name",
    "other counts",
    "partial",
    "merge",
    "fork",
    "tests",
    "published",
]


@st.composite
def earlier_results(draw: st.DrawFn, results: Session) -> Session:
    """Return the same results, or with one test more or different."""
    items, position = [*results.items], draw(st.integers(0, len(results.items) - 1))
    match draw(st.sampled_from(["same", "same", "more", "different"])):
        case "more":
            items.append(draw(ITEMS))
        case "different":
            items[position] = replace(draw(ITEMS), nodeid=items[position].nodeid)
    return session(*items, exit_status=1)


@st.composite
def runs_on_github(draw: st.DrawFn, results: Session) -> RunOnGithub:
    """Return a check run of a commit before, with or without a flaw."""
    earlier, flaw = draw(earlier_results(results)), draw(st.sampled_from(FLAWS))
    record = record_of(earlier, PreviousRun(), SELECTION)
    counts = replace(record.counts, failed=7) if flaw == "other counts" else record.counts
    kind = RunKind(flaw) if flaw in set(RunKind) else RunKind.COMPLETE
    run = replace(
        REMOTE,
        id=str(draw(st.integers(1, 99))),
        name="pytest (slow)" if flaw == "other name" else OWN.name,
        status=Status.IN_PROGRESS if flaw == "running" else Status.COMPLETED,
        conclusion=Conclusion.CANCELLED if flaw == "cancelled" else Conclusion.FAILURE,
        identity=replace(IDENTITY, kind=kind, tested=MERGE if flaw == "merge" else "", counts=counts),
        output=Output(title="", summary="", record=render(replace(record, is_partial=flaw == "partial"))),
    )
    return RunOnGithub(run=run, results=earlier, is_sound=not flaw)


def may_forgive(of_base: RunOnGithub, failing: Item) -> bool:
    """Whether a check run of the base shows all failures of a test, by the words of the rule alone."""
    same = [each for each in of_base.results.items if stable_id(each.nodeid) == stable_id(failing.nodeid)]
    return (
        of_base.is_sound
        and len(same) == 1
        and not same[0].is_flaky
        and _failed_stages(failing) <= _failed_stages(same[0])
    )


def _failed_stages(of_item: Item) -> set[str]:
    return {stage.name for stage in of_item.stages if stage.outcome.is_failure}


@hypothesis.settings(max_examples=10 * EXAMPLES)
@given(st.data())
def test_only_what_the_very_base_has_is_forgiven(data: st.DataObject) -> None:
    results = session(*data.draw(st.lists(ITEMS, min_size=1, max_size=3)), exit_status=1)
    runs = {commit: data.draw(st.lists(runs_on_github(results), max_size=2)) for commit in (BASE, ANCESTOR)}
    state = GithubState(runs=runs, suite_branch=data.draw(st.sampled_from(["main", "main", "topic", ""])))
    target, named = data.draw(st.sampled_from(["main", "main", "release"])), data.draw(st.sampled_from(["", "release"]))
    is_events = data.draw(st.booleans())  # a re-run of a retargeted pull request tests another merge than the event's
    context = Context(
        event="pull_request", pull_request=7, head_sha=HEAD, workflow_sha=MERGE if is_events else BASE, base_ref=target
    )
    repository = Repository(root="/repo", head=MERGE, parents=(BASE, HEAD))
    question = base_commit(context, repository, Compare(branch=named))
    assert isinstance(question, BaseCommit | MergeBase)
    base = find_base(question, OWN, state, record_of_run, {"main", named})
    verdict = conclude(
        results,
        ProcessExit(reason=ExitReason.EXITED, exit_status=results.exit_status),
        Settings(fail_on=FailOn.NEW),
        Checkout.MERGE,
        comparison=compared(results, base, is_trusted=True),
    )
    if verdict.conclusion is Conclusion.NEUTRAL and results.failed_items:
        assert not isinstance(base, NoBase)
        branch = named or (target if is_events else state.suite_branch)
        assert branch in {"main", named} - {""}
        stable_ids = [stable_id(each.nodeid) for each in results.items]
        assert all(stable_ids.count(stable_id(failing.nodeid)) == 1 for failing in results.failed_items)
        assert any(all(may_forgive(each, failing) for failing in results.failed_items) for each in runs[BASE])
