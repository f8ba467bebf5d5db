"""The text of the comment: Markdown in which no check's name and no test's message mentions anybody.

Names, titles and messages are in code. Tables are HTML, in which code may contain pipes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape

from ..github.choose_run import newest_by_name
from ..model.check_run import Conclusion, RemoteCheckRun, Status
from ..model.limits import COMMENT_CHARACTERS
from ..model.settings import CommentMode
from ..text.amounts import pluralize
from ..text.commits import short_commit
from ..text.escape import code, one_line
from ..text.join import and_more, paragraphs
from ..text.truncate import size_bytes, truncate_characters
from .causes import SummaryCause, merged_causes
from .decide import MARKER

_NAME_CHARACTERS = 200
_TITLE_CHARACTERS = 255
_MESSAGE_CHARACTERS = 300
_CAUSES_SHOWN = 20
_CHECKS_OF_A_CAUSE = 3
#: For the headings, the sentences and the marker.
_FRAME_BYTES = 2_048
#: A title without what may format, link or mention anything, such as ``122 failed (3 causes), 940 passed in 1 m 12 s``.
_PLAIN_TITLE = re.compile(r"[A-Za-z0-9 ,.()·]+")
_ICONS = {
    Conclusion.SUCCESS: "✅",
    Conclusion.NEUTRAL: "⚪",
    Conclusion.SKIPPED: "⚪",
    Conclusion.CANCELLED: "🚫",
}
_UNFINISHED_ICON, _FAILED_ICON, _WAITING_ICON = "⏳", "❌", "✋"


def render(runs: Iterable[RemoteCheckRun], commit: str) -> str:
    """Return the comment about the newest check run of each name. `runs` are those of the App on the commit."""
    newest = _newest(runs)
    table, remainder = checks_table(newest, (COMMENT_CHARACTERS - _FRAME_BYTES) // 2)
    remaining_bytes = COMMENT_CHARACTERS - _FRAME_BYTES - size_bytes(table)
    parts = [f"### {_heading(newest)}", _sentence(newest, commit), table, remainder, *_causes(newest, remaining_bytes)]
    return paragraphs([*parts, MARKER])


def checks_table(runs: Iterable[RemoteCheckRun], budget_bytes: int) -> tuple[str, str]:
    """Return a table of the newest check run of each name, and how many of them it has if it lacks some."""
    newest = _newest(runs)
    rows, shown = _fitted([_run_row(run) for run in newest], budget_bytes)
    remainder = f"Showing {shown:,} of {len(newest):,} checks." if shown < len(newest) else ""
    return _table(["", "Check", "Result"], rows), remainder


def may_create(mode: CommentMode, runs: Iterable[RemoteCheckRun]) -> bool:
    """Whether a pull request without a comment gets one."""
    return mode is CommentMode.ALWAYS or (mode is CommentMode.FAILURES and any(map(_has_failed, _newest(runs))))


def _newest(runs: Iterable[RemoteCheckRun]) -> list[RemoteCheckRun]:
    """Return the newest check run of each name: failed, cancelled, unfinished and passed ones, each by their names."""
    newest = newest_by_name(runs)
    return sorted(newest.values(), key=_order)


def _order(run: RemoteCheckRun) -> tuple[bool, bool, bool, str]:
    is_open = run.status is not Status.COMPLETED or _waits_for_verdict(run)
    return not _has_failed(run), run.conclusion is Conclusion.CANCELLED, not is_open, run.name


def _has_failed(run: RemoteCheckRun) -> bool:
    is_passed = run.conclusion is not None and run.conclusion.passes
    return run.status is Status.COMPLETED and not is_passed and not _waits_for_verdict(run)


def _waits_for_verdict(run: RemoteCheckRun) -> bool:
    """Whether nobody has passed or failed a manual check yet."""
    return run.is_manual and run.conclusion is Conclusion.ACTION_REQUIRED


def _heading(runs: Sequence[RemoteCheckRun]) -> str:
    total, failed = pluralize(len(runs), "check"), sum(map(_has_failed, runs))
    completed, waiting = sum(run.status is Status.COMPLETED for run in runs), sum(map(_waits_for_verdict, runs))
    if failed:
        return f"{failed:,} of {total} failed"
    if completed < len(runs):
        return f"{completed - waiting:,} of {total} finished, none failed"
    if waiting:
        return f"{waiting:,} of {total} {'waits' if waiting == 1 else 'wait'} for a verdict, none failed"
    return "All checks passed" if all(run.conclusion is Conclusion.SUCCESS for run in runs) else "No check failed"


def _sentence(runs: Sequence[RemoteCheckRun], commit: str) -> str:
    unfinished = sum(run.status is not Status.COMPLETED for run in runs)
    waiting = sum(map(_waits_for_verdict, runs))
    counts = {"Unfinished": unfinished, "Waiting for a verdict": waiting}
    sentences = (f" {name}: {number:,}." for name, number in counts.items() if number)
    return f"Commit {code(short_commit(commit))}." + "".join(sentences)


def _run_row(run: RemoteCheckRun) -> str:
    name = code(run.name, _NAME_CHARACTERS)
    link = f'<a href="{escape(run.page)}">{name}</a>' if run.page else name
    if run.status is not Status.COMPLETED:
        return _row("td", [_UNFINISHED_ICON, link, run.status.value.replace("_", " ")])
    icon = _FAILED_ICON if run.conclusion is None else _ICONS.get(run.conclusion, _FAILED_ICON)
    if run.is_manual:  # its title says whether a person has passed it
        return _row("td", [_WAITING_ICON if _waits_for_verdict(run) else icon, link, _title(run.output.title)])
    conclusion = (run.conclusion or "stale").replace("_", " ")
    return _row("td", [icon, link, f"{conclusion}: {_title(run.output.title)}"])


def _title(title: str) -> str:
    shown = truncate_characters(one_line(title), _TITLE_CHARACTERS)
    return shown if _PLAIN_TITLE.fullmatch(shown) else code(shown)


def _causes(runs: Iterable[RemoteCheckRun], budget_bytes: int) -> list[str]:
    """Return the section about the causes, as far as the summaries of the check runs say them."""
    causes = merged_causes(runs)
    rows, shown = _fitted([_cause_row(cause) for cause in causes[:_CAUSES_SHOWN]], budget_bytes)
    if not rows:
        return []
    remainder = f"Showing {shown:,} of {len(causes):,} causes." if shown < len(causes) else ""
    return ["### Causes", _table(["Tests", "Cause", "Place", "Checks"], rows), remainder]


def _cause_row(cause: SummaryCause) -> str:
    new = f"<br><b>{cause.new:,} new</b>" if cause.new else ""
    checks = "<br>".join(_short(name) for name in cause.checks[:_CHECKS_OF_A_CAUSE])
    message, place = _short(cause.message) if cause.message else "failed", _short(cause.place) if cause.place else ""
    cells = [f"{cause.tests:,}{new}", message, place, and_more(checks, len(cause.checks) - _CHECKS_OF_A_CAUSE)]
    return _row("td", cells)


def _short(text: str) -> str:
    return code(text, _MESSAGE_CHARACTERS)


def _fitted(rows: Sequence[str], budget_bytes: int) -> tuple[list[str], int]:
    """Return the first rows, as many as fit, and their number."""
    fitting: list[str] = []
    for row in rows:
        budget_bytes -= size_bytes(row) + 1
        if budget_bytes < 0:
            break
        fitting.append(row)
    return fitting, len(fitting)


def _table(header: Sequence[str], rows: Sequence[str]) -> str:
    return "\n".join(["<table>", _row("th", header), *rows, "</table>"])


def _row(tag: str, cells: Sequence[str]) -> str:
    return f"<tr>{''.join(f'<{tag}>{cell}</{tag}>' for cell in cells)}</tr>"
