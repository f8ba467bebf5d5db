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


def test_lost_attempt_is_an_error() -> None:
    (found,) = completed_items({3: LOST}, Session(items=(LOST,), exit_status=0))
    assert (found[0], [stage.outcome for stage in found[2]]) == (3, [Outcome.ERROR])
