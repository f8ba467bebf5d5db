"""Which failing tests fail the check, by the input `fail-on`."""

from __future__ import annotations

from dataclasses import replace

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.core.history.test_key import key, stable_id
from checks.core.model.check_run import Conclusion
from checks.core.model.errors import ExitStatus
from checks.core.model.history import Base, NoBase
from checks.core.model.item import Item, Stage, StageName
from checks.core.model.job import Checkout, ExitReason, ProcessExit
from checks.core.model.session import Session
from checks.core.model.settings import FailOn, Settings
from checks.core.model.verdict import Verdict
from checks.core.verdict.conclusion import conclude, exit_status, verdict_despite_bug
from tests.support.any_session import PROCESS_EXITS, SESSIONS
from tests.support.bases import base_of, compared
from tests.support.examples import EXAMPLES
from tests.support.rules import rule
from tests.support.sessions import collector, error, failed, flaky, item, session, skipped

A, B = "tests/test_a.py::test_a", "tests/test_a.py::test_b"
FAILS, FAILS_B = item(A, call=failed("E: a")), item(B, call=failed("E: b"))
CRASHED = replace(item(A), stages=(replace(failed(), name=StageName.CRASHED),))
FAILURE, NEUTRAL = Conclusion.FAILURE, Conclusion.NEUTRAL
UNSTABLE, SAME_ID = (f"tests/test_a.py::test_x[<a at 0x7f{digits}>]" for digits in ("0123456789", "9876543210"))


def verdict_on(
    results: Session,
    fail_on: FailOn,
    base: Base | NoBase | None = None,
    *,
    is_trusted: bool = True,
    fail_on_flaky: bool = False,
) -> Verdict:
    process_exit = ProcessExit(reason=ExitReason.EXITED, exit_status=results.exit_status)
    settings = Settings(fail_on=fail_on, fail_on_flaky=fail_on_flaky)
    comparison = compared(results, base, is_trusted=is_trusted)
    return conclude(results, process_exit, settings, Checkout.HEAD, comparison=comparison)


def failing(*items: Item) -> Session:
    return session(*items, item("tests/test_b.py::test_ok"), exit_status=1)


def remarks(verdict: Verdict) -> str:
    return "\n".join(map(str, verdict.remarks))


@rule("fail-on: any, and a test failed")
def test_any_failing_test_fails_the_check() -> None:
    verdict = verdict_on(failing(FAILS), FailOn.ANY, base_of(failing(FAILS)))
    assert (verdict.conclusion, verdict.title, verdict.remarks) == (FAILURE, "1 failed (0 new), 1 passed in 1.00 s", ())


@rule("fail-on: new, and every failing test fails on the base in the same stages")
@pytest.mark.parametrize(
    "failing_item",
    [FAILS, item(A, setup=error()), item(A, call=failed(), teardown=error()), item(UNSTABLE, call=failed())],
    ids=["call", "setup", "call and teardown", "unstable id"],
)
def test_failures_of_the_base_are_forgiven(failing_item: Item) -> None:
    base = base_of(failing(replace(failing_item, nodeid=failing_item.nodeid.replace("0123", "3210"))))
    verdict = verdict_on(failing(failing_item), FailOn.NEW, base)
    assert verdict.conclusion is NEUTRAL
    assert verdict.is_complete
    assert remarks(verdict) == (
        "1 failing test forgiven by `fail-on: new`, because the base main at c0ffee1 has the same failures."
    )


