"""A wish and what was looked up for it -> what is done; `tests/unit/core/rerun/test_decide.py` is the table of it.

Whatever comes twice (a redelivery, a replay, two receivers) is recognised by what GitHub has already: a check run has
one successor at most, whose external id names it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from ..events.intent_types import Pressed, Pushed, SuitePressed, Wish, WorkflowEnded
from ..github.external_id import UNTOLD_RUN, ExternalId, Kind, fitted_workflow, parse
from ..model.check_run import Conclusion, Status, ToldRun
from ..model.delivery import Answered, Result
from ..model.rerun import Which
from .decision import Await, Decision, End, Lost, Order, Origin, Repeat, RunAgain, Seen

_MAY_WRITE = frozenset({"admin", "maintain", "write"})
_MERGE_QUEUE = "gh-readonly-queue/"
#: The events whose workflows run for a pushed commit.
_OF_A_PUSH = frozenset({"push", "pull_request", "pull_request_target", "merge_group"})
#: What can run again, once it is completed.
_REPEATABLE = frozenset({Kind.TESTS, Kind.WHOLE, Kind.REQUESTED, Kind.AWAITED, Kind.REPEATED})


def decide(wish: Wish, seen: Seen) -> Decision:
    """What is done about it."""
    match wish:
        case Pressed():
            return _pressed(wish, seen)
        case SuitePressed():
            return _suite_pressed(wish, seen)
        case WorkflowEnded():
            return _ended(wish, seen)
        case Pushed():
            return _pushed(wish, seen)
        case _:
            assert_never(wish)


def _pressed(wish: Pressed, seen: Seen) -> Decision:
    if said := settled(wish, seen.runs):
        return said
    run = _as_it_is(wish.run, seen.runs)
    waiting = _waiting(_answers(run, seen.runs))
    for_good = _refusal_of_run(run) or _refusal_of_branch(wish.run.head_branch, wish, seen)
    refused = for_good or _refusal_of_sender(wish, seen)
    if refused and wish.is_native and not waiting:
        if repeated := _answers(run, seen.runs, is_repeat=True):
            return Answered(result=Result.DONE, reason=f"it was answered before, by check run {repeated[-1].id}")
        return Repeat(place=wish.place, run=run, reason=refused, has_buttons=not for_good)
    if refused:
        return Answered(result=Result.REFUSED, reason=refused)
    return _run_again(wish, [Order(run=run, which=wish.which, queued=waiting[-1].id if waiting else "")], seen)


def settled(wish: Pressed, runs: Sequence[ToldRun]) -> Answered | None:
    """Why there is nothing to do, whoever asks; None where there is. `runs` are the check's on that commit."""
    run = _as_it_is(wish.run, runs)
    answers = _answers(run, runs)
    if answers and not _waiting(answers):
        return Answered(result=Result.DONE, reason=f"it was answered before, by check run {answers[-1].id}")
    if not _has_ended(run, wish):
        return Answered(result=Result.DONE, reason="it has not come to its end yet")
    newer = [one for one in runs if int(one.id) > int(run.id) and not _repeats(one, run)]
    if newer:  # the old verdict again, or a re-run of what failed in it, would hide that one's
        reason = f"there is a newer run of this check, {newer[-1].id}: its buttons are the ones to press"
        return Answered(result=Result.REFUSED, reason=reason)
    return None


def _as_it_is(run: ToldRun, runs: Sequence[ToldRun]) -> ToldRun:
    """What an event tells of a run may be old."""
    return next((one for one in runs if one.id == run.id), run)


def _repeats(one: ToldRun, run: ToldRun) -> bool:
    """Whether it is an answer to a button of `run`, or another check's."""
    theirs = parse(one.external_id)
    return one.name != run.name or (theirs is not None and theirs.earlier == run.id)


def _has_ended(run: ToldRun, wish: Pressed) -> bool:
    """Whether it has; GitHub's own button puts a run back to queued where the server goes by an older API."""
    ours = parse(run.external_id)
    is_put_back = wish.is_native and run.status is Status.QUEUED
    waits = ours is not None and ours.kind in (Kind.REQUESTED, Kind.AWAITED)
    return run.status is Status.COMPLETED or (is_put_back and not waits)


