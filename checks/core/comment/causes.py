"""Reads causes back from the summaries of check runs, and merges those that several check runs have."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import unescape

from ..model.check_run import RemoteCheckRun

_FENCE = re.compile(r"(`{3,})[a-z]*")
_CODE = re.compile(r"<code>([^<]*)</code>")
_ROW = "<tr><td>", "</td></tr>"
#: ``120``, ``120, new`` or ``120, 2 new``.
_TESTS = re.compile(r"([0-9,]{1,12}?)(, (?:([0-9,]{1,12}) )?new)?")
_FAILURE = re.compile(
    r"(?:<p>|<details(?: open)?><summary>)(?:<a [^>]*>)?<code>([^<]*)</code>(?:</a>)? — (?:<code>([^<]*)</code>)?(.*)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryCause:
    """A cause as summaries show it.

    Attributes:
        message: of its first failure; empty without one.
        place: where it was raised, or the test if only that one fails.
        tests: how many tests it breaks.
        new: how many of them passed on the base.
        checks: the names of the check runs that have it.
    """

    message: str
    place: str
    tests: int
    new: int = 0
    checks: tuple[str, ...] = ()


def merged_causes(runs: Iterable[RemoteCheckRun]) -> list[SummaryCause]:
    """Return the causes of all check runs, those with new failures first, then the largest.

    A cause with the same message at the same place is one, however many check runs have it.
    """
    merged: dict[tuple[str, str], SummaryCause] = {}
    for run in runs:
        for cause in () if run.is_manual else causes_of(run.output.summary):
            key = cause.message, cause.place
            known = merged.get(key, SummaryCause(message=cause.message, place=cause.place, tests=0))
            merged[key] = SummaryCause(
                message=cause.message,
                place=cause.place,
                tests=known.tests + cause.tests,
                new=known.new + cause.new,
                checks=tuple(dict.fromkeys((*known.checks, run.name))),
            )
    return sorted(merged.values(), key=lambda cause: (not cause.new, -cause.tests))


def causes_of(summary: str) -> list[SummaryCause]:
    """Return the causes in a summary of `core.report.summary`; without a table of causes, its failures."""
    causes: list[SummaryCause] = []
    failures: list[SummaryCause] = []
    for section, line in _lines(summary):
        if section == "Causes":
            causes += _of_row(line)
        elif section == "Failures":
            failures += _of_failure(line)
    return causes or failures


def _lines(summary: str) -> Iterator[tuple[str, str]]:
    """Yield the lines outside code blocks, each with the heading above it."""
    section = fence = ""
    for line in summary.split("\n"):
        if fence:
            fence = "" if line == fence else fence
        elif match := _FENCE.fullmatch(line):
            fence = match[1]
        elif line.startswith("### "):
            section = line.removeprefix("### ")
        else:
            yield section, line


def _of_row(line: str) -> Iterator[SummaryCause]:
    start, end = _ROW
    cells = line.removeprefix(start).removesuffix(end).split("</td><td>") if line.startswith(start) else []
    tests = _TESTS.fullmatch(cells[3]) if len(cells) > 3 else None
    if tests:
        number = _number(tests[1])
        new = _number(tests[3]) if tests[3] else number if tests[2] else 0
        yield SummaryCause(message=_code(cells[1]), place=_code(cells[2]), tests=number, new=new)


def _of_failure(line: str) -> Iterator[SummaryCause]:
    if match := _FAILURE.match(line):
        nodeid, message, rest = unescape(match[1]), unescape(match[2] or ""), _CODE.sub("", match[3])
        yield SummaryCause(message=message, place=nodeid, tests=1, new=int("· new" in rest))


def _code(html: str) -> str:
    match = _CODE.search(html)
    return unescape(match[1]) if match else ""


def _number(text: str) -> int:
    return int(text.replace(",", "") or 0)
