"""Format exceptions as text and places when they are raised, since values of locals are lost later.

Part of the plugin; the rules in `pytest_check_runs_child` apply.
"""

from __future__ import annotations

import itertools
import linecache
import os
import re
import sysconfig
import threading
from typing import TYPE_CHECKING

import pytest
from pytest_check_runs_exceptions import (
    Group,
    exception_chain,
    exception_only,
    hides_itself,
    line_of,
    related_exceptions,
    traceback_entries,
)
from pytest_check_runs_locals import locals_of
from pytest_check_runs_stream import hidden_from_coverage, never_fail
from pytest_check_runs_texts import MESSAGE_CHARACTERS, replace_surrogates, truncate

if TYPE_CHECKING:
    import types
    from collections.abc import Sequence

    from pytest_check_runs_locals import Texts

    Place = tuple[str, int]
    Entries = list[types.TracebackType]

_FOLDER = os.path.dirname(os.path.abspath(__file__))
__file__ = hidden_from_coverage(__file__)

_FRAMES_FIRST, _FRAMES_LAST = 5, 20
_LINES_BEFORE = 2
# The causes of exceptions that were raised in another process: their texts are tracebacks.
_REMOTE_TRACEBACKS = ("RemoteTraceback", "_RemoteTraceback")  # of `multiprocessing` and `concurrent.futures`
_GROUP_DEPTH, _GROUP_WIDTH = 3, 10

# A line of a file, as Python (``File "a.py", line 3``) and most tools (``a.py:3``) name it. Each word is tried once,
# from its beginning: trying each of its letters takes seconds for a long one.
_PLACE = re.compile(r'File "([^"\n]+)", line ([1-9]\d{0,8})|(?<![^\s:"\'])([^\s:"\']+):([1-9]\d{0,8})\b')


class _Memory(threading.local):
    """What the description of one failure needs several times. Each thread may describe a failure of its own.

    Attributes:
        entries: the shown entries of exceptions, by their ids.
        texts: the values of locals, by their ids.
    """

    def __init__(self) -> None:
        self.entries: dict[int, Entries] = {}
        self.texts: Texts = {}