def _suite_pressed(wish: SuitePressed, seen: Seen) -> Decision:
    """What failed when it was asked for, else all, runs again; but for what has been run again since."""
    there = [run for run in seen.runs if run.status is Status.COMPLETED and _was_there(run, wish.asked_at)]
    before = list({run.name: run for run in there}.values())
    ours = [run for run in before if not _refusal_of_run(run)]
    chosen = [run for run in ours if run.conclusion is None or not run.conclusion.passes] or ours or before
    latest = {run.name: run for run in seen.runs}
    for_good = "" if ours or not before else _refusal_of_run(before[0])
    for_good = for_good or _refusal_of_branch(wish.head_branch, wish, seen)
    if refused := for_good or _refusal_of_sender(wish, seen):
        if not chosen:
            return Answered(result=Result.REFUSED, reason=refused)
        if latest[chosen[0].name] is not chosen[0]:
            return Answered(result=Result.DONE, reason=f"it was answered before: {refused}")
        return Repeat(place=wish.place, run=chosen[0], reason=refused, has_buttons=not for_good)
    orders = [
        order
        for run in ours
        if (order := _order(run, latest[run.name], seen))
        and (run in chosen or order.queued)  # what waits is dispatched
    ]
    if not orders:
        return Answered(result=Result.DONE, reason="none of our check runs there has not been run again since")
    return _run_again(wish, orders, seen)


def _was_there(run: ToldRun, asked_at: float) -> bool:
    """Whether it had begun; GitHub tells whole seconds, within one of which we may have put up a run in answer."""
    ours = parse(run.external_id)
    is_answer = ours is not None and ours.kind in (Kind.REQUESTED, Kind.REPEATED)
    return run.started_at < asked_at or (run.started_at == asked_at and not is_answer)


def _order(run: ToldRun, latest: ToldRun, seen: Seen) -> Order | None:
    """To run it again, unless another run of its name, the `latest`, came after it."""
    if waiting := _waiting(_answers(run, seen.runs)):
        return Order(run=run, which=Which.ALL, queued=waiting[-1].id)
    return Order(run=run, which=Which.ALL) if latest is run else None


def _answers(run: ToldRun, runs: Sequence[ToldRun], *, is_repeat: bool = False) -> list[ToldRun]:
    """The runs for which it was run again, or (`is_repeat`) which repeat its verdict because it was not."""
    return [
        one
        for one in runs
        if (theirs := parse(one.external_id))
        and theirs.earlier == run.id
        and (theirs.kind is Kind.REPEATED) is is_repeat
    ]


def _waiting(answers: Sequence[ToldRun]) -> list[ToldRun]:
    """Those of them that are queued and wait for their dispatch."""
    return [one for one in answers if (theirs := parse(one.external_id)) and _waits_for_dispatch(one, theirs)]


def _ended(wish: WorkflowEnded, seen: Seen) -> Decision:
    lost = tuple(one for run in seen.runs if run.status is not Status.COMPLETED and (one := _lost(run, wish)))
    if not lost:
        return Answered(result=Result.DONE, reason=f"workflow run {wish.run_id} has left no check run incomplete")
    return End(place=wish.place, lost=lost)


def _lost(run: ToldRun, wish: WorkflowEnded) -> Lost | None:
    ours = parse(run.external_id)
    is_its_own = ours is not None and ours.run_id == wish.run_id and ours.attempt <= wish.attempt
    is_awaited = ours is not None and ours.kind is Kind.AWAITED and _is_of_workflow(ours, wish.workflow)
    if ours is None or not (is_its_own or is_awaited or _may_be_its_own(run, ours, wish)):
        return None
    where = f"[workflow run]({wish.page})" if wish.page else f"workflow run {wish.run_id}"
    if run.status is Status.QUEUED:
        conclusion = (
            Conclusion.CANCELLED if is_awaited or wish.conclusion == "cancelled" else Conclusion.ACTION_REQUIRED
        )
        reason = (
            f"The {where} has ended ({wish.conclusion}), and no job of it has run this category. See that a job "
            "of it has this category and check name, and that nothing cancels it."
        )
        return Lost(run=run, conclusion=conclusion, title="No job has run this", reason=reason)
    conclusion = Conclusion.CANCELLED if wish.conclusion == "cancelled" else Conclusion.FAILURE
    reason = f"The {where} has ended ({wish.conclusion}), and the job with these tests was lost before it could tell."
    title = " · ".join(filter(None, ["lost", run.output.title]))
    return Lost(run=run, conclusion=conclusion, title=title, reason=reason)


