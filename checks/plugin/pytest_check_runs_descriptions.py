"""Describe failures when they are reported: by the exception, or in the words of pytest, of a plugin or of the item.

Part of the plugin; the rules in `pytest_check_runs_child` apply.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest
from pytest_check_runs_exceptions import exception_only
from pytest_check_runs_stream import hidden_from_coverage, never_fail
from pytest_check_runs_texts import MESSAGE_CHARACTERS, TEXT_CHARACTERS, replace_surrogates, truncate
from pytest_check_runs_tracebacks import Tracebacks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_check_runs_tracebacks import Place

    Description = dict[str, object]
    Node = pytest.Item | pytest.Collector
    Report = pytest.CollectReport | pytest.TestReport
    Raised = pytest.ExceptionInfo[BaseException]

__file__ = hidden_from_coverage(__file__)

#: The report attribute with ``{"message": one line, "places": [path, line] pairs, "text"}``; the last place counts.
DESCRIPTION_ATTRIBUTE = "_check_runs"

_PATH_HINT = (
    "Possible cause: %r is in %s, which is not on sys.path. `python -m pytest` adds the current folder to it, the "
    "`pytest` command does not. Add that folder to pytest's setting `pythonpath` or to the variable PYTHONPATH."
)


class Describer:
    """Hooks for every process that runs tests (also xdist's workers): only they have the exception itself."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._tracebacks = Tracebacks(config)

    def pytest_exception_interact(self, node: Node, call: pytest.CallInfo[object], report: Report) -> None:
        """Describe the failure of a collector."""
        if call.excinfo is not None and isinstance(report, pytest.CollectReport):
            self.describe(node, call.excinfo, call.excinfo, report)

    @never_fail
    def describe(self, node: Node, raised: Raised, reported: Raised, report: Report) -> None:
        """Add a description to the report of a failure; `reported` is what a plugin has made of the exception."""
        try:
            if report.failed:
                report.__dict__[DESCRIPTION_ATTRIBUTE] = self._failure(node, raised, reported, report)
            elif hasattr(report, "wasxfail"):
                report.__dict__[DESCRIPTION_ATTRIBUTE] = {"places": self._tracebacks.places(raised.value)}
        finally:
            self._tracebacks.forget()

    def _failure(self, node: Node, raised: Raised, reported: Raised, report: Report) -> Description:
        error = raised.value
        special = _special_description(error, report.longrepr)
        words = "" if reported is raised else str(reported.value)
        if not words and not hasattr(report.longrepr, "reprtraceback"):  # pytest's own text of an exception has it
            words = _longrepr_text(report) or ""
            if special is None and _formats_failures(node):
                return _description(_first_line(words), self._places_of_words(node, words), words)
        description = special or self._exception(error)
        if isinstance(node, pytest.Collector):
            words = self._path_hint(_without_wrapper(error))
        stripped = words.strip()
        if stripped and stripped not in exception_only(error) and stripped != str(description["text"]).strip():
            description["text"] = truncate("%s\n\n%s" % (description["text"], words), TEXT_CHARACTERS)
        if special is not None:
            description["text"] = self._tracebacks.with_short_paths(str(description["text"]))
        return description

    def _exception(self, error: BaseException) -> Description:
        """Describe an exception that the project raised; what pytest or a plugin raised has no frames."""
        cause = _without_wrapper(error)
        places = self._tracebacks.places(cause)
        is_wrapped = cause is not error
        if is_wrapped and (isinstance(cause, pytest.skip.Exception) or self._tracebacks.is_tool_error(cause)):
            # pytest's explanation says more than the cause
            return _description(_one_line(error).partition(": ")[2], places, str(error))
        if isinstance(cause, pytest.fail.Exception) and not cause.pytrace:
            return _description(_one_line(cause), places, exception_only(cause))
        return _description(_one_line(cause), places, self._tracebacks.text(cause))

    def _places_of_words(self, node: Node, words: str) -> Sequence[Place]:
        """Return no places for an item that knows its line, since that is where the failure belongs."""
        line = node.location[1] if isinstance(node, pytest.Item) else None
        return [] if line is not None and line >= 0 else self._tracebacks.places_in(words)

    def _path_hint(self, error: BaseException) -> str:
        """Return why importing a module of the project may have failed, or an empty string."""
        name = error.name if isinstance(error, ModuleNotFoundError) else None
        for folder in (str(self._config.invocation_params.dir), str(self._config.rootpath)):
            candidates = [os.path.join(folder, name), os.path.join(folder, name + ".py")] if name else []
            if folder not in sys.path and any(map(os.path.exists, candidates)):
                return _PATH_HINT % (name, folder)
        return ""


@never_fail
def _longrepr_text(report: Report) -> str:
    """Return the text of the report, which a plugin may have replaced by an object that raises."""
    return report.longreprtext


def _formats_failures(node: Node) -> bool:
    """Whether the node has a `repr_failure` of its own, as those of specifications, notebooks and linters."""
    return not type(node).repr_failure.__module__.startswith("_pytest.")


def _special_description(error: BaseException, longrepr: object) -> Description | None:
    """Describe exceptions for which the frames do not matter: doctests and missing fixtures."""
    locations = getattr(longrepr, "reprlocation_lines", None)
    if locations:
        places = [(location.path, location.lineno) for location, _ in locations if location.lineno]
        failures = getattr(error, "failures", None) or [error]
        return _description(_doctest_message(failures[-1]), places, str(longrepr))
    if type(error).__name__ == "FixtureLookupError":  # its own text needs pytest's formatting
        text = error.formatrepr()  # type: ignore[attr-defined]
        return _description(text.errorstring.strip().splitlines()[0], [], str(text))
    return None


def _description(message: str, places: Sequence[Place], text: str) -> Description:
    return {
        "message": replace_surrogates(message),
        "places": places,
        "text": replace_surrogates(truncate(text, TEXT_CHARACTERS)),
    }


def _without_wrapper(error: BaseException) -> BaseException:
    """Return what importing a module or a conftest raised; pytest wraps it, and has its traceback only as text."""
    is_wrapper = isinstance(error, pytest.Collector.CollectError) or type(error).__name__ == "ConftestImportFailure"
    return error.__cause__ if is_wrapper and error.__cause__ is not None else error


def _one_line(error: BaseException) -> str:
    """Return the type and the first words of the message, which may begin with an empty line."""
    lines = [line.strip() for line in truncate(exception_only(error), MESSAGE_CHARACTERS).splitlines() if line.strip()]
    if isinstance(error, SyntaxError):
        return lines[-1]
    return " ".join(lines[:2]) if lines[0].endswith(":") else lines[0]


def _first_line(text: str) -> str:
    first_lines = text.strip().partition("\n")[0].splitlines()  # those of other separators than \n
    return truncate(first_lines[0].strip(), MESSAGE_CHARACTERS) if first_lines else ""


def _doctest_message(failure: BaseException) -> str:
    example = getattr(failure, "example", None)
    if example is None:
        return "doctest failed"
    if hasattr(failure, "exc_info"):
        return "doctest raised %s" % _one_line(failure.exc_info[1])
    return "doctest: expected %s, got %s" % (
        example.want.strip() or "nothing",
        getattr(failure, "got", "").strip() or "nothing",
    )
