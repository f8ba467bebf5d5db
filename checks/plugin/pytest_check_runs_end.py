"""Return what pytest itself counted, so that the action can compare.

Part of the plugin; the rules in `pytest_check_runs_child` apply.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_check_runs_stream import hidden_from_coverage, never_fail

if TYPE_CHECKING:
    from typing import Any

    import pytest

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
