"""Build failure reports concisely."""

from __future__ import annotations

from collections.abc import Iterable

from checks.core.failure_report import markdown
from checks.core.failure_report.entry import Entry
from checks.core.failure_report.recorder import FailureRecorder
from checks.core.failure_report.report import ReportedCheck, Source
from checks.core.model.item import Section
from tests.support.fakes import MemoryRecords

SOURCE = Source(start=10, lines=("def total():", "    price = 3", "    return price"))


def command_of(first: Entry) -> str:
    """Return a command that reproduces a failure."""
    return f"pytest {first.nodeid}"


def entry(
    number: int = 1,
    cause: int = 1,
    *,
    path: str = "src/cart.py",
    line: int = 12,
    message: str = "AssertionError: assert 3 == 4",
    traceback: str = "",
    captured: tuple[Section, ...] = (),
    owners: tuple[str, ...] = (),
) -> Entry:
    """Return the failure of test number so and so."""
    nodeid = f"tests/test_cart.py::test_{number}"
    return Entry(
        title=nodeid,
        nodeid=nodeid,
        stage="call",
        cause=cause,
        path=path,
        line=line,
        message=message,
        owners=owners,
        seconds=0.5,
        traceback=traceback or f"{path}:{line}: in total\n  > return price\n      price = 3\nE   {message}",
        captured=captured,
    )


def recorder_of(entries: Iterable[Entry]) -> FailureRecorder:
    """Return a recorder with these failures."""
    recorder = FailureRecorder(MemoryRecords())
    for failure in entries:
        recorder.add(failure)
    return recorder


def report_of(entries: Iterable[Entry], check: ReportedCheck | None = None, source: Source = SOURCE) -> str:
    """Return ``failures.md`` of these failures."""
    causes = recorder_of(entries).causes(lambda _: source, command_of)
    return markdown.render(check or ReportedCheck(name="pytest", conclusion="failure", title="2 failed"), causes)