@rule(
    "fail-on: new, and the base does not have a failure, or in another stage, or the test is flaky or quarantined there"
)
@pytest.mark.parametrize(
    ("base", "why"),
    [
        (base_of(failing(item(A))), "new"),
        (base_of(failing()), "new"),
        (base_of(failing(item(A, setup=error()))), "fails in another stage on the base"),
        (base_of(failing(item(A, call=skipped()))), "new"),
        (base_of(failing(flaky(A))), "flaky on the base"),
        (base_of(failing(FAILS), flaky=frozenset({key(A)})), "flaky on the base"),
        (base_of(failing(FAILS), quarantined=frozenset({key(A)})), "quarantined on the base"),
        (base_of(session(collectors=[collector(A)])), "fails in another stage on the base"),
    ],
    ids=["passed", "missing", "setup", "skipped", "flaky", "flaky, too", "quarantined", "not collected"],
)
def test_other_failures_count(base: Base, why: str) -> None:
    verdict = verdict_on(failing(FAILS), FailOn.NEW, base)
    assert verdict.conclusion is FAILURE
    assert remarks(verdict) == (
        f"Failing tests that count with `fail-on: new`: 1 of 1, compared with the base main at c0ffee1.\n{A}  ({why})"
    )


def test_one_more_stage_than_on_the_base_counts() -> None:
    both = item(A, call=failed(), teardown=error())
    assert verdict_on(failing(both), FailOn.NEW, base_of(failing(FAILS))).conclusion is FAILURE


def test_one_new_failure_among_others_counts_and_is_named() -> None:
    verdict = verdict_on(failing(FAILS, FAILS_B), FailOn.NEW, base_of(failing(FAILS, item(B))))
    assert (verdict.conclusion, verdict.remarks[0].quoted) == (FAILURE, f"{B}  (new)")


@rule("fail-on: new, and several tests have the ID of a failing one, here or on the base")
@pytest.mark.parametrize(
    ("results", "base"),
    [
        ((item(UNSTABLE, call=failed()), item(SAME_ID)), (item(UNSTABLE, call=failed()),)),
        ((FAILS, item(A)), (FAILS,)),
        ((item(UNSTABLE, call=failed()),), (item(UNSTABLE, call=failed()), item(SAME_ID))),
        ((FAILS,), (FAILS, item(A))),
    ],
    ids=["here", "same id here", "on the base", "same id on the base"],
)
def test_test_that_shares_its_id_counts(results: tuple[Item, ...], base: tuple[Item, ...]) -> None:
    assert verdict_on(failing(*results), FailOn.NEW, base_of(failing(*base))).conclusion is FAILURE


SAME = failing(FAILS)


@rule("fail-on: new, without a base on the default branch or the branch that compare names")
@pytest.mark.parametrize(
    ("base", "why"),
    [
        (None, "the base was not found in time"),
        (NoBase(reason="main at c0ffee1 is still running"), "main at c0ffee1 is still running"),
        (
            base_of(SAME, is_protected=False, branch="topic"),
            (
                "the check run of topic at c0ffee1 belongs neither to the default branch nor to the branch that "
                "`compare` names"
            ),
        ),
    ],
    ids=["late", "none", "unprotected"],
)
def test_every_test_counts_without_a_protected_base(base: Base | NoBase | None, why: str) -> None:
    verdict = verdict_on(SAME, FailOn.NEW, base)
    assert verdict.conclusion is FAILURE
    assert remarks(verdict) == f"Every failing test counts in spite of `fail-on: new`, because {why}."


@rule("fail-on: new, with an ancestor of the base, or a base that does not list its failing tests")
@pytest.mark.parametrize(
    ("base", "why"),
    [
        (
            base_of(SAME, is_exact=False),
            "the check run of main at b45e000 has no results",
        ),
        (base_of(SAME, is_partial=True), "the check run of main at c0ffee1 lacks the results of some tests"),
        (base_of(SAME, failed=None), "the check run of main at c0ffee1 had no room for the list of its failing tests"),
    ],
    ids=["ancestor", "partial", "no room"],
)
def test_every_test_counts_with_another_base(base: Base, why: str) -> None:
    verdict = verdict_on(SAME, FailOn.NEW, base)
    assert (verdict.conclusion, remarks(verdict).partition("because ")[2]) == (FAILURE, f"{why}.")


@rule("fail-on: new, with github-token")
def test_every_test_counts_if_others_could_write_the_base() -> None:
    verdict = verdict_on(SAME, FailOn.NEW, base_of(SAME), is_trusted=False)
    assert verdict.conclusion is FAILURE
    assert "with `github-token`, every workflow of the repository can write" in remarks(verdict)


