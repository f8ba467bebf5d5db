"""Format exceptions as text and places when they are raised, since values of locals are lost later.

Part of the plugin; the rules in `pytest_check_runs_child` apply.
"""

from __future__ import annotations

import itertools
import linecache
import os
import sys
import sysconfig
import traceback
import types
from typing import TYPE_CHECKING

import pytest
from pytest_check_runs_stream import hidden_from_coverage, inner_result, never_fail, outermost
from pytest_check_runs_texts import MESSAGE_CHARACTERS, TEXT_CHARACTERS, ValueRepr, replace_surrogates, truncate

if sys.version_info >= (3, 11):
    _Group = BaseExceptionGroup
else:
    _Group = sys.modules["exceptiongroup"].BaseExceptionGroup  # pytest imports it there

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    Description = dict[str, object]
    Frame = tuple[types.FrameType, int]
    Place = tuple[str, int]

#: The report attribute with the result of `Tracebacks.describe`.
DESCRIPTION_ATTRIBUTE = "_check_runs"

_FOLDER = os.path.dirname(os.path.abspath(__file__))
__file__ = hidden_from_coverage(__file__)

_FRAMES_FIRST, _FRAMES_LAST = 5, 20
_LOCALS_PER_FRAME = 30
_LINES_BEFORE = 2
_GROUP_DEPTH, _GROUP_WIDTH = 3, 10
_CHAIN_LENGTH = 20


class Describer:
    """Hooks for every process that runs tests (also xdist's workers): only they have the exception itself."""

    def __init__(self, config: pytest.Config) -> None:
        self._tracebacks = Tracebacks(config)

    @outermost
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, object, object]:
        """Describe the exception of a test's stage; outermost, to see the report as other plugins leave it."""
        result = yield
        if call.excinfo is not None:
            self._describe(call.excinfo.value, inner_result(result))
        return result

    def pytest_exception_interact(
        self, call: pytest.CallInfo[object], report: pytest.CollectReport | pytest.TestReport
    ) -> None:
        """Describe the exception of a collector."""
        if call.excinfo is not None and isinstance(report, pytest.CollectReport):
            self._describe(call.excinfo.value, report)

    @never_fail
    def _describe(self, error: BaseException, report: pytest.CollectReport | pytest.TestReport) -> None:
        if report.failed:
            report.__dict__[DESCRIPTION_ATTRIBUTE] = self._tracebacks.describe(error, report.longrepr)
        elif hasattr(report, "wasxfail"):
            report.__dict__[DESCRIPTION_ATTRIBUTE] = {"places": self._tracebacks.places(error)}


