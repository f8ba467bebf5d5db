from __future__ import annotations

import pytest

from checks.core.model.session import Session
from checks.core.results.stream import merge_sessions


@pytest.mark.parametrize(
    ("statuses", "merged"),
    [
        ((0, 0), 0),
        ((0, 1), 1),
        ((0, -1), -1),
        ((-1, 0), -1),
        ((5, 0), 5),
        ((5, 3), 3),
        ((3, 5), 3),
        ((2, 5), 2),
        ((5, 5), 5),
        ((0, None), None),
    ],
)
def test_worst_exit_status_of_several_reports_counts(statuses: tuple[int | None, ...], merged: int | None) -> None:
    assert merge_sessions([Session(exit_status=status) for status in statuses]).exit_status == merged


@pytest.mark.parametrize("reasons", [("crashed", ""), ("", "crashed"), ("crashed", "later")])
def test_reason_of_workers_in_any_report_is_kept(reasons: tuple[str, ...]) -> None:
    merged = merge_sessions([Session(exit_status=1, workers_reason=reason) for reason in reasons])
    assert merged.workers_reason == "crashed"
