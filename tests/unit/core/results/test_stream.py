from __future__ import annotations

import pytest

from checks.core.model.session import Invocation, Session
from checks.core.results.stream import fill_missing, merge_sessions, parse_invocation


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


INVOCATION = Invocation(folder="/repo/demo", configuration="/repo/pytest.ini", paths=("tests",), seed=7)
VALUE = {"folder": "/repo/demo", "configuration": "/repo/pytest.ini", "paths": ["tests"], "seed": 7}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (VALUE, INVOCATION),
        ({"folder": "/repo"}, Invocation(folder="/repo")),
        ({"folder": "/repo", "paths": "tests", "seed": "7"}, Invocation(folder="/repo")),
        ({"folder": "/repo", "paths": [1], "seed": True}, Invocation(folder="/repo", paths=("1",))),
        ({"folder": 1}, Invocation()),
        ([], Invocation()),
        (None, Invocation()),
    ],
)
def test_invocation_has_what_is_well_formed(value: object, expected: Invocation) -> None:
    assert parse_invocation(value) == expected


def test_invocation_of_the_stream_precedes_that_of_the_report() -> None:
    assert fill_missing(Session(), "check_runs_invocation", VALUE).invocation == INVOCATION
    known = Session(invocation=Invocation(folder="/repo"))
    assert fill_missing(known, "check_runs_invocation", VALUE) == known


def test_reports_that_were_started_differently_have_no_common_invocation() -> None:
    same, other = Session(invocation=INVOCATION), Session(invocation=Invocation(folder="/repo"))
    assert merge_sessions([same, same]).invocation == INVOCATION
    assert merge_sessions([same, other]).invocation == Invocation()