class Tracebacks:
    """Formats exceptions without the frames of pytest and its plugins."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._root = str(config.rootpath)
        self._invocation_folder = str(config.invocation_params.dir)
        self._with_locals = config.getoption("check_runs_locals")
        self._values = ValueRepr()
        paths = sysconfig.get_paths()
        self._installed = tuple({paths[name] + os.sep for name in ("stdlib", "platstdlib", "purelib", "platlib")})
        self._tool_prefixes: tuple[str, ...] = ()

    def describe(self, error: BaseException, longrepr: object) -> Description:
        """Return ``{"message": one line, "places": [path, line] pairs, "text"}``; it was raised at the last place."""
        special = _special_description(error, longrepr)
        if special is not None:
            return special
        cause = _collect_error_cause(error)
        if cause is not error and self._is_tool_error(cause):
            return _description(_one_line(error).partition(": ")[2], [], str(error))
        error = cause
        lines: list[str] = []
        for heading, exception in _exception_chain(error):
            lines += ["", heading, ""] if heading else []
            self._append_exception(exception, lines, 0)
        return _description(_one_line(error), self.places(error), "\n".join(lines))

    def places(self, error: BaseException) -> Sequence[Place]:
        """Return the places of the traceback; the last is where the exception was raised."""
        places = [(frame.f_code.co_filename, line) for frame, line in self._frames(error)[-_FRAMES_LAST:]]
        if isinstance(error, SyntaxError) and error.filename and error.lineno:
            places.append((error.filename, error.lineno))
        return [(replace_surrogates(os.path.join(self._invocation_folder, path)), line) for path, line in places]

    def _frames(self, error: BaseException) -> list[Frame]:
        """Return the traceback without hidden frames and without the frames that lead from pytest to the test."""
        frames = [
            (frame, line or frame.f_code.co_firstlineno) for frame, line in traceback.walk_tb(error.__traceback__)
        ]
        shown = tests = [(frame, line) for frame, line in frames if not self._is_hidden(frame, error)]
        if frames and self._is_tool_frame(frames[0][0]):
            tests = list(itertools.dropwhile(lambda entry: self._is_installed(entry[0]), shown))
        if isinstance(error, SyntaxError):  # its own place is known; the compiling code may not be the project's
            return tests
        return tests or shown or frames

    def _append_exception(self, error: BaseException, lines: list[str], depth: int) -> None:
        """Append one exception's frames and message."""
        frames = self._frames(error)
        omitted_count = len(frames) - _FRAMES_FIRST - _FRAMES_LAST
        for frame, line in frames if omitted_count <= 0 else frames[:_FRAMES_FIRST]:
            self._append_frame(frame, line, lines)
        if omitted_count > 0:
            lines.append("… %d frames left out …" % omitted_count)
            for frame, line in frames[-_FRAMES_LAST:]:
                self._append_frame(frame, line, lines)
        lines += ["E   " + text for text in truncate(_exception_only(error), MESSAGE_CHARACTERS).splitlines()]
        if depth < _GROUP_DEPTH and isinstance(error, _Group):
            self._append_group(error.exceptions, lines, depth)

    def _append_group(self, errors: Sequence[BaseException], lines: list[str], depth: int) -> None:
        for number, error in enumerate(errors[:_GROUP_WIDTH], 1):
            inner: list[str] = []
            self._append_exception(error, inner, depth + 1)
            lines.append("  +-- exception %d of %d" % (number, len(errors)))
            lines += ["  | " + line for line in inner]
        if len(errors) > _GROUP_WIDTH:
            lines.append("  +-- … and %d more" % (len(errors) - _GROUP_WIDTH))

    def _append_frame(self, frame: types.FrameType, line: int, lines: list[str]) -> None:
        """Append ``path:line: in function``, the source, and the values of arguments and locals."""
        lines.append("%s:%d: in %s" % (self._short_path(frame.f_code.co_filename), line, frame.f_code.co_name))
        self._append_source(frame, line, lines)
        if self._with_locals and not self._is_installed(frame):
            self._append_locals(frame, lines)

    @never_fail
    def _append_source(self, frame: types.FrameType, line: int, lines: list[str]) -> None:
        first_line = max(frame.f_code.co_firstlineno, line - _LINES_BEFORE, 1)
        source = linecache.getlines(frame.f_code.co_filename, frame.f_globals)
        shown = [text.rstrip("\n") for text in source[first_line - 1 : line]]
        indent = min((len(text) - len(text.lstrip()) for text in shown if text.strip()), default=0)
        for number, text in enumerate(shown, first_line):
            lines.append(("  > " if number == line else "    ") + text[indent:])

    @never_fail
    def _append_locals(self, frame: types.FrameType, lines: list[str]) -> None:
        code, values = frame.f_code, frame.f_locals
        if code.co_name == "<module>":
            return
        arguments = code.co_argcount + code.co_kwonlyargcount + bool(code.co_flags & 4) + bool(code.co_flags & 8)
        names = dict.fromkeys((*code.co_varnames[:arguments], *values))
        shown_names = [name for name in names if name in values and _is_worth_showing(name, values[name])]
        lines += ["      %s = %s" % (name, self._values.text(values[name])) for name in shown_names[:_LOCALS_PER_FRAME]]
        if len(shown_names) > _LOCALS_PER_FRAME:
            lines.append("      … and %d more" % (len(shown_names) - _LOCALS_PER_FRAME))

    def _short_path(self, path: str) -> str:
        if path.startswith(self._installed):
            return "…/" + path[max(len(folder) for folder in self._installed if path.startswith(folder)) :]
        return path[len(self._root) + 1 :] if path.startswith(self._root + os.sep) else path

    def _is_installed(self, frame: types.FrameType) -> bool:
        return frame.f_code.co_filename.startswith(self._installed)

    def _is_hidden(self, frame: types.FrameType, error: BaseException) -> bool:
        return "__unittest" in frame.f_globals or self._is_tool_frame(frame) or _hides_itself(frame, error)

    def _is_tool_error(self, error: BaseException) -> bool:
        """Whether no frame is the project's, so that pytest's own text says more."""
        frames = (frame for frame, _ in traceback.walk_tb(error.__traceback__))
        return not isinstance(error, SyntaxError) and all(map(self._is_tool_frame, frames))

    def _is_tool_frame(self, frame: types.FrameType) -> bool:
        self._tool_prefixes = self._tool_prefixes or tuple(_tool_paths(self._config))
        return frame.f_code.co_filename.startswith(self._tool_prefixes)


