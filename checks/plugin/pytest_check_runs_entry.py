"""Describe a stage's report by facts that do not depend on each other.

Part of the plugin; the rules in `pytest_check_runs_child` apply.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from pytest_check_runs_stream import hidden_from_coverage, never_fail
from pytest_check_runs_texts import OUTPUT_CHARACTERS, TEXT_CHARACTERS, ValueRepr, truncate

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    import pytest

    Entry = dict[str, object]

__file__ = hidden_from_coverage(__file__)

_MAX_FLOAT = sys.float_info.max
_MAX_PROPERTIES = 50
_values = ValueRepr()


def facts(report: pytest.TestReport, config: pytest.Config) -> Entry:
    """Return what pytest-json-report does not know. If one of the facts cannot be found, only that one is missing."""
    entry: Entry = {}
    for fact in (_text, _subtest, _xfail, _skip, _sections, _properties):
        entry.update(fact(report) or {})
    entry.update(_category(report, config) or {})
    return entry


def is_plain_pass(report: pytest.TestReport) -> bool:
    """Whether the stage passed and has no details."""
    return report.outcome == "passed" and not hasattr(report, "wasxfail") and _subtest_describer(report) is None


def is_number(value: Any) -> bool:
    """Whether a duration, which a plugin may have replaced, is a number that JSON and a float can have."""
    kind = type(value)
    return (kind is float or issubclass(kind, (float, int))) and -_MAX_FLOAT <= value <= _MAX_FLOAT


@never_fail
def _category(report: pytest.TestReport, config: pytest.Config) -> Entry:
    """Return how pytest's last line counts it; with ``-p no:terminal`` there may be no answer."""
    status = config.hook.pytest_report_teststatus(report=report, config=config)
    return {} if status is None else {"category": status[0]}


@never_fail
def _text(report: pytest.TestReport) -> Entry:
    """Describe a failure without an exception by its text: a strict xpass, or a crash."""
    text = report.longrepr
    if not isinstance(text, str):
        return {}
    return {"message": text.strip().partition("\n")[0], "places": [], "text": truncate(text, TEXT_CHARACTERS)}


@never_fail
def _subtest(report: pytest.TestReport) -> Entry:
    describe = _subtest_describer(report)
    return {} if describe is None else {"subtest": never_fail(describe)() or ""}


@never_fail
def _xfail(report: pytest.TestReport) -> Entry:
    return {"xfail": True, "reason": str(report.wasxfail)} if hasattr(report, "wasxfail") else {}


@never_fail
def _skip(report: pytest.TestReport) -> Entry:
    if not isinstance(report.longrepr, tuple):
        return {}
    return {"place": report.longrepr[:2], "reason": str(report.longrepr[2])}


@never_fail
def _sections(report: pytest.TestReport) -> Entry:
    if report.outcome == "skipped":
        return {}
    return {"sections": [[title, truncate(text, OUTPUT_CHARACTERS)] for title, text in report.sections]}


@never_fail
def _properties(report: pytest.TestReport) -> Entry:
    """Return what the test recorded (`record_property`) if it did not simply pass or skip."""
    recorded = report.user_properties
    if report.outcome in ("passed", "skipped") or not recorded:
        return {}
    texts = [[_values.plain(name), _values.plain(value)] for name, value in recorded[:_MAX_PROPERTIES]]
    if len(recorded) > _MAX_PROPERTIES:
        texts.append(["…", "and %d more" % (len(recorded) - _MAX_PROPERTIES)])
    return {"properties": texts}


def _subtest_describer(report: pytest.TestReport) -> Callable[[], str] | None:
    """Return the function that describes a subtest (pytest 9 or pytest-subtests), or None for any other report."""
    return getattr(report, "_sub_test_description", None) or getattr(report, "sub_test_description", None)