@pytest.mark.parametrize("fail_on", FailOn)
def test_run_that_compares_nothing_forgives_nothing_as_new(fail_on: FailOn) -> None:
    process_exit = ProcessExit(reason=ExitReason.EXITED, exit_status=1)
    verdict = conclude(SAME, process_exit, Settings(fail_on=fail_on), Checkout.HEAD)
    assert verdict.conclusion is (NEUTRAL if fail_on is FailOn.NONE else FAILURE)
    assert ("this run is not compared with a base" in remarks(verdict)) is (fail_on is FailOn.NEW)


@rule("fail-on: none, and a test failed")
def test_no_failing_test_counts() -> None:
    verdict = verdict_on(failing(FAILS, FAILS_B), FailOn.NONE)
    assert (verdict.conclusion, verdict.is_complete) == (NEUTRAL, True)
    assert remarks(verdict) == "2 failing tests forgiven by `fail-on: none`."


@rule("fail-on: a test whose process died (an xdist worker, pytest-forked)")
@pytest.mark.parametrize("fail_on", FailOn)
def test_crash_always_counts(fail_on: FailOn) -> None:
    results = failing(CRASHED, FAILS_B)
    verdict = verdict_on(results, fail_on, base_of(results))
    assert verdict.conclusion is FAILURE
    assert [remark.quoted for remark in verdict.remarks] == (
        [] if fail_on is FailOn.ANY else [f"{A}  (its process died)"]
    )


@rule("fail-on: failing tests, and anything else went wrong")
@pytest.mark.parametrize("fail_on", [FailOn.NEW, FailOn.NONE])
@pytest.mark.parametrize(
    "results",
    [
        replace(SAME, collectors=(collector(),)),
        replace(SAME, internal_error="INTERNALERROR> x"),
        replace(SAME, stop_reason="stopping after 1 failures", collected=9),
        replace(SAME, workers_reason="worker gw0 crashed", collected=9),
        replace(SAME, exit_status=4),
        replace(SAME, write_error="No space left", collected=9),
        replace(SAME, exit_status=None),
        session(*SAME.items, flaky(B), exit_status=1),
    ],
    ids=[
        *("collection", "internal error", "stopped early", "lost workers", "usage error", "full disk"),
        *("no end", "fail-on-flaky"),
    ],
)
def test_failing_tests_count_beside_other_problems(results: Session, fail_on: FailOn) -> None:
    verdict, any_verdict = (
        verdict_on(results, value, base_of(results), fail_on_flaky=True) for value in (fail_on, FailOn.ANY)
    )
    assert (verdict.conclusion, verdict.title) == (any_verdict.conclusion, any_verdict.title)
    why = "because this run has other problems than failing tests."
    assert f"Every failing test counts in spite of `fail-on: {fail_on}`, {why}" in remarks(verdict)


@rule("fail-on: failures that do not count")
@pytest.mark.parametrize("fail_on", [FailOn.NEW, FailOn.NONE])
def test_step_passes_if_no_failure_counts(fail_on: FailOn) -> None:
    verdict = verdict_on(SAME, fail_on, base_of(SAME))
    assert exit_status(verdict, Settings(fail_on=fail_on), is_reported=False) is ExitStatus.PASSED


def test_bug_while_the_tests_run_forgives_nothing() -> None:
    verdict = verdict_despite_bug(replace(SAME, exit_status=None), None, Settings(fail_on=FailOn.NONE), Checkout.HEAD)
    assert verdict.conclusion is FAILURE