class Tracebacks:
    """Formats exceptions without the frames of pytest and its plugins. `forget` ends the description of a failure."""

    _stat = staticmethod(os.stat)  # tests patch the module; this keeps the original

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._root = str(config.rootpath)
        self._invocation_folder = str(config.invocation_params.dir)
        self._with_locals = config.getoption("check_runs_locals")
        self._memory = _Memory()
        paths = sysconfig.get_paths()
        self._library = paths["stdlib"] + os.sep, paths["platstdlib"] + os.sep
        self._sites = paths["purelib"] + os.sep, paths["platlib"] + os.sep
        self._installed = tuple({*self._library, *self._sites})
        self._tool_prefixes: tuple[str, ...] = ()
        self._tool_paths: dict[str, bool] = {}  # whether a path is a tool's, of those that tracebacks have named

    def forget(self) -> None:
        """Release the failure's frames and values."""
        self._memory.entries.clear()
        self._memory.texts.clear()

    def text(self, error: BaseException) -> str:
        """Return the exception and what led to it, each with its frames and message, the first cause first."""
        lines: list[str] = []
        self._append_chain(error, lines, 0, set())
        return "\n".join(lines)

    def places(self, error: BaseException) -> Sequence[Place]:
        """Return the places of the traceback; the last is where the exception was raised.

        If pytest or a plugin raised it, these are the places of the cause or group member that the project raised, or
        those that its message names.
        """
        raised = next(filter(self._is_from_project, related_exceptions(error)), None)
        named = self.places_in(exception_only(error)) if raised is None else []
        if named:
            return named
        entries = self._shown_entries(error if raised is None else raised)
        places = [(self._path(entry.tb_frame), line_of(entry)) for entry in entries[-_FRAMES_LAST:]]
        if isinstance(raised, SyntaxError) and raised.filename and raised.lineno:
            places.append((raised.filename, raised.lineno))
        cause = getattr(raised, "__cause__", None)
        in_other_process = self.places_in(str(cause)) if type(cause).__name__ in _REMOTE_TRACEBACKS else []
        return [*self._absolute(places), *in_other_process]

    def places_in(self, text: str) -> Sequence[Place]:
        """Return the project's places in the first paragraph of a text that has any."""
        for paragraph in text.split("\n\n"):
            found = [(match[1] or match[3], int(match[2] or match[4])) for match in _PLACE.finditer(paragraph)]
            places = [place for place in self._absolute(found) if self._is_in_project(place[0])]
            if places:
                return places[-_FRAMES_LAST:]
        return []

    def with_short_paths(self, text: str) -> str:
        """Return a text of pytest with the paths of the project as `text` shows them."""
        return re.sub(r'(?m)^(file |  File "|)' + re.escape(self._root + os.sep), r"\1", text)

    def _absolute(self, places: Sequence[Place]) -> Sequence[Place]:
        return [(replace_surrogates(os.path.join(self._invocation_folder, path)), line) for path, line in places]

    def _is_in_project(self, path: str) -> bool:
        return self._exists(path) and not self._is_foreign(path)

    def is_tool_error(self, error: BaseException) -> bool:
        """Whether every frame is pytest's or a plugin's, so that pytest's own text says more."""
        frames = [entry.tb_frame for entry in self._walk(error)]
        return not isinstance(error, SyntaxError) and all(map(self._is_tool_frame, frames))

    def _is_from_project(self, error: BaseException) -> bool:
        if any(self._is_project_frame(entry.tb_frame) for entry in traceback_entries(error)[-1:]):
            return True
        if isinstance(error, Group):  # such as a task group, which the project's frames only lead to
            return False
        frames = [entry.tb_frame for entry in self._walk(error)]
        return isinstance(error, SyntaxError) or any(map(self._is_project_frame, frames))

    def _shown_entries(self, error: BaseException) -> Entries:
        known = self._memory.entries
        if id(error) not in known:
            known[id(error)] = self._find_shown_entries(error)
        return known[id(error)]

    def _find_shown_entries(self, error: BaseException) -> Entries:
        """Return the traceback without hidden frames, and without those that lead from pytest or a thread to the test.

        If the project hides all of its frames, the last of them is shown. What a plugin raised may have no frame.
        """
        entries = self._walk(error)
        shown = [entry for entry in entries if not self._is_hidden(entry.tb_frame, error)]
        starts_in_tool = bool(entries) and self._is_tool_frame(entries[0].tb_frame)
        leads = self._is_installed if starts_in_tool else self._is_from_standard_library
        tests = list(itertools.dropwhile(lambda entry: leads(entry.tb_frame), shown))
        if tests or isinstance(error, SyntaxError):  # its own place is known; the compiling code may be a tool's
            return tests
        hidden = [entry for entry in entries if self._is_project_frame(entry.tb_frame)]
        if hidden or not starts_in_tool:
            return hidden[-1:] or shown
        return self._installed_tests(entries, shown)

    def _walk(self, error: BaseException) -> Entries:
        """Return the traceback without the project's hook wrappers, through which the exception only passed."""
        entries = traceback_entries(error)
        pluggy = [False, *[self._is_frame_of("pluggy", entry.tb_frame) for entry in entries], False]
        return [entry for number, entry in enumerate(entries, 1) if not (pluggy[number - 1] and pluggy[number + 1])]

    def _installed_tests(self, entries: Entries, shown: Entries) -> Entries:
        """Return the frames from an installed test on (``--pyargs``); none if a plugin called what raised."""
        for number, entry in enumerate(entries[:-1], 1):
            caller = entry.tb_frame
            is_by_pytest = self._is_frame_of("_pytest", caller) or self._is_from_standard_library(caller)
            called = entries[number]
            if is_by_pytest and called in shown and not self._is_from_standard_library(called.tb_frame):
                return shown[shown.index(called) :]
        return []

    def _append_chain(self, error: BaseException, lines: list[str], depth: int, seen: set[int]) -> None:
        """Append an exception and its causes; those in `seen` are already in the text, which many may share."""
        for heading, exception in exception_chain(error, seen):
            lines += ["", heading, ""] if heading else []
            self._append_frames(exception, lines)
            self._append_message(exception, lines)
            if depth < _GROUP_DEPTH and isinstance(exception, Group):
                self._append_group(exception.exceptions, lines, depth, seen)

    def _append_frames(self, error: BaseException, lines: list[str]) -> None:
        entries = self._shown_entries(error)
        omitted_count = len(entries) - _FRAMES_FIRST - _FRAMES_LAST
        for entry in entries if omitted_count <= 0 else entries[:_FRAMES_FIRST]:
            self._append_frame(entry.tb_frame, line_of(entry), lines)
        if omitted_count > 0:
            lines.append("… %d frames left out …" % omitted_count)
            for entry in entries[-_FRAMES_LAST:]:
                self._append_frame(entry.tb_frame, line_of(entry), lines)

    def _append_message(self, error: BaseException, lines: list[str]) -> None:
        lines += ["E   " + text for text in truncate(exception_only(error), MESSAGE_CHARACTERS).splitlines()]

    def _append_group(self, errors: Sequence[BaseException], lines: list[str], depth: int, seen: set[int]) -> None:
        for number, error in enumerate(errors[:_GROUP_WIDTH], 1):
            inner: list[str] = []
            if id(error) in seen:
                self._append_message(error, inner)
            else:
                self._append_chain(error, inner, depth + 1, seen)
            lines.append("  +-- exception %d of %d" % (number, len(errors)))
            lines += ["  | " + line for line in inner]
        if len(errors) > _GROUP_WIDTH:
            lines.append("  +-- … and %d more" % (len(errors) - _GROUP_WIDTH))

    def _append_frame(self, frame: types.FrameType, line: int, lines: list[str]) -> None:
        """Append ``path:line: in function``, the source, and the values of arguments and locals."""
        path = self._path(frame)
        lines.append("%s:%d: in %s" % (self._short_path(path), line, frame.f_code.co_name))
        self._append_source(path, frame, line, lines)
        if self._with_locals and not self._is_installed(frame):
            lines += locals_of(frame, self._memory.texts) or ()

    @never_fail
    def _append_source(self, path: str, frame: types.FrameType, line: int, lines: list[str]) -> None:
        first_line = max(frame.f_code.co_firstlineno, line - _LINES_BEFORE, 1)
        source = linecache.getlines(path, frame.f_globals)
        shown = [text.rstrip("\n") for text in source[first_line - 1 : line]]
        indent = min((len(text) - len(text.lstrip()) for text in shown if text.strip()), default=0)
        for number, text in enumerate(shown, first_line):
            lines.append(("  > " if number == line else "    ") + text[indent:])

    def _path(self, frame: types.FrameType) -> str:
        """Return the file of a frame; its byte code may have been compiled in another folder."""
        path, module_path = frame.f_code.co_filename, frame.f_globals.get("__file__")
        if path == module_path or not isinstance(module_path, str):
            return path
        if os.path.basename(module_path) != os.path.basename(path):
            return path
        return path if self._exists(os.path.join(self._invocation_folder, path)) else module_path

    def _exists(self, path: str) -> bool:
        try:
            self._stat(path)
        except (OSError, ValueError):
            return False
        return True

    def _short_path(self, path: str) -> str:
        if path.startswith(self._installed):
            return "…/" + path[max(len(folder) for folder in self._installed if path.startswith(folder)) :]
        return path[len(self._root) + 1 :] if path.startswith(self._root + os.sep) else path

    def _is_installed(self, frame: types.FrameType) -> bool:
        return frame.f_code.co_filename.startswith(self._installed)

    def _is_from_standard_library(self, frame: types.FrameType) -> bool:
        path = frame.f_code.co_filename
        return path.startswith(("<frozen ", *self._library)) and not path.startswith(self._sites)

    def _is_project_frame(self, frame: types.FrameType) -> bool:
        return not (self._is_foreign(frame.f_code.co_filename) or "__unittest" in frame.f_globals)

    def _is_hidden(self, frame: types.FrameType, error: BaseException) -> bool:
        return "__unittest" in frame.f_globals or self._is_tool_frame(frame) or hides_itself(frame, error)

    def _is_tool_frame(self, frame: types.FrameType) -> bool:
        return self._is_tool_path(frame.f_code.co_filename)

    def _is_frame_of(self, tool: str, frame: types.FrameType) -> bool:
        """Whether it is a frame of that package; the path alone does not tell, a checkout's folder may be named so."""
        has_name = str(frame.f_globals.get("__name__")).startswith(tool + ".")
        return has_name and self._is_tool_path(frame.f_code.co_filename)

    def _is_foreign(self, path: str) -> bool:
        return self._is_tool_path(path) or path.startswith(("<frozen ", *self._installed))

    def _is_tool_path(self, path: str) -> bool:
        is_tool = self._tool_paths.get(path)
        if is_tool is None:
            self._tool_prefixes = self._tool_prefixes or tuple(_tool_prefixes(self._config))
            is_tool = self._tool_paths[path] = path.startswith(self._tool_prefixes)
        return is_tool


def _tool_prefixes(config: pytest.Config) -> set[str]:
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
