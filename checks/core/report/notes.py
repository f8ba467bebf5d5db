"""Remarks on what is missing in a check run: annotations beyond a limit, reports, and results lost to a bug."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..model.job import ExitReason, ProcessExit
from ..model.limits import FAILURES_ANNOTATED
from ..model.session import Session
from ..model.settings import Passing, Settings
from ..model.verdict import Remark
from ..text.amounts import pluralize
from ..text.truncate import truncate_lines

_FILES_NAMED = 40


def limit_notes(
    settings: Settings, passing: Passing | None, *, failures_beyond: Mapping[str, int], others_beyond: int
) -> Iterator[Remark]:
    """Yield a remark for each limit on annotations that was exceeded.

    `passing` is how passed tests were annotated. The others count what has no annotation, failures by path.
    """
    if passing is not settings.passing and passing is Passing.FILE:
        reason = f"because one per test would exceed `max-annotations` ({_limit(settings)})"
        yield Remark(text=f"Passed tests have one notice per file, {reason}.")
    if passing is not settings.passing and passing is Passing.NONE:
        reason = f"because one notice per file would exceed `max-annotations` ({_limit(settings)})"
        yield Remark(text=f"Passed tests are listed in the text alone, {reason}.")
    if others_beyond:
        text = f"Notices and warnings left out because of `max-annotations` ({_limit(settings)}): {others_beyond:,}."
        yield Remark(text=text)
    if failures_beyond:
        files = sorted(failures_beyond.items(), key=lambda entry: -entry[1])
        lines = (f"{failures:>7,}  {path}" for path, failures in files)
        text = f"{sum(failures_beyond.values()):,} failures beyond the first {FAILURES_ANNOTATED:,} are not annotated:"
        yield Remark(text=text, quoted=truncate_lines(lines, _FILES_NAMED))


def report_notes(defect: str, session: Session, process_exit: ProcessExit) -> Iterator[Remark]:
    """Yield a remark if the JSON report has a defect although pytest finished."""
    if defect and session.exit_status is not None and process_exit.reason is ExitReason.EXITED:
        text = f"The report of pytest-json-report {defect}. These results are what pytest reported while it ran."
        yield Remark(text=text)


def bug_notes(number: int) -> Iterator[Remark]:
    """Yield a remark if a bug prevented the annotation of `number` findings."""
    if number:
        remedy = "Report this bug with the traceback from the job log."
        yield Remark(text=f"{pluralize(number, 'result')} could not be annotated (a bug in this action). {remedy}")


def _limit(settings: Settings) -> str:
    return f"{settings.max_annotations:,}"
