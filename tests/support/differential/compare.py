"""Run a suite with the plugin, and compare what the check run would say with what pytest says in the same process."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from checks.core.model.item import Outcome
from checks.core.model.job import Checkout, ExitReason, ProcessExit
from checks.core.model.session import Collector, Session
from checks.core.model.settings import Settings
from checks.core.results.stream import Finding
from checks.core.verdict.conclusion import conclude
from tests.support.differential.generate import Suite
from tests.support.environments import python_with
from tests.support.plain_pytest import last_line
from tests.support.runner.plugin_run import PluginResult, PluginRun

_COUNT = re.compile(r"(\d+) (?:subtests )?(\w+)(?= in |,)")
_COMPARED = {
    "failed": Outcome.FAILED, "passed": Outcome.PASSED, "skipped": Outcome.SKIPPED, "xfailed": Outcome.XFAILED,
    "xpassed": Outcome.XPASSED, "error": Outcome.ERROR, "errors": Outcome.ERROR,
}  # fmt: skip


def differences(suite: Suite, folder: Path) -> list[str]:
    """Return what differs, and then every test as both have it; empty if all is well."""
    python = python_with(suite.environment)
    arguments = (*suite.arguments, "-rA")
    result = PluginRun(project=suite.files, arguments=arguments, python=python, has_locals=False).run(folder)
    found = [*_differences(suite, result)]
    return [*found, *_tests(result)] if found else []


def _tests(result: PluginResult) -> Iterator[str]:
    """Yield each test's stages, and then pytest's summary of all tests."""
    for item in result.session.items:
        yield f"{item.nodeid}: {' '.join(f'{stage.name}={stage.outcome}' for stage in item.stages)}"
    yield from result.output.rpartition("short test summary info")[2].splitlines()


def _differences(suite: Suite, result: PluginResult) -> Iterator[str]:
    session = result.session
    if session.lost_records:
        yield f"{session.lost_records} lost records"
    if result.from_report.counts != session.counts:
        yield f"report {_sorted(result.from_report.counts)}, stream {_sorted(session.counts)}"
    process_exit = ProcessExit(reason=ExitReason.EXITED, exit_status=result.exit_status)
    verdict = conclude(session, process_exit, Settings(), Checkout.HEAD)
    if result.exit_status not in (0, 5) and verdict.conclusion.passes:
        yield f"exit status {result.exit_status}, but {verdict.conclusion}: {verdict.title}"
    if result.exit_status == 0 and not verdict.conclusion.passes and suite.plugin.is_fair:
        yield f"exit status 0, but {verdict.conclusion}: {verdict.title}"
    yield from _differences_of_findings(result)
    if suite.plugin.has_own_words or "no:terminal" in suite.arguments:
        return
    lost = Counter({Outcome.ERROR: _lost_attempts(session)})
    own, plain = _compared(session.counts - lost), parse_last_line(last_line(result.output))
    if own != plain and plain:  # after an error of a plugin there may be no last line
        yield f"ours {_sorted(own)}, pytest {_sorted(plain)}"
    if not lost.total() and any("other counts" in str(remark) for remark in verdict.remarks):
        yield f"a remark about other counts: {session.pytest_counts}"


def _lost_attempts(session: Session) -> int:
    """Return the number of attempts that nothing repeated, as after an INTERNALERROR: errors only by our own rules."""
    details = (stage.details for item in session.items for stage in item.stages if stage.outcome is Outcome.ERROR)
    return sum("attempt that was not repeated" in found.message for found in details if found is not None)


def _differences_of_findings(result: PluginResult) -> Iterator[str]:
    """Compare failures with their annotations."""
    session = result.session
    stages = sum(stage.outcome.is_failure for item in session.items for stage in item.stages)
    collectors = sum(collector.outcome.is_failure for collector in session.unique_collectors)
    found = sum(
        isinstance(news, Finding) and bool(news.stage and news.stage.outcome.is_failure) for news in result.news
    )
    found += sum(isinstance(news, Collector) and news.outcome.is_failure for news in result.news)
    if stages + collectors != found:
        yield f"{stages + collectors} failures, {found} annotations"


def parse_last_line(line: str) -> Counter[Outcome]:
    """Return the counts of pytest's last line, without those of passed subtests."""
    counts: Counter[Outcome] = Counter()
    for number, word in _COUNT.findall(re.sub(r"\d+ subtests passed", "", line)):
        if word in _COMPARED:
            counts[_COMPARED[word]] += int(number)
    return counts


def _compared(counts: Counter[Outcome]) -> Counter[Outcome]:
    return Counter({outcome: counts[outcome] for outcome in _COMPARED.values() if counts[outcome]})


def _sorted(counts: Counter[Outcome]) -> str:
    return ", ".join(f"{number} {outcome.value}" for outcome, number in sorted(counts.items()))
