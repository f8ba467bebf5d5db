"""Exceptions as text and places, made where they were raised: the values of locals do not outlive that.

Part of the plugin beside it, and under its rules.
"""

import linecache
import os
import reprlib
import sysconfig
import traceback
import types

import pytest
from pytest_check_runs_channel import never_fail

TEXT_CHARACTERS = 60_000  # of a traceback; GitHub takes 64 KB
_MESSAGE_CHARACTERS = 16_000  # of an exception: on CI pytest cuts no diff
_VALUE_CHARACTERS = 240  # of a local variable
_FRAMES_FIRST, _FRAMES_LAST = 5, 20
_LOCALS_PER_FRAME = 30
_LINES_BEFORE = 2
_GROUP_DEPTH, _GROUP_WIDTH = 3, 10


class Describer:
    """The hooks of every process that runs tests (xdist's workers too): they alone see the exception itself."""

    def __init__(self, config):
        self.tracebacks = Tracebacks(config)

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_makereport(self, item, call):
        """Of a test's stage; outermost, so that what other plugins make of the report is known."""
        outcome = yield
        if call.excinfo is not None and outcome.excinfo is None:
            self._describe(call.excinfo, outcome.get_result())

    def pytest_exception_interact(self, call, report):
        """Of a collector."""
        if isinstance(report, pytest.CollectReport):
            self._describe(call.excinfo, report)

    @never_fail
    def _describe(self, excinfo, report):
        if report.failed and excinfo is not None:
            report._check_runs = self.tracebacks.describe(excinfo.value, report.longrepr)


class _Repr(reprlib.Repr):
    """Short texts of values of any size."""

    def __init__(self):
        super().__init__()
        self.maxstring = self.maxother = self.maxlong = _VALUE_CHARACTERS
        self.maxlist = self.maxtuple = self.maxset = self.maxfrozenset = self.maxdict = 12
        self.maxlevel = 4

    def repr1(self, x, level):
        if isinstance(x, (bytes, bytearray, str)):
            return clip(repr(x[:_VALUE_CHARACTERS]), _VALUE_CHARACTERS) + ("…" if len(x) > _VALUE_CHARACTERS else "")
        named = type(x).__name__ in ("list", "tuple", "dict", "set", "frozenset", "deque", "array")
        if not named and isinstance(x, (list, tuple, dict, set, frozenset)) and len(x) > 1000:
            return "<%s of %d items>" % (type(x).__name__, len(x))
        return super().repr1(x, level)


