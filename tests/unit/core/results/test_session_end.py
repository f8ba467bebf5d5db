from __future__ import annotations

import pytest

from checks.core.model.item import Item, Outcome, Stage, StageName
from checks.core.model.session import PytestCounts, Session
from checks.core.results.session_end import completed_items

TAKEN_BACK = Stage(name=StageName.CALL, outcome=Outcome.RERUN, subtest="[a]")
REPEATED = Stage(name=StageName.CALL, outcome=Outcome.RERUN)
PASSED = Stage(name=StageName.CALL, outcome=Outcome.PASSED)
TEARDOWN = Stage(name=StageName.TEARDOWN, outcome=Outcome.PASSED)
FLAKY = Item(nodeid="a.py::t", stages=(TAKEN_BACK, REPEATED, TEARDOWN, PASSED, TEARDOWN))
LOST = Item(nodeid="a.py::u", stages=(REPEATED, TEARDOWN))


@pytest.mark.parametrize(("failures", "titles"), [(0, []), (1, ["a.py::t [a]"]), (2, [])])
def test_subtest_fails_after_all_if_pytest_counts_it(failures: int, titles: list[str]) -> None:
    session = Session(items=(FLAKY,), exit_status=1, pytest_counts=PytestCounts(failures=failures))
    found = [*completed_items({7: FLAKY}, session)]
    assert [item.title(stage) for _, item, stages in found for stage in stages] == titles
    assert [(number, item.is_failure) for number, item, _ in found] == [(7, True) for _ in titles]


@pytest.mark.parametrize(("status", "is_error"), [(0, True), (1, True), (2, False), (None, False)])
def test_lost_attempt_is_an_error_unless_interrupted(status: int | None, is_error: bool) -> None:
    found = [*completed_items({0: LOST}, Session(items=(LOST,), exit_status=status))]
    assert [stage.outcome for _, _, stages in found for stage in stages] == [Outcome.ERROR] * is_error
