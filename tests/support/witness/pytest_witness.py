"""A pytest plugin that records independently where each failure was raised; for runs of plain pytest.

Each line of the file ``--witness`` is the JSON of one failure: ``{"nodeid", "own": [path, line], "places": [[path,
line]]}`` with absolute paths, 1-based lines, and the innermost traceback entry last; `own` is the test's own place.
"""

from __future__ import annotations

import json
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

Place = list[str | int]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--witness", metavar="FILE")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(call: pytest.CallInfo[None]) -> Any:
    report = yield
    if call.excinfo is not None:
        report.witnessed = [*_locations(call.excinfo, getattr(report.longrepr, "reprlocation_lines", None))]
    return report


class _NotesPlugin:
    def __init__(self, config: pytest.Config) -> None:
        self._root = config.rootpath
        self._file = Path(config.getoption("--witness"))
        self._collectors: set[str] = set()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            path, line, _ = report.location
            self._write_note(report.nodeid, str(self._root / path), (line or 0) + 1, getattr(report, "witnessed", []))

    def pytest_exception_interact(self, call: pytest.CallInfo[None], report: Any) -> None:
        """Record a collector's failure; a module may fail again for its doctests."""
        is_new = isinstance(report, pytest.CollectReport) and report.nodeid not in self._collectors
        if is_new and call.excinfo is not None:
            self._collectors.add(report.nodeid)
            cause = call.excinfo.value.__cause__
            excinfo = pytest.ExceptionInfo.from_exception(cause) if cause else call.excinfo
            self._write_note(report.nodeid, str(self._root / report.nodeid), 1, [*_locations(excinfo)])

    def _write_note(self, nodeid: str, path: str, line: int, places: list[Place]) -> None:
        with self._file.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"nodeid": nodeid, "own": [path, line], "places": places}) + "\n")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--witness"):
        config.pluginmanager.register(_NotesPlugin(config))


def _locations(excinfo: pytest.ExceptionInfo[BaseException], doctest: Any = None) -> Iterator[Place]:
    """Return the traceback's entries; a doctest's example and a SyntaxError have no entry of their own."""
    error = excinfo.value
    if doctest:
        yield from ([location.path, location.lineno] for location, _ in doctest)
        return
    for frame, line in traceback.walk_tb(error.__traceback__):
        if not _is_hidden(frame, excinfo):
            yield [str(Path(frame.f_code.co_filename).absolute()), line]
    if isinstance(error, SyntaxError) and error.filename and error.lineno:
        yield [error.filename, error.lineno]


def _is_hidden(frame: FrameType, excinfo: pytest.ExceptionInfo[BaseException]) -> bool:
    """Whether the frame sets ``__tracebackhide__``.

    https://docs.pytest.org/en/stable/example/simple.html#writing-well-integrated-assertion-helpers
    """
    hide = frame.f_locals.get("__tracebackhide__", False)
    return bool(hide(excinfo) if callable(hide) else hide)
