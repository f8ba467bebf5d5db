"""A command about a check with these runs -> what to do: the rules about times."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks.core.comment_commands.command import Verb
from checks.core.comment_commands.decide import RerunTarget, decide_rerun, decide_verdict, name_refusal, verb_refusal
from checks.core.comment_commands.names import AmbiguousName, KnownCheck, NamedCheck, UnknownName
from checks.core.model.check_run import CheckRun, RemoteCheckRun, Status
from checks.core.model.delivery import DeliveryResult, DeliveryStatus
from checks.core.model.identity import Identity, RunKind
from checks.core.model.manual import ManualRecord, VerdictAction, VerdictSource
from checks.core.model.rerun import RerunScope
from checks.core.model.session import CarriedOverCounts
from tests.unit.core.manual.manual_runs import COMMIT, FAILED, PASSED, REQUEST, WAITING, following, manual_remote

POSTED = 1_764_262_000.0
BEFORE, SAME, AFTER = POSTED - 1, POSTED, POSTED + 1
COMMENT = replace(REQUEST, source=VerdictSource.COMMENT, event="4711", at=POSTED + 5)
MANUAL = KnownCheck(name="pytest (device)", category="device", is_manual=True)


def waiting(started_at: float = BEFORE) -> RemoteCheckRun:
    return manual_remote(WAITING, started_at=started_at)


def later(record: ManualRecord, at: float = AFTER) -> RemoteCheckRun:
    """Return a run that follows the first one, with a request of the same time if it has one."""
    request = record.request and replace(record.request, at=at)
    return replace(following(waiting(), replace(record, request=request)), started_at=at)


OWN = replace(PASSED, request=COMMENT)
OLD_VERDICT = replace(PASSED, request=replace(REQUEST, at=BEFORE))
CHANGED = "the check has changed since your comment: "
VERDICTS: list[tuple[str, list[RemoteCheckRun], bool, str]] = [
    ("a run from before", [waiting()], False, ""),
    ("a run of the same second", [waiting(SAME)], False, "new commits since your comment"),
    ("a run from after", [waiting(AFTER)], False, "new commits since your comment"),
    ("a decision from before", [waiting(), later(FAILED, BEFORE)], False, ""),
    ("a decision since", [waiting(), later(FAILED)], False, CHANGED + "Failed by octocat."),
    ("a question since", [waiting(), later(WAITING)], False, CHANGED + "Waiting for a verdict."),
    ("its own decision", [waiting(), later(OWN)], False, "it was already answered by check run 12"),
    ("the commit is named", [waiting(AFTER)], True, ""),
    ("the commit is named, with a decision since", [waiting(), later(FAILED)], True, CHANGED),
    ("the commit is named, with a question since", [waiting(), later(WAITING)], True, ""),
    (
        "the commit is named, with an older verdict that came since",
        [waiting(), replace(following(waiting(), OLD_VERDICT), started_at=AFTER)],
        True,
        "",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("runs", "names_commit", "reason"), [r[1:] for r in VERDICTS], ids=[r[0] for r in VERDICTS])
def test_verdict_counts_for_what_its_author_can_have_seen(
    runs: list[RemoteCheckRun], reason: str, *, names_commit: bool
) -> None:
    decision = decide_verdict(COMMENT, runs, posted_at=POSTED, pushed_at=0.0, names_commit=names_commit)
    if reason:
        assert isinstance(decision, DeliveryResult)
        assert decision.reason.startswith(reason)
    else:
        assert isinstance(decision, CheckRun)
        assert (decision.head_sha, decision.identity.earlier) == (COMMIT, runs[-1].id)


@pytest.mark.parametrize("names_commit", [False, True])
@pytest.mark.parametrize(("pushed_at", "is_refused"), [(BEFORE, False), (SAME, True), (AFTER, True)])
def test_push_to_a_fork_since_the_comment_is_noticed(pushed_at: float, *, names_commit: bool, is_refused: bool) -> None:
    decision = decide_verdict(COMMENT, [waiting()], posted_at=POSTED, pushed_at=pushed_at, names_commit=names_commit)
    assert isinstance(decision, DeliveryResult) is is_refused


def test_undo_of_a_waiting_check_is_done() -> None:
    undo = replace(COMMENT, action=VerdictAction.UNDO)
    decision = decide_verdict(undo, [waiting()], posted_at=POSTED, pushed_at=0.0, names_commit=False)
    assert isinstance(decision, DeliveryResult)
    assert decision.status is DeliveryStatus.DONE


def finished(started_at: float = BEFORE, failed: int = 1, run_id: str = "11", **fields: object) -> RemoteCheckRun:
    identity = Identity(
        workflow="tests.yml", run_id="17", kind=RunKind.COMPLETE, counts=CarriedOverCounts(failed=failed, passed=1)
    )
    run = manual_remote(id=run_id, started_at=started_at, identity=identity, name="pytest (unit)")
    return replace(run, **fields)  # type: ignore[arg-type]


PLACEHOLDER = finished(
    run_id="12", status=Status.QUEUED, identity=Identity(kind=RunKind.PLACEHOLDER, earlier="11", job="rerun-all")
)
STARTED = replace(PLACEHOLDER, identity=Identity(kind=RunKind.PLACEHOLDER, earlier="11", run_id="18"))
SEVERAL = [finished(run_id="9"), finished(), finished(AFTER, run_id="12")]
RERUNS: list[tuple[str, list[RemoteCheckRun], str, bool, object]] = [
    ("failed tests", [finished()], "", False, RerunScope.FAILED),
    ("no failed test", [finished(failed=0)], "", False, RerunScope.ALL),
    ("all", [finished()], "ALL", False, RerunScope.ALL),
    ("failed", [finished()], "failed", False, RerunScope.FAILED),
    ("failed, without one", [finished(failed=0)], "failed", False, "it has no failed tests to re-run; use `all`"),
    ("a run from after", [finished(SAME)], "", False, "new commits since your comment"),
    ("the commit is named", [finished(AFTER)], "", True, RerunScope.FAILED),
    ("the newest from before counts", SEVERAL, "", False, RerunScope.FAILED),
    ("it runs", [finished(status=Status.IN_PROGRESS)], "", False, "it is in progress now"),
    ("it is queued by a push", [finished(status=Status.QUEUED)], "", False, "it is queued now"),
    ("a re-run is queued", [finished(), STARTED], "", False, "it is queued now"),
    ("a re-run was queued and never started", [finished(), PLACEHOLDER], "", False, RerunScope.FAILED),
]  # fmt: skip


@pytest.mark.parametrize(
    ("runs", "scope", "names_commit", "expected"), [r[1:] for r in RERUNS], ids=[r[0] for r in RERUNS]
)
def test_rerun_is_of_what_its_author_can_have_seen(
    runs: list[RemoteCheckRun], scope: str, expected: object, *, names_commit: bool
) -> None:
    decision = decide_rerun(runs, scope, posted_at=POSTED, names_commit=names_commit)
    if isinstance(expected, RerunScope):
        assert isinstance(decision, RerunTarget)
        assert (decision.run.id, decision.scope) == ("11", expected)
    else:
        assert isinstance(decision, DeliveryResult)
        assert decision.reason.startswith(str(expected))


@pytest.mark.parametrize(
    ("resolution", "reason"),
    [
        (NamedCheck(check=MANUAL), ""),
        (UnknownName(), "commit c0ffee1 has no check of this name"),
        (UnknownName(nearest=("a", "b")), "commit c0ffee1 has no check of this name; the nearest names: `a`, `b`"),
        (AmbiguousName(names=("a", "b"), needs_quotes=True), "this may be `a` or `b`: put the name in quotation marks"),
        (AmbiguousName(names=("a", "A"), needs_quotes=False), "this may be `a` or `A`: write the check's name exactly"),
    ],
)
def test_name_that_selects_no_check_is_explained(
    resolution: NamedCheck | UnknownName | AmbiguousName, reason: str
) -> None:
    assert name_refusal(resolution, "c0ffee1" + "0" * 33) == reason


@pytest.mark.parametrize(
    ("verb", "is_manual", "rest", "is_refused"),
    [
        (Verb.PASS, True, "any reason", False),
        (Verb.FAIL, False, "", True),
        (Verb.RERUN, False, "", False),
        (Verb.RERUN, False, "Failed", False),
        (Verb.RERUN, True, "all", False),
        (Verb.RERUN, False, "failed all", True),
    ],
)
def test_verb_has_to_fit_the_check(verb: Verb, rest: str, *, is_manual: bool, is_refused: bool) -> None:
    assert bool(verb_refusal(verb, replace(MANUAL, is_manual=is_manual), rest)) is is_refused
