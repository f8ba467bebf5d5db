from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from checks.core.failure_report import cause_lines
from checks.core.failure_report.entry import Entry
from checks.core.failure_report.report import ReportedCause, Source
from tests.support.failure_reports import entry, recorder_of

TEST = "tests/test_a.py"


def failing(cause: int, nodeid: str, path: str = TEST) -> Entry:
    """Return a failure of a test at such a line."""
    return replace(entry(1, cause, path=path, line=cause), nodeid=nodeid, title=nodeid)


def causes_of(failures: Sequence[Entry]) -> Sequence[ReportedCause]:
    """Return their causes as a report has them."""
    return recorder_of(failures).causes(lambda _: Source(), lambda _: "")


A, B = f"{TEST}::TestA", f"{TEST}::TestB"
#: Failures; the numbers of the causes in each line, in the report's order.
LINES: dict[str, tuple[list[Entry], list[list[int]]]] = {
    "many tests of one class": ([failing(n, f"{A}::test_{n}") for n in range(1, 5)], [[1, 2, 3, 4]]),
    "two tests of one class": ([failing(n, f"{A}::test_{n}") for n in range(1, 3)], [[1], [2]]),
    "several classes": (
        [failing(n, f"{B if n % 2 else A}::test_{n}") for n in range(1, 7)],
        [[1, 3, 5], [2, 4, 6]],
    ),
    "parameters with colons": ([failing(n, f"{TEST}::test[a::{n}]") for n in range(1, 4)], [[1, 2, 3]]),
    "the library before the tests": (
        [*(failing(n, f"{A}::test_{n}") for n in range(1, 4)), failing(4, f"{A}::test_4", "src/cart.py")],
        [[4], [1, 2, 3]],
    ),
    "more tests before the library": (
        [failing(1, f"{A}::a", "src/cart.py"), *(failing(2, f"{A}::{name}") for name in "bc")],
        [[2], [1]],
    ),
    "places in the library": ([failing(n, f"{A}::test_{n}", "src/cart.py") for n in range(1, 4)], [[1], [2], [3]]),
    "unfinished tests": ([failing(0, f"{A}::test_{n}") for n in range(1, 4)], [[0], [0], [0]]),
    "modules": ([failing(n, f"tests/test_{n}.py", f"tests/test_{n}.py") for n in range(1, 4)], [[1], [2], [3]]),
}


@pytest.mark.parametrize(("failures", "expected"), LINES.values(), ids=LINES)
def test_causes_of_one_class_share_a_line(failures: list[Entry], expected: list[list[int]]) -> None:
    lines = cause_lines.merged(causes_of(failures))
    assert [[cause.number for cause in causes] for causes in lines] == expected


def test_shared_line_has_the_numbers_and_an_example() -> None:
    causes = causes_of([failing(n, f"{A}::test_{n}") for n in (1, 3, 4, 5, 7)])
    assert cause_lines.item(causes) == (
        "- Causes 1, 3–5, 7: 5 tests of `tests/test_a.py::TestA`, such as `test_1`: "
        "`AssertionError: assert 3 == 4` at `tests/test_a.py:1`\n"
    )


def test_many_ranges_of_numbers_are_counted() -> None:
    causes = causes_of([failing(n, f"{A}::test_{n}") for n in range(1, 40, 2)])
    assert cause_lines.item(causes).startswith("- Causes 1, 3, 5, 7, 9, 11 and 14 more: 20 tests of ")


SIZES = {
    "1 test": [f"{TEST}::a"],
    "2 tests": [f"{TEST}::a", f"{TEST}::b"],
    "1 module": [TEST],
    "2 modules": [TEST, "tests/test_b.py"],
    "1 test and 2 modules": [TEST, "tests/test_b.py::b", "tests/test_c.py"],
}


@pytest.mark.parametrize(("expected", "nodeids"), SIZES.items(), ids=SIZES)
def test_heading_counts_tests_and_modules(expected: str, nodeids: list[str]) -> None:
    (cause,) = causes_of([failing(1, nodeid) for nodeid in nodeids])
    assert cause_lines.heading(cause) == f"Cause 1: `AssertionError: assert 3 == 4` at `{TEST}:1`, {expected}"


@pytest.mark.parametrize(
    ("states", "size"),
    [
        (["", ""], "2 tests"),
        (["new", "failing"], "2 tests (1 new)"),
        (["new", "new"], "2 tests (new)"),
        (["new"], "1 test (new)"),
    ],
)
def test_heading_says_how_many_tests_are_new(states: list[str], size: str) -> None:
    failures = [replace(failing(1, f"{A}::test_{n}"), base=state) for n, state in enumerate(states)]
    (cause,) = causes_of(failures)
    assert cause_lines.heading(cause).endswith(f", {size}")


def test_shared_line_says_how_many_tests_are_new() -> None:
    failures = [replace(failing(n, f"{A}::test_{n}"), base="new" if n > 1 else "") for n in (1, 2, 3)]
    assert cause_lines.item(causes_of(failures)).startswith("- Causes 1–3: 3 tests (2 new) of `tests/test_a.py::Test")
