from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from checks.core.model.item import Item, Outcome
from checks.core.model.session import Session
from tests.support.runner.environments import environment
from tests.support.runner.plugin_run import PluginRun

#: A lone surrogate in a message causes an internal error under xdist, even without the plugin.
XDIST = ("-n2", "--deselect=test_errors.py::test_of_lone_surrogates")
#: (CPython, pytest, arguments): each pytest series, each CPython, with and without xdist.
VERSIONS = [
    pytest.param("3.8", "7.4", (), id="py3.8-pytest7.4"),
    pytest.param("3.9", "8.4", (), id="py3.9-pytest8.4", marks=pytest.mark.slow),
    pytest.param("3.10", "9", XDIST, id="py3.10-pytest9-xdist", marks=pytest.mark.slow),
    pytest.param("3.11", "8.4", XDIST, id="py3.11-pytest8.4-xdist", marks=pytest.mark.slow),
    pytest.param("3.12", "7.4", XDIST, id="py3.12-pytest7.4-xdist", marks=pytest.mark.slow),
    pytest.param("3.13", "9", (), id="py3.13-pytest9"),
]

_WORDS: Mapping[str, Outcome] = {
    "failed": Outcome.FAILED, "passed": Outcome.PASSED, "skipped": Outcome.SKIPPED, "xfailed": Outcome.XFAILED,
    "xpassed": Outcome.XPASSED, "error": Outcome.ERROR, "errors": Outcome.ERROR, "rerun": Outcome.RERUN,
}  # fmt: skip


def counts_in(last_line: str) -> dict[Outcome, int]:
    pairs = re.findall(r"(\d+) (\w+)(?=[ ,])", last_line)
    return {_WORDS[word]: int(number) for number, word in pairs if word in _WORDS}


def comparable(session: Session) -> Session:
    """Return a session without what only stream or file has: order, versions and the total duration."""
    items = tuple(sorted((rounded(item) for item in session.items), key=lambda item: item.nodeid))
    collectors = tuple(sorted(session.collectors, key=lambda collector: collector.nodeid))
    warnings = tuple(sorted(session.warnings, key=repr))
    normalized = replace(session, items=items, collectors=collectors, warnings=warnings)
    return replace(
        normalized, pytest_version="", python_version="", duration_seconds=0.0, collected=None, stop_reason=""
    )


def rounded(item: Item) -> Item:
    """Round durations: the stream has microseconds, and only the sum of a test that just passed is kept."""
    if item.seconds is not None:
        return replace(item, seconds=0.0)
    return replace(
        item, stages=tuple(replace(stage, duration_seconds=round(stage.duration_seconds, 6)) for stage in item.stages)
    )


@pytest.mark.parametrize(("python", "version", "arguments"), VERSIONS)
def test_stream_and_report_agree_with_counts_of_pytest(
    python: str, version: str, arguments: tuple[str, ...], tmp_path: Path
) -> None:
    python_path = environment(python, version, "pytest-rerunfailures", "pytest-xdist")
    kinds = PluginRun(project="kinds", arguments=("-q", *arguments), python=python_path).run(tmp_path)
    assert kinds.exit_status == kinds.session.exit_status == 1
    assert kinds.session.lost_records == 0
    assert dict(kinds.session.counts) == counts_in(kinds.last_line)
    assert comparable(kinds.session) == comparable(kinds.from_report)
    durations = {item.nodeid: item.duration_seconds for item in kinds.session.items}
    assert durations == pytest.approx(
        {item.nodeid: item.duration_seconds for item in kinds.from_report.items}, abs=1e-4
    )
    assert kinds.session.collected == kinds.session.total == len({item.nodeid for item in kinds.session.items})
    assert [warning.message for warning in kinds.session.warnings] == ["careful"]
    assert kinds.item("::test_inherited").defined_in == "helper.py"


def test_summary_of_the_report_counts_each_test_once(tmp_path: Path) -> None:
    suite = "def test_a(): pass\ndef test_b(): assert 0\ndef test_c(record_property): record_property(1, 2)\n"
    result = PluginRun(project={"test_a.py": suite}).run(tmp_path)
    assert result.report["summary"] == {"passed": 2, "failed": 1, "total": 3, "collected": 3}


def test_harmful_tests_lose_no_record(tmp_path: Path) -> None:
    harm = PluginRun(project="harm", arguments=("-q", "-s")).run(tmp_path)
    assert harm.exit_status == 0, harm.output
    assert harm.session.lost_records == 0
    assert [item.passed for item in harm.session.items] == [True] * harm.session.total
    assert comparable(harm.session) == comparable(harm.from_report)
    assert not any("forged" in item.nodeid for item in harm.session.items)
    assert harm.session.exit_status == 0
    assert all(line.isascii() for line in harm.lines)
