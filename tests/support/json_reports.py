"""Reports in pytest-json-report's format as Python values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from checks.core.model.ports import Member
from checks.core.model.session import Session
from checks.core.results.session_builder import SessionBuilder

#: A report of one test.
PASSED: Mapping[str, Any] = {
    "root": "/src",
    "exitcode": 0,
    "duration": 1.0,
    "summary": {"passed": 1, "total": 1, "collected": 1},
    "tests": [{"nodeid": "test_a.py::test_a", "lineno": 0, "outcome": "passed", "call": {"outcome": "passed"}}],
}


def members(report: Mapping[str, Any]) -> Iterator[Member]:
    """Yield the members of a report as `JsonReport.members` does, the elements of lists one by one."""
    for name, value in report.items():
        yield from ((name, element, "") for element in (value if isinstance(value, list) else [value]))


def session_of(report: Mapping[str, Any]) -> Session:
    """Return the session of a whole report."""
    builder = SessionBuilder(lambda entry: entry)
    builder.begin_report()
    builder.add(members(report))
    return replace(builder.session(), id=report.get("check_runs_session", ""))