def _may_be_its_own(run: ToldRun, ours: ExternalId, wish: WorkflowEnded) -> bool:
    """Whether it may have been started for this queued run, which no server has told.

    If another was, its job puts up a run all the same: see `adoption`.
    """
    is_untold = run.status is Status.QUEUED and ours.kind is Kind.REQUESTED and ours.run_id == UNTOLD_RUN
    return is_untold and run.started_at <= wish.dispatched_at and _is_of_workflow(ours, wish.workflow)


def _is_of_workflow(ours: ExternalId, workflow: str) -> bool:
    """Whether it is of that file, whose name it may have had no room for."""
    return fitted_workflow(ours.workflow) == fitted_workflow(workflow)


def _pushed(wish: Pushed, seen: Seen) -> Decision:
    there = {run.name for run in seen.runs}
    latest = {run.name: run for run in seen.base_runs}
    runs = tuple(run for run in latest.values() if run.name not in there and _comes_with_a_push(run, seen))
    if not runs:
        return Answered(result=Result.DONE, reason="the base commit has no category that is not there")
    return Await(place=wish.place, runs=runs, head_sha=wish.head_sha)


def _comes_with_a_push(run: ToldRun, seen: Seen) -> bool:
    """Whether a pushed commit will have such a run: nightly tests are of their schedule alone."""
    ours = parse(run.external_id)
    if ours is None or not ours.workflow or ours.kind not in _REPEATABLE:
        return False
    return bool(ours.earlier) or seen.base_events.get(ours.run_id, "push") in _OF_A_PUSH


def _refusal_of_run(run: ToldRun) -> str:
    """Why the run is not run again, whoever asks; empty where it is."""
    ours = parse(run.external_id)
    if ours is None:
        return "its external id is none of ours"
    if ours.kind not in _REPEATABLE or not ours.workflow:
        return "no workflow has run its tests: there is none to be started again"
    return ""


def _refusal_of_sender(wish: Pressed | SuitePressed, seen: Seen) -> str:
    return "" if seen.permission in _MAY_WRITE else f"@{wish.sender} has no write access here ({seen.permission})"


def _refusal_of_branch(branch: str, wish: Pressed | SuitePressed, seen: Seen) -> str:
    ref = branch or _ref_of_origin(wish, seen.origin)
    if not ref:
        return "the commit is a fork's, or on no branch: a workflow cannot be started there"
    if ref.startswith(_MERGE_QUEUE):
        return "the commit is a merge queue's: put the pull request into the queue again"
    return ""


def _ref_of_origin(wish: Pressed | SuitePressed, origin: Origin | None) -> str:
    """Where the run's workflow run was, if that was on this very commit in this repository.

    One that a comment or another workflow starts is on the default branch, and may have tested a fork's commit.
    """
    head_sha = wish.head_sha if isinstance(wish, SuitePressed) else wish.run.head_sha
    if origin is None or (origin.repository, origin.head_sha) != (wish.place.repository, head_sha):
        return ""
    return origin.branch


def _run_again(wish: Pressed | SuitePressed, orders: Sequence[Order], seen: Seen) -> RunAgain:
    branch = wish.head_branch if isinstance(wish, SuitePressed) else wish.run.head_branch
    ref = branch or _ref_of_origin(wish, seen.origin)
    return RunAgain(place=wish.place, orders=tuple(orders), ref=ref, sender=wish.sender)


def _waits_for_dispatch(run: ToldRun, ours: ExternalId) -> bool:
    return run.status is Status.QUEUED and ours.kind is Kind.REQUESTED and not ours.run_id
