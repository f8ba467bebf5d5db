"""Read exceptions and relate them: causes, contexts and members of groups.

Part of the plugin; the rules in `pytest_check_runs_child` apply.
"""

from __future__ import annotations

import sys
import traceback
from typing import TYPE_CHECKING

import pytest  # which imports `exceptiongroup` where Python lacks it
from pytest_check_runs_stream import hidden_from_coverage

if TYPE_CHECKING:
    import types
    from collections.abc import Iterator

if sys.version_info >= (3, 11):
    Group = BaseExceptionGroup
else:
    Group = sys.modules["exceptiongroup"].BaseExceptionGroup  # pytest imports it there

__file__ = hidden_from_coverage(__file__)

_CHAIN_LENGTH = 20


def exception_chain(error: BaseException, seen: set[int]) -> list[tuple[str, BaseException]]:
    """Return (heading, exception) pairs, the first cause first, without causes in `seen`, which gets all of them."""
    chain = [("", error)]
    seen.add(id(error))
    while len(chain) < _CHAIN_LENGTH:
        heading, earlier = _previous_exception(chain[-1][1])
        if earlier is None or id(earlier) in seen:
            break
        seen.add(id(earlier))
        chain[-1] = heading, chain[-1][1]
        chain.append(("", earlier))
    return chain[::-1]


def _previous_exception(error: BaseException) -> tuple[str, BaseException | None]:
    if error.__cause__ is not None:
        return "The above exception was the direct cause of the following exception:", error.__cause__
    if error.__suppress_context__ and not _is_mismatch(error):
        return "", None
    return "During handling of the above exception, another exception occurred:", error.__context__


def _is_mismatch(error: BaseException) -> bool:
    """Whether `pytest.raises` raised it ``from None`` because another exception did not match."""
    entries = traceback_entries(error)
    return bool(entries) and entries[-1].tb_frame.f_globals.get("__name__") == "_pytest.raises"


def related_exceptions(error: BaseException) -> Iterator[BaseException]:
    """Yield the exception, then the members of groups, causes and contexts, nearest first."""
    seen: set[int] = set()
    pending = [error]
    while pending and len(seen) < _CHAIN_LENGTH:
        error = pending.pop(0)
        if id(error) in seen:
            continue
        seen.add(id(error))
        yield error
        pending += error.exceptions if isinstance(error, Group) else ()
        previous = _previous_exception(error)[1]
        pending += [previous] if previous is not None else []


def exception_only(error: BaseException) -> str:
    """Return the exception without its traceback, as Python prints it."""
    return "".join(traceback.format_exception_only(type(error), error)).rstrip("\n")


def traceback_entries(error: BaseException) -> list[types.TracebackType]:
    """Return the traceback's entries, without their lines: Python searches for a line each time it is read."""
    entries = []
    entry = error.__traceback__
    while entry is not None:
        entries.append(entry)
        entry = entry.tb_next
    return entries


def line_of(entry: types.TracebackType) -> int:
    """Return the entry's line; that of the function if Python does not know it."""
    return entry.tb_lineno or entry.tb_frame.f_code.co_firstlineno


def hides_itself(frame: types.FrameType, error: BaseException) -> bool:
    """Whether the frame sets ``__tracebackhide__``.

    https://docs.pytest.org/en/stable/example/simple.html#writing-well-integrated-assertion-helpers
    """
    hide = frame.f_locals.get("__tracebackhide__") or frame.f_globals.get("__tracebackhide__")
    return bool(hide(pytest.ExceptionInfo.from_exception(error)) if callable(hide) else hide)
