"""`faulthandler`'s text of where threads stood -> what of it is the project's.

Such text stands anywhere in a process's output (https://docs.python.org/3/library/faulthandler.html)::

    tests/test_a.py .Fatal Python error: Segmentation fault

    Current thread 0x00007f4e1ea92b80 (most recent call first):
      File "/repo/tests/test_a.py", line 6 in test_dies
      File "/venv/lib/python3.13/site-packages/_pytest/python.py", line 187 in pytest_pyfunc_call
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import takewhile

_FATAL = re.compile(r"Fatal Python error: .*")
_WORKER = re.compile(r"\[gw\d+\]")
_THREAD = re.compile(r"(?:Current thread|Thread) 0x[0-9a-f]+.*:")
_FRAME = re.compile(r'  File "(?P<path>.*)", line (?:\d+|\?\?\?) in .*|  \.\.\.|  <no Python frame>')
#: What leads from the interpreter's start to a test, and runs beside the tests.
_TOOL = re.compile(
    r"/(?:site|dist)-packages/(?:_pytest|pytest|pluggy|xdist|execnet|pytest_timeout|pytest_rerunfailures)(?:/|\.py)"
    r"|/pytest_check_runs_\w+\.py$|^<frozen runpy>$|^<string>$|/bin/pytest$"
)
_STANDARD_LIBRARY = re.compile(r"/lib/python3\.\d+t?/(?!(?:site|dist)-packages/)|^<frozen ")
_BOOTSTRAP = re.compile(r'/threading\.py", line \d+ in (?:run|_bootstrap|_bootstrap_inner)$')
_MAX_LINES = 60


def project_stacks(text: str) -> str:
    """The threads that are in the project's code or in what it called, without the frames of pytest and its plugins.

    Where none is, the threads as they are; empty where `text` has no such dump.
    """
    lines = [line.rstrip() for line in text.splitlines()]
    if not any(map(_THREAD.fullmatch, lines)):
        return ""
    shown = [*_shown_lines(lines, with_tools=False)]
    if not any(map(_FRAME.fullmatch, shown)):
        shown = [*_shown_lines(lines, with_tools=True)]
    omission = [f"… {len(shown) - _MAX_LINES:,} more lines"] if len(shown) > _MAX_LINES else []
    return "\n".join([*shown[:_MAX_LINES], *omission]).strip("\n")


def last_stacks(text: str) -> str:
    """As `project_stacks`, of the last crash alone: who prints goes on after the crash of a worker."""
    return project_stacks("".join(text.rpartition("Fatal Python error: ")[1:]))


def without_stacks(text: str) -> str:
    """The text without the dumps in it, which are shown elsewhere."""
    lines = (line for line in text.splitlines() if not (_THREAD.fullmatch(line) or _FRAME.fullmatch(line)))
    return "\n".join(lines).rstrip("\n")


def _shown_lines(lines: Sequence[str], *, with_tools: bool) -> Iterator[str]:
    heading: list[str] = []  # of the next thread that is shown
    for number, line in enumerate(lines):
        if fatal := _FATAL.search(line):
            yield fatal[0]
        elif _WORKER.fullmatch(line):
            heading = ["", line]
        elif _THREAD.fullmatch(line):
            frames = [*takewhile(_FRAME.fullmatch, lines[number + 1 :])]
            if shown_frames := frames if with_tools else _project_frames(frames):
                yield from (*heading, "", line, *shown_frames)
                heading = []


def _project_frames(frames: Sequence[str]) -> list[str]:
    """The frames without tools; none of a thread in which a tool called nothing but Python's own library."""
    paths = {frame: match["path"] or "" for frame in frames if (match := _FRAME.fullmatch(frame))}
    project_frames = [frame for frame in frames if not (_TOOL.search(paths[frame]) or _BOOTSTRAP.search(frame))]
    has_tool = any(map(_TOOL.search, paths.values()))
    is_tool_thread = has_tool and all(map(_STANDARD_LIBRARY.search, (paths[frame] for frame in project_frames)))
    return [] if is_tool_thread else project_frames
