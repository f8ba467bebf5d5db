from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from checks.core.model.check_run import Conclusion
from checks.core.model.item import Outcome
from checks.core.model.job import Checkout, ExitReason, ProcessExit
from checks.core.model.session import CarriedOverCounts, PytestCounts, Session
from checks.core.model.settings import Settings
from checks.core.model.verdict import Verdict
from checks.core.verdict.conclusion import conclude
from tests.support.rules import rule
from tests.support.sessions import failed, flaky, item, session

PASSED = Counter({Outcome.PASSED: 2})


def verdict_on(results: Session, status: int = 0) -> Verdict:
    process_exit = ProcessExit(reason=ExitReason.EXITED, exit_status=status)
    return conclude(replace(results, exit_status=status), process_exit, Settings(), Checkout.HEAD)


def counted(results: Session, failures: int, tally: Counter[Outcome] | None = None) -> Session:
    return replace(results, pytest_counts=PytestCounts(failures=failures, tally=tally))


@rule("Conclusions: pytest counts more failures than its reports have")
@pytest.mark.parametrize("status", [0, 1])
def test_failures_that_only_pytest_counts_conclude_failure(status: int) -> None:
    verdict = verdict_on(counted(session(item(), item()), 2, PASSED), status)
    assert (verdict.conclusion, verdict.title) == (Conclusion.FAILURE, "2 failures not reported · 2 passed in 1.00 s")
    assert not verdict.is_complete
    assert verdict_on(counted(session(item(call=failed())), 3)).title.startswith("2 failures not reported · 1 failed")


@rule("Conclusions: the last line of pytest has other counts")
def test_other_counts_are_mentioned() -> None:
    verdict = verdict_on(counted(session(item(), item()), 0, Counter({Outcome.PASSED: 1, Outcome.SKIPPED: 1})))
    assert (verdict.conclusion, verdict.title) == (Conclusion.SUCCESS, "2 passed in 1.00 s")
    assert [str(remark) for remark in verdict.remarks] == [
        "The last line of pytest has other counts: 1 passed, 1 skipped."
    ]


@pytest.mark.parametrize(
    "results",
    [
        pytest.param(counted(session(item(), item()), 0, PASSED), id="the same"),
        pytest.param(counted(session(item(), item()), 0), id="without a last line"),
        pytest.param(session(item(), item()), id="without the plugin"),
        pytest.param(counted(session(item(), flaky()), 0, PASSED), id="attempts that pytest does not count"),
        pytest.param(
            counted(replace(session(item(), item()), carried_over=CarriedOverCounts(passed=5)), 0, PASSED),
            id="counts carried over",
        ),
    ],
)
def test_equal_counts_are_not_mentioned(results: Session) -> None:
    verdict = verdict_on(results)
    assert (verdict.conclusion, verdict.remarks) == (Conclusion.SUCCESS, ())


@rule("Conclusions: xdist ended before all tests had run, because workers crashed")
def test_title_counts_the_tests_that_never_ran() -> None:
    reason = "worker gw0 crashed and worker restarting disabled"
    results = replace(session(item(), item(), item(call=failed()), collected=8), workers_reason=reason)
    verdict = verdict_on(results, 1)
    assert verdict.conclusion is Conclusion.FAILURE
    assert verdict.title == f"5 of 8 tests never ran ({reason}) · 1 failed, 2 passed in 1.00 s"
    assert verdict_on(replace(session(collected=8), workers_reason=reason), 1).conclusion is Conclusion.ACTION_REQUIRED