class Tracebacks:
    """Exceptions as text and places, without the frames of pytest and its plugins."""

    def __init__(self, config):
        self.config = config
        self.root = str(config.rootpath)
        self.with_locals = config.getoption("check_runs_locals")
        self.repr = _Repr()
        paths = sysconfig.get_paths()
        # Frames of installed code need no locals; frames of our tools are left out.
        self.installed = tuple({paths[name] + os.sep for name in ("stdlib", "platstdlib", "purelib", "platlib")})
        self.tools = None

    def describe(self, value, longrepr):
        """``{"message": one line, "places": [path, line] pairs, the thrown one last, "text"}`` of an exception."""
        special = self._special(value, longrepr)
        if special:
            return special
        value = _root_of_collect_error(value)
        lines, places = [], []
        for before, error in _chain(value):
            if before:
                lines += ["", before, ""]
            places = self._exception(error, lines, 0)
        return {
            "message": _clean(_one_line(value)),
            "places": places,
            "text": _clean(clip("\n".join(lines), TEXT_CHARACTERS)),
        }

    def _special(self, value, longrepr):
        """Exceptions that are not about the frames they came through."""
        locations = getattr(longrepr, "reprlocation_lines", None)  # a doctest
        if locations:
            places = [[location.path, location.lineno] for location, _ in locations if location.lineno]
            failures = getattr(value, "failures", None) or [value]
            message = _doctest(failures[-1])
            return {
                "message": _clean(message),
                "places": places,
                "text": _clean(clip(str(longrepr), TEXT_CHARACTERS)),
            }
        error = getattr(longrepr, "errorstring", None)  # a fixture that is not there
        if error:
            message = error.strip().splitlines()[0]
            return {"message": _clean(message), "places": [], "text": _clean(clip(str(longrepr), TEXT_CHARACTERS))}
        return None

    def _exception(self, error, lines, depth):
        """Append one exception's frames and message; return its places."""
        entries = [entry for entry in traceback.walk_tb(error.__traceback__) if not self._is_hidden(*entry)]
        entries = entries or list(traceback.walk_tb(error.__traceback__))
        left_out = len(entries) - _FRAMES_FIRST - _FRAMES_LAST
        for index, (frame, line) in enumerate(entries):
            if left_out > 0 and _FRAMES_FIRST <= index < _FRAMES_FIRST + left_out:
                if index == _FRAMES_FIRST:
                    lines.append("… %d frames left out …" % left_out)
                continue
            self._frame(frame, line, lines)
        for text in clip(_exception_only(error), _MESSAGE_CHARACTERS).splitlines():
            lines.append("E   " + text)
        if depth < _GROUP_DEPTH and isinstance(getattr(error, "exceptions", None), tuple):
            self._group(error.exceptions, lines, depth)
        places = [[frame.f_code.co_filename, line] for frame, line in entries[-_FRAMES_LAST:]]
        if isinstance(error, SyntaxError) and error.filename and error.lineno:
            places.append([error.filename, error.lineno])
        return places

    def _group(self, errors, lines, depth):
        for number, error in enumerate(errors[:_GROUP_WIDTH], 1):
            inner = []
            self._exception(error, inner, depth + 1)
            lines.append("  +-- exception %d of %d" % (number, len(errors)))
            lines += ["  | " + line for line in inner]
        if len(errors) > _GROUP_WIDTH:
            lines.append("  +-- … and %d more" % (len(errors) - _GROUP_WIDTH))

    def _frame(self, frame, line, lines):
        """``path:line: in function``, the source, and the values of arguments and locals."""
        code = frame.f_code
        lines.append("%s:%d: in %s" % (self._short(code.co_filename), line, code.co_name))
        source = linecache.getlines(code.co_filename, frame.f_globals)
        first = max(code.co_firstlineno, line - _LINES_BEFORE, 1)
        shown = [text.rstrip("\n") for text in source[first - 1 : line]]
        margin = min((len(text) - len(text.lstrip()) for text in shown if text.strip()), default=0)
        for number, text in enumerate(shown, first):
            lines.append(("  > " if number == line else "    ") + text[margin:])
        if self.with_locals and not code.co_filename.startswith(self.installed):
            self._values(frame, lines)

    def _values(self, frame, lines):
        code = frame.f_code
        if code.co_name == "<module>":
            return
        values = frame.f_locals
        arguments = code.co_argcount + code.co_kwonlyargcount + bool(code.co_flags & 4) + bool(code.co_flags & 8)
        names = list(code.co_varnames[:arguments])
        names += [name for name in values if name not in names]
        names = [name for name in names if name in values and _is_telling(name, values[name])]
        for name in names[:_LOCALS_PER_FRAME]:
            lines.append("      %s = %s" % (name, self._value(values[name])))
        if len(names) > _LOCALS_PER_FRAME:
            lines.append("      … and %d more" % (len(names) - _LOCALS_PER_FRAME))

    def _value(self, value):
        try:
            return clip(self.repr.repr(value).replace("\n", " "), 2 * _VALUE_CHARACTERS)
        except Exception as error:
            return "<%s in repr>" % type(error).__name__

    def _short(self, path):
        if path.startswith(self.installed):
            return "…/" + path[max(len(folder) for folder in self.installed if path.startswith(folder)) :]
        return path[len(self.root) + 1 :] if path.startswith(self.root + os.sep) else path

    def _is_hidden(self, frame, line):
        """As pytest hides them, and the tools' own."""
        hide = frame.f_locals.get("__tracebackhide__", False)
        if hide is True or "__unittest" in frame.f_globals:
            return True
        path = frame.f_code.co_filename
        return path.startswith(("<frozen importlib", *self._tools()))

    def _tools(self):
        """Where pytest, pluggy, its plugins and import machinery are installed; never a folder of the project's."""
        if self.tools is None:
            paths = sysconfig.get_paths()
            sites = [paths["purelib"], paths["platlib"], os.path.dirname(os.path.dirname(pytest.__file__))]
            names = {"_pytest", "pytest", "pluggy", "xdist", "execnet"}
            for _, distribution in self.config.pluginmanager.list_plugin_distinfo():
                names.update(str(path).split("/")[0] for path in distribution.files or ())
            names = {name for name in names if name != ".." and not name.endswith((".dist-info", ".pth"))}
            roots = [os.path.join(site, name) for site in sites for name in names]
            roots += [os.path.join(paths["stdlib"], "importlib"), os.path.dirname(os.path.abspath(__file__))]
            self.tools = tuple(root if root.endswith(".py") else root + os.sep for root in roots)
        return self.tools


def _is_telling(name, value):
    return not name.startswith("@") and not isinstance(value, (types.ModuleType, types.FunctionType, type))


def _root_of_collect_error(value):
    """What a module's import raised: pytest wraps it, with its traceback as text alone."""
    if isinstance(value, pytest.Collector.CollectError) and value.__cause__ is not None:
        return value.__cause__
    return value


def _chain(value):
    """(what stands before it, exception), the first cause first."""
    chain, seen = [], set()
    while value is not None and id(value) not in seen and len(seen) < 20:
        seen.add(id(value))
        if value.__cause__ is not None:
            before = "The above exception was the direct cause of the following exception:"
            earlier = value.__cause__
        elif value.__context__ is not None and not value.__suppress_context__:
            before = "During handling of the above exception, another exception occurred:"
            earlier = value.__context__
        else:
            before, earlier = "", None
        chain.append((before, value))
        value = earlier
    chain.reverse()
    chain[0] = "", chain[0][1]
    return chain


def _exception_only(error):
    return "".join(traceback.format_exception_only(type(error), error)).rstrip("\n")


def _one_line(error):
    lines = clip(_exception_only(error), _MESSAGE_CHARACTERS).splitlines() or [type(error).__name__]
    return lines[-1] if isinstance(error, SyntaxError) else lines[0]


def _doctest(failure):
    example = getattr(failure, "example", None)
    got = getattr(failure, "got", None)
    if example is None:
        return "doctest failed"
    if got is None:
        return "doctest raised %s" % _one_line(failure.exc_info[1])
    return "doctest: expected %s, got %s" % (example.want.strip() or "nothing", got.strip() or "nothing")


def clip(text, characters):
    """At most so many characters, cut in the middle."""
    if len(text) <= characters:
        return text
    half = characters // 2
    return "%s\n… %d characters left out …\n%s" % (text[:half], len(text) - 2 * half, text[-half:])


def _clean(text):
    """Without lone surrogates, which would break xdist's own messages."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
