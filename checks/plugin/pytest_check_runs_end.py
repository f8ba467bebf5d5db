"""Return what pytest itself counted, so that the action can compare, and why it failed in the end.

Part of the plugin; the rules in `pytest_check_runs_child` apply.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_check_runs_stream import hidden_from_coverage, never_fail

if TYPE_CHECKING:
    from typing import Any

    Entry = dict[str, object]

__file__ = hidden_from_coverage(__file__)


def own_counts(config: pytest.Config, session: pytest.Session) -> Entry:
    """Return ``failures``, the number that decides pytest's exit status, and the ``tally`` of its last line in pairs.

    ``workers`` is xdist's reason for ending early. Each of them is missing if it is unknown.
    """
    found: Entry = {}
    for fact in (_failures, _tally, _workers):
        found.update(fact(config, session) or {})
    return found


@never_fail
def finish_error(result: Any) -> str:
    """Return the error of a plugin in `pytest_sessionfinish`, which ends pytest without an INTERNALERROR."""
    error = result.excinfo[1] if result.excinfo else None
    if not isinstance(error, Exception) or isinstance(error, pytest.exit.Exception):
        return ""
    return "pytest_sessionfinish raised %s: %s" % (type(error).__name__, error)


@never_fail
def _failures(_: pytest.Config, session: pytest.Session) -> Entry:
    return {"failures": int(session.testsfailed)}


@never_fail
def _tally(config: pytest.Config, _: pytest.Session) -> Entry:
    reporter: Any = config.pluginmanager.getplugin("terminalreporter")
    if reporter is None:
        return {}
    tally = [
        (str(word), sum(getattr(report, "count_towards_summary", True) for report in reports))
        for word, reports in reporter.stats.items()
    ]
    return {"tally": tally}


@never_fail
def _workers(config: pytest.Config, _: pytest.Session) -> Entry:
    reason = config.pluginmanager.getplugin("dsession")._summary_report
    return {"workers": str(reason)} if reason else {}
