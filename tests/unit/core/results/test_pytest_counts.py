from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from checks.core.model.item import Outcome
from checks.core.model.session import PytestCounts
from checks.core.results.pytest_counts import pytest_counts


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        pytest.param({}, None, id="nothing"),
        pytest.param({"failures": 2}, PytestCounts(failures=2), id="without a last line"),
        pytest.param({"failures": True}, None, id="not a number"),
        pytest.param(
            {
                "failures": 1,
                "tally": [["failed", 1], ["", 4], ["warnings", 2], ["deselected", 1], ["subtests passed", 3]],
            },
            PytestCounts(failures=1, tally=Counter({Outcome.FAILED: 1})),
            id="words that count no results",
        ),
        pytest.param(
            {"failures": 0, "tally": [["xfailed", 1], ["subtests xfailed", 2], ["rerun", 1]]},
            PytestCounts(failures=0, tally=Counter({Outcome.XFAILED: 3, Outcome.RERUN: 1})),
            id="subtests",
        ),
        pytest.param(
            {"failures": 0, "tally": [["passed", 1], ["retried", 1]]}, PytestCounts(failures=0), id="own word"
        ),
        pytest.param({"failures": 0, "tally": [1]}, PytestCounts(failures=0), id="another shape"),
        pytest.param({"failures": 0, "tally": {"failed": 1}}, PytestCounts(failures=0), id="no pairs"),
    ],
)
def test_counts_of_pytest_are_parsed(entry: dict[str, Any], expected: PytestCounts | None) -> None:
    assert pytest_counts(entry) == expected
