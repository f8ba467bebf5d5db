"""What the job log shows of a check run that does not pass, so that nobody has to unfold the tests' output."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ..model.check_run import Annotation
from ..model.verdict import Remark
from ..results.causes import Cause, by_size, one_per_cause_first
from ..results.stream import News
from ..text.ansi import visible
from ..text.escape import one_line
from ..text.truncate import truncate_characters, truncate_middle_lines

_FAILURES = 20
_LINES = 200
#: Of one traceback or quotation. A shorter traceback than the least would say less than the message.
_MOST_LINES_QUOTED, _LEAST_LINES_QUOTED = 40, 5
_LINE_CHARACTERS = 300
_INDENT = "    "


def failures_in_log(
    causes: Iterable[Cause], remarks: Iterable[Remark], annotate: Callable[[News], Annotation | None], page: str
) -> str:
    """Return the verdict's remarks and the first failures as plain text, which may contain workflow commands.

    The failures begin with one of each of the `causes`. Each has its place and message, and the first ones have
    tracebacks; equal ones are shown once. `page` is the check run's.
    """
    failures = [*one_per_cause_first(by_size(causes))]
    shown = [(annotate(failure.news), failure.details.traceback) for failure in failures[:_FAILURES]]
    blocks = [[_line(f"{remark.text} {remark.page}"), *_quoted(remark.quoted)] for remark in remarks if str(remark)]
    remaining_lines = _LINES - sum(len(block) + 1 for block in blocks) - 3 * len(shown) - 1
    tracebacks_shown = set[str]()
    for annotation, traceback in shown:
        if annotation is None:
            continue
        quoted = _quoted(traceback, remaining_lines) if traceback not in tracebacks_shown else []
        tracebacks_shown.add(traceback)
        remaining_lines -= len(quoted)
        head = _line(f"{annotation.path}:{annotation.line}: {annotation.title}")
        blocks.append([head, _INDENT + _line(annotation.message), *quoted])
    if len(failures) > len(shown):
        blocks.append([f"… and {len(failures) - len(shown):,} more in the check run: {page}"])
    return "\n\n".join("\n".join(block) for block in blocks)


def _line(text: str) -> str:
    return truncate_characters(one_line(text), _LINE_CHARACTERS)


def _quoted(text: str, limit: int = _MOST_LINES_QUOTED) -> list[str]:
    """Return at most `limit` lines of a text, indented; none if that is too few."""
    if limit < _LEAST_LINES_QUOTED or not text.strip():
        return []
    lines = truncate_middle_lines(visible(text).strip("\n").splitlines(), min(limit, _MOST_LINES_QUOTED))
    return [(_INDENT + truncate_characters(line, _LINE_CHARACTERS)).rstrip() for line in lines]
