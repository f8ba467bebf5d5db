from dataclasses import replace

import pytest

from checks.core.model.item import Outcome
from checks.core.model.session import Session
from checks.core.verdict.titles import counts_text, live_title, progress
from tests.support.rules import rule
from tests.support.sessions import error, failed, item, running_item, session, stage


@rule("Conclusions: pytest is still running")
@pytest.mark.parametrize(
    ("results", "expected"),
    [
        pytest.param(Session(), "collecting · 41 s", id="nothing known"),
        pytest.param(session(collected=948), "0 of 948 · 41 s", id="none ended"),
        pytest.param(session(item(), running_item(), collected=948), "1 of 948 · 41 s", id="a running test"),
        pytest.param(
            session(item(), item(call=failed()), collected=948), "2 of 948 · 1 failed · 41 s", id="a failed test"
        ),
        pytest.param(
            session(item(call=failed()), item(setup=error()), item(setup=error()), collected=948),
            "3 of 948 · 1 failed · 2 errors · 41 s",
            id="errors",
        ),
        pytest.param(replace(session(item()), collected=None), "1 · 41 s", id="number to run unknown"),
        pytest.param(session(item(), item(), collected=1), "2 of 2 · 41 s", id="more than were collected"),
    ],
)
def test_live_title_shows_progress_failures_and_time(results: Session, expected: str) -> None:
    assert live_title(results, 41.0) == expected


@rule("Compare: pytest is running, and the base has about as many tests")
@pytest.mark.parametrize(
    ("results", "expected"),
    [
        (session(item(), item(), collected=948), "2 of 948 · about 2 m left"),
        (session(item(), item(call=failed()), collected=948), "2 of 948 · 1 failed · about 2 m left"),
    ],
    ids=["passed", "failed"],
)
def test_live_title_shows_the_time_left_if_it_is_known(results: Session, expected: str) -> None:
    assert live_title(results, 41.0, 100.0) == expected


def test_large_numbers_have_separators() -> None:
    results = session(*[item()] * 1_200, collected=10_000)
    assert progress(results) == "1,200 of 10,000"
    assert counts_text(results) == "1,200 passed in 1.00 s"


def test_counts_list_failures_and_errors_first() -> None:
    results = session(
        *[item(call=stage(outcome)) for outcome in Outcome if outcome is not Outcome.ERROR], item(setup=error())
    )
    others = "1 skipped, 1 xfailed, 1 xpassed, 1 quarantined, 1 rerun"
    assert counts_text(results) == f"1 failed, 1 error, 1 passed, {others} in 1.00 s"


@pytest.mark.parametrize(
    ("results", "expected"),
    [(session(seconds=2), ""), (session(item(), seconds=0), "1 passed")],
    ids=["counts", "time"],
)
def test_counts_omit_missing_results_and_missing_time(results: Session, expected: str) -> None:
    assert counts_text(results) == expected


@pytest.mark.parametrize(
    ("failed_count", "error_count", "cause_count", "expected"),
    [
        (122, 0, 3, "122 failed (3 causes) in 1.00 s"),
        (122, 1, 3, "122 failed (3 causes), 1 error in 1.00 s"),
        (2, 120, 3, "2 failed, 120 errors (3 causes) in 1.00 s"),
        (0, 4, 2, "4 errors (2 causes) in 1.00 s"),
        (122, 0, 1, "122 failed in 1.00 s"),
        (1, 0, 0, "1 failed in 1.00 s"),
    ],
)
def test_causes_follow_the_count_they_explain_from_two_on(
    failed_count: int, error_count: int, cause_count: int, expected: str
) -> None:
    results = session(*[item(call=failed())] * failed_count, *[item(setup=error())] * error_count)
    assert counts_text(results, cause_count) == expected


@pytest.mark.parametrize(
    ("failed_count", "error_count", "cause_count", "new_count", "expected"),
    [
        (122, 0, 3, 2, "122 failed (3 causes, 2 new)"),
        (122, 0, 3, 0, "122 failed (3 causes, 0 new)"),
        (122, 0, 3, None, "122 failed (3 causes)"),
        (2, 0, 1, 1, "2 failed (1 new)"),
        (1, 4, 1, 5, "1 failed, 4 errors (5 new)"),
        (0, 2, 1, 1, "2 errors (1 new)"),
        (0, 0, 0, 0, "1 passed"),
    ],
)
def test_title_counts_new_failures(
    failed_count: int, error_count: int, cause_count: int, new_count: int | None, expected: str
) -> None:
    items = [*[item(call=failed())] * failed_count, *[item(setup=error())] * error_count]
    results = session(*(items or [item()]), seconds=0)
    assert counts_text(results, cause_count, new_count) == expected
