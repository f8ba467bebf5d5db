"""What a summary says about the base: a line, and lists of tests."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate

from ..history.base_state import name_of
from ..history.compare import Comparison, NamedTests
from ..model.history import Base, NoBase
from ..text.amounts import pluralize
from ..text.collapsible import details
from ..text.durations import duration
from ..text.escape import fence, one_line, prose
from ..text.join import paragraphs
from ..text.truncate import size_bytes, truncate_characters

_LIST_BYTES = 3 * 1024
_OPEN_NAMES, _NAMES = 20, 200
_NAME_CHARACTERS = 300
_LATE = "Not compared: GitHub did not name the base in time."


def section(comparison: Comparison | None) -> str:
    """Return the line and the lists; empty if nothing was to be compared."""
    if comparison is None:
        return ""
    match comparison.base:
        case None:
            return _LATE
        case NoBase(reason=reason):
            return prose(f"Not compared: {reason}.")
        case Base() as base:
            notes = " ".join(map(prose, _notes(comparison, base)))
            return paragraphs([_line(comparison, base), notes, *_lists(comparison)])


def _line(comparison: Comparison, base: Base) -> str:
    name = prose(name_of(base))
    link = f"[{name}]({base.page})" if base.page else name
    if not base.is_exact:
        link += ", an ancestor of the base"
    states = [*_states(comparison, is_exact=base.is_exact)]
    if comparison.also_failing:
        states.append(f"{comparison.also_failing:,} also failing on {link}")
    changes = [*_changes(comparison)]
    if comparison.also_failing:
        return " · ".join([*states, *changes])
    return f"{' · '.join([*states, *changes]) or 'No change'}, compared with {link}"


def _states(comparison: Comparison, *, is_exact: bool) -> Iterator[str]:
    if comparison.new:
        yield f"{len(comparison.new):,} {'new' if is_exact else 'not failing there'}"
    if comparison.fixed:
        yield f"{len(comparison.fixed):,} fixed"
    if comparison.flaky:
        yield f"{comparison.flaky:,} flaky there"


def _changes(comparison: Comparison) -> Iterator[str]:
    """Yield what differs beside the failures, with signs."""
    if removed := comparison.removed:
        yield f"{len(removed):,} {_removed(comparison)}"
    if comparison.newly_skipped:
        yield f"{len(comparison.newly_skipped):,} newly skipped"
    if comparison.added:
        yield f"{comparison.added:,} added"
    counts = [f"{change:+,} {outcome}" for outcome, change in comparison.count_changes.items() if change]
    if counts:
        yield ", ".join(counts)
    if seconds := comparison.seconds_change:
        yield f"{'+' if seconds > 0 else '-'}{duration(abs(seconds))}"


def _notes(comparison: Comparison, base: Base) -> Iterator[str]:
    """Yield what is unknown, each a short sentence."""
    if base.instead_of:
        yield f"Not compared with the base itself: {base.instead_of}."
    if comparison.unknown:
        failures = pluralize(comparison.unknown, "failure")
        yield f"{failures} not compared, because several tests may have that ID."
    if comparison.why_no_lists:
        yield f"Removed and newly skipped tests are unknown, because {comparison.why_no_lists}."
    elif comparison.newly_skipped is None:
        yield "Newly skipped tests are unknown, because the base's check run had no room for its skipped tests."
    if comparison.removed and comparison.added:
        yield "A renamed test counts as removed and as added."


def _lists(comparison: Comparison) -> Iterator[str]:
    word = "New failures" if comparison.exact_base else "Failures that it does not have"
    yield _list(word, NamedTests(names=comparison.new))
    yield _list(f"{_removed(comparison).capitalize()} tests", comparison.removed)
    yield _list("Newly skipped tests", comparison.newly_skipped)
    yield _list("Fixed", NamedTests(names=comparison.fixed))


def _removed(comparison: Comparison) -> str:
    return "removed or deselected" if comparison.has_deselected else "removed"


def _list(heading: str, tests: NamedTests | None) -> str:
    """Return the list, as far as it has room; empty if there are no tests. A long one is folded."""
    if not tests:
        return ""
    lines = [truncate_characters(one_line(name), _NAME_CHARACTERS) for name in tests.names[:_NAMES]]
    sizes = accumulate(size_bytes(line) + 1 for line in lines)
    fitting = sum(size <= _LIST_BYTES for size in sizes)
    shown = lines[:fitting]
    if missing := len(tests.names) - fitting:
        shown.append(f"… and {missing:,} more")
    if tests.unnamed:
        shown.append(f"{tests.unnamed:,} that the base's check run does not name")
    return details(f"{heading}: {len(tests):,}", fence("\n".join(shown)), is_open=len(tests) <= _OPEN_NAMES)
