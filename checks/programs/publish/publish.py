"""Publishes the JSON reports of tests that ran elsewhere: the same check run, without running anything."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice

from ...core.model.errors import ExitStatus
from ...core.model.job import Checkout, Context, ExitReason, ProcessExit
from ...core.model.ports import JsonReport, Member
from ...core.model.session import Session
from ...core.model.settings import Settings
from ...core.model.verdict import Remark, Verdict
from ...core.redaction.redactor import Redactor
from ...core.results.locations import relocate_repository
from ...core.verdict.conclusion import conclude
from ..run.dependencies import Dependencies
from ..run.reporter import RunReporter, begin

#: Of a report, before its first test.
_MOST_BEFORE, _BEFORE_CHARACTERS = 100_000, 16 * 1024 * 1024
_TESTED = "Which commit these tests ran on is not known: their reports do not say."


def publish(
    reports: Sequence[JsonReport], settings: Settings, context: Context, redact: Redactor, outside: Dependencies
) -> ExitStatus:
    """Report what the reports say, in one check run; the exit status tells about the tests.

    Raises `CheckError` when another job of this workflow run has a check of the same name.
    """
    telling = begin(settings, context, outside.workspace.repository(), redact, outside)
    try:
        return _conduct(reports, telling)
    except Exception:  # noqa: BLE001 - a bug of ours: the tests' own verdict is told all the same
        return telling.end_despite_bug(None)


def _conduct(reports: Sequence[JsonReport], telling: RunReporter) -> ExitStatus:
    follower, live = telling.follower, telling.live
    here = follower.repository
    for report in reports:
        members = report.members()
        before = [*_up_to_first_test(members)]
        with live.held():
            follower.fold.begin_report()
            follower.repository = relocate_repository(here, *_place(before))
        live.add(chain(before, members))
    with live.held():
        session = follower.session()
        ended = ProcessExit(reason=ExitReason.EXITED, exit_status=session.exit_status, phase="tests")
        follower.end(session, ended)
    return telling.end(session, _verdict(session, ended, telling), (), lambda _: "")


def _up_to_first_test(members: Iterator[Member]) -> Iterator[Member]:
    """Yield those in which a report's place is looked for; without bound they could fill our memory."""
    left = _BEFORE_CHARACTERS
    for member in islice(members, _MOST_BEFORE):
        yield member
        left -= len(member[2])
        if member[0] == "tests" or left < 0:
            return


def _place(members: Sequence[Member]) -> tuple[str, str]:
    """A report's rootdir and the file of its first test."""
    root = next((str(value) for name, value, _ in members if name == "root"), "")
    first = next((value for name, value, _ in members if name == "tests" and isinstance(value, dict)), {})
    return root, str(first.get("nodeid", "")).partition("::")[0]


def _verdict(session: Session, ended: ProcessExit, telling: RunReporter) -> Verdict:
    verdict = conclude(session, ended, telling.follower.settings, Checkout.UNKNOWN)
    return replace(verdict, remarks=(*verdict.remarks, Remark(text=_TESTED)))