def _tool_paths(config: pytest.Config) -> set[str]:
    """Return the path prefixes of pytest, pluggy, plugins and import machinery, but no project folder."""
    paths = sysconfig.get_paths()
    sites = {paths["purelib"], paths["platlib"], os.path.dirname(os.path.dirname(pytest.__file__))}
    names = {"_pytest", "pytest", "pluggy", "xdist", "execnet"}
    for _, distribution in config.pluginmanager.list_plugin_distinfo():
        names.update(str(path).split("/")[0] for path in distribution.files or ())
    names = {name for name in names if name != ".." and not name.endswith((".dist-info", ".pth"))}
    roots = {os.path.join(site, name) for site in sites for name in names}
    roots |= {os.path.join(paths["stdlib"], "importlib"), _FOLDER}
    return {"<frozen importlib", *(root if root.endswith(".py") else root + os.sep for root in roots)}


def _hides_itself(frame: types.FrameType, error: BaseException) -> bool:
    """Whether the frame sets ``__tracebackhide__``.

    https://docs.pytest.org/en/stable/example/simple.html#writing-well-integrated-assertion-helpers
    """
    hide = frame.f_locals.get("__tracebackhide__") or frame.f_globals.get("__tracebackhide__")
    return bool(hide(pytest.ExceptionInfo.from_exception(error)) if callable(hide) else hide)


def _is_worth_showing(name: str, value: object) -> bool:
    """Exclude variables of assertion rewriting, and names of code; proxies lie about their class."""
    return not name.startswith("@") and not issubclass(type(value), (types.ModuleType, types.FunctionType, type))


def _special_description(error: BaseException, longrepr: object) -> Description | None:
    """Describe exceptions for which the frames do not matter: doctests and missing fixtures."""
    locations = getattr(longrepr, "reprlocation_lines", None)
    if locations:
        places = [(location.path, location.lineno) for location, _ in locations if location.lineno]
        failures = getattr(error, "failures", None) or [error]
        return _description(_doctest_message(failures[-1]), places, str(longrepr))
    missing_fixture = getattr(longrepr, "errorstring", None)
    if missing_fixture:
        return _description(missing_fixture.strip().splitlines()[0], [], str(longrepr))
    return None


def _description(message: str, places: Sequence[Place], text: str) -> Description:
    return {
        "message": replace_surrogates(message),
        "places": places,
        "text": replace_surrogates(truncate(text, TEXT_CHARACTERS)),
    }


def _collect_error_cause(error: BaseException) -> BaseException:
    """Return what importing a module raised; pytest wraps it, and has its traceback only as text."""
    if isinstance(error, pytest.Collector.CollectError) and error.__cause__ is not None:
        return error.__cause__
    return error


def _exception_chain(error: BaseException) -> list[tuple[str, BaseException]]:
    """Return (heading, exception) pairs, the first cause first."""
    chain = [("", error)]
    seen = {id(error)}
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
    if error.__suppress_context__:
        return "", None
    return "During handling of the above exception, another exception occurred:", error.__context__


def _exception_only(error: BaseException) -> str:
    return "".join(traceback.format_exception_only(type(error), error)).rstrip("\n")


def _one_line(error: BaseException) -> str:
    """Return the type and the first words of the message, which may begin with an empty line."""
    lines = [line.strip() for line in truncate(_exception_only(error), MESSAGE_CHARACTERS).splitlines() if line.strip()]
    if isinstance(error, SyntaxError):
        return lines[-1]
    return " ".join(lines[:2]) if lines[0].endswith(":") else lines[0]


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