@given(SESSIONS, PROCESS_EXITS, st.sampled_from(FailOn), st.booleans())
def test_only_failing_tests_are_forgiven(
    results: Session, process_exit: ProcessExit, fail_on: FailOn, late: bool
) -> None:
    """Without its failing tests, a run has the same conclusion with each value, and forgiving never makes a success."""
    comparison = compared(results, None if late else base_of(results))
    verdicts = [
        conclude(results, process_exit, Settings(fail_on=value), Checkout.HEAD, comparison=comparison)
        for value in (fail_on, FailOn.ANY)
    ]
    if verdicts[0].conclusion is not verdicts[1].conclusion:
        assert results.failed_items
        assert [verdict.conclusion for verdict in verdicts] == [NEUTRAL, FAILURE]
    assert verdicts[0].title == verdicts[1].title


NODEIDS = st.sampled_from([A, B, UNSTABLE, SAME_ID, "tests/test_b.py::test_c[1]", "tests/test_b.py::test_c[2]"])
KINDS = st.sampled_from(
    [
        *(item(call=failed()), item(setup=error()), item(teardown=error()), item(call=failed(), teardown=error())),
        *(item(), item(call=skipped()), flaky(), CRASHED, item(earlier_attempts=[replace(failed(), subtest="i=1")])),
    ]
)
#: Tests that failed in any stage, or did not.
ITEMS = st.builds(lambda kind, nodeid: replace(kind, nodeid=nodeid), KINDS, NODEIDS)
#: What may be wrong with a base; a new failure and an ambiguous id come from its tests.
FLAWS = st.sampled_from(
    ["", "", "", "ancestor", "unprotected", "partial", "no failures", "flaky", "quarantined", "running", "fork", "late"]
)


@st.composite
def bases(draw: st.DrawFn, results: Session) -> Base | NoBase | None:
    """Return a base with some of the tests, perhaps another or with other results, and with or without a flaw."""
    items = [*results.items[: draw(st.integers(1, 3))], *draw(st.lists(ITEMS, max_size=1))]
    if draw(st.booleans()):
        items[0] = replace(draw(ITEMS), nodeid=items[0].nodeid)
    flaw = draw(FLAWS)
    if flaw in ("running", "fork"):
        return NoBase(reason=f"main at c0ffee1 is {flaw}")
    record: dict[str, object] = {"collected": None} if draw(st.booleans()) else {}
    if flaw in ("flaky", "quarantined"):
        record[flaw] = frozenset({key(stable_id(items[0].nodeid))})
    if flaw == "partial":
        record["is_partial"] = True
    if flaw == "no failures":
        record["failed"] = None
    base = base_of(session(*items, exit_status=1), is_exact=flaw != "ancestor", is_protected=flaw != "unprotected")
    base = replace(base, record=replace(base.record, **record))  # type: ignore[arg-type]  # names of `Record`
    return None if flaw == "late" else base


def base_has(base: Base, failing_item: Item, failed_stage: Stage) -> bool:
    """Whether the base shows a failure, by the words of the rule alone."""
    record, own_key = base.record, key(stable_id(failing_item.nodeid))
    return (
        base.is_exact
        and base.is_protected
        and not record.is_partial
        and record.failed is not None
        and own_key in record.failed.get(failed_stage.name, ())
        and own_key not in record.flaky | record.quarantined
    )


@hypothesis.settings(max_examples=5 * EXAMPLES)
@given(st.data())
def test_new_forgives_only_what_the_base_has(data: st.DataObject) -> None:
    results = session(*data.draw(st.lists(ITEMS, min_size=1, max_size=3)), exit_status=1)
    base, is_trusted = data.draw(bases(results)), data.draw(st.sampled_from([True, True, True, False]))
    verdict = verdict_on(results, FailOn.NEW, base, is_trusted=is_trusted)
    if verdict.conclusion is FAILURE or not results.failed_items:
        return
    assert verdict.conclusion is NEUTRAL
    assert is_trusted
    assert isinstance(base, Base)
    stable_ids = [stable_id(each.nodeid) for each in results.items]
    for failing_item in results.failed_items:
        assert stable_ids.count(stable_id(failing_item.nodeid)) == 1
        for failed_stage in failing_item.stages:
            if failed_stage.outcome.is_failure:
                assert base_has(base, failing_item, failed_stage)
                assert failed_stage.name is not StageName.CRASHED
