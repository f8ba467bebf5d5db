"""Name each cause in a line, and many that are alike in one line together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..text.amounts import pluralize
from ..text.escape import code_span, one_line
from ..text.join import and_more
from ..text.truncate import truncate_characters
from .report import ReportedCause, is_test_path

_MESSAGE_CHARACTERS, _LISTED_MESSAGE_CHARACTERS = 200, 100
_PATH_CHARACTERS = 120
_NODEID_CHARACTERS = 150
_RANGES = 6
#: So many causes of the same class are one item of a list: one bug often breaks many asserts.
_MERGED = 3


def heading(cause: ReportedCause, message_characters: int = _MESSAGE_CHARACTERS) -> str:
    """Return number, exception, place and size of a cause."""
    name = f"Cause {cause.number}" if cause.number else "Unfinished"
    elsewhere = " and other places" if cause.has_other_places else ""
    return f"{name}: {_exception(cause, message_characters)}{elsewhere}, {_size(cause)}"


def merged(causes: Sequence[ReportedCause]) -> Iterator[Sequence[ReportedCause]]:
    """Yield the causes in order, alone or with all others of single tests of its class that fail in the tests' code."""
    groups: dict[str, list[ReportedCause]] = {}
    for position, cause in enumerate(causes):
        groups.setdefault(_class_of(cause) or str(position), []).append(cause)
    for group in groups.values():
        yield from [group] if len(group) >= _MERGED else [[cause] for cause in group]


def item(causes: Sequence[ReportedCause]) -> str:
    """Return the item of a list for what `merged` yields, with a test."""
    first = causes[0]
    if len(causes) == 1:
        return f"- {heading(first, _LISTED_MESSAGE_CHARACTERS)}: {_nodeid(first.first.nodeid)}\n"
    parent = _class_of(first)
    test = first.nodeids[0].removeprefix(f"{parent}::")
    numbers = _ranges([cause.number for cause in causes])
    exception = _exception(first, _LISTED_MESSAGE_CHARACTERS)
    tests = f"{len(causes):,} tests{_new(sum(cause.new for cause in causes), len(causes))}"
    return f"- Causes {numbers}: {tests} of {_nodeid(parent)}, such as {_nodeid(test)}: {exception}\n"


def _nodeid(nodeid: str) -> str:
    return code_span(truncate_characters(one_line(nodeid), _NODEID_CHARACTERS))


def _exception(cause: ReportedCause, message_characters: int) -> str:
    first = cause.first
    message = code_span(truncate_characters(one_line(first.message), message_characters)) or "failed"
    place = code_span(truncate_characters(f"{first.path}:{first.line}", _PATH_CHARACTERS))
    return f"{message} at {place}"


def _size(cause: ReportedCause) -> str:
    """Return how many tests, and modules that cannot be collected, have the cause, and how many are new."""
    modules = sum(nodeid.endswith(".py") or "::" not in nodeid for nodeid in cause.nodeids)
    counts = {"test": len(cause.nodeids) - modules, "module": modules}
    size = " and ".join(pluralize(count, word) for word, count in counts.items() if count)
    return f"{size}{_new(cause.new, len(cause.nodeids))}"


def _new(number: int, total: int) -> str:
    """Return the text after a number of failures of which this many are new; empty if none are."""
    if not number:
        return ""
    return " (new)" if number == total else f" ({number:,} new)"


def _class_of(cause: ReportedCause) -> str:
    """Return the class or module of a cause that may be one of many like it; otherwise an empty string."""
    if not cause.number or len(cause.nodeids) > 1 or not is_test_path(cause.first.path):
        return ""
    return cause.nodeids[0].partition("[")[0].rpartition("::")[0]


def _ranges(numbers: Sequence[int]) -> str:
    """Return the numbers as ``3, 5–7``, and how many more there are."""
    ranges: list[list[int]] = []
    for number in sorted(numbers):
        if ranges and number == ranges[-1][-1] + 1:
            ranges[-1].append(number)
        else:
            ranges.append([number])
    shown = ", ".join(f"{run[0]}–{run[-1]}" if len(run) > 1 else str(run[0]) for run in ranges[:_RANGES])
    return and_more(shown, sum(map(len, ranges[_RANGES:])))
