"""Find the project's frames in `faulthandler` dumps.

A dump may appear anywhere in a process's output (https://docs.python.org/3/library/faulthandler.html)::

    tests/test_a.py .Fatal Python error: Segmentation fault

    Current thread 0x00007f4e1ea92b80 (most recent call first):
      File "/repo/tests/test_a.py", line 6 in test_dies
      File "/venv/lib/python3.13/site-packages/_pytest/python.py", line 187 in pytest_pyfunc_call
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import takewhile

from ..model.item import Details, Section
from ..text.join import paragraphs

_FATAL = re.compile(r"Fatal Python error: .*")
_WORKER = re.compile(r"\[gw\d+\]")
_THREAD = re.compile(r"(?:Current thread|Thread) 0x[0-9a-f]+.*:")
_FRAME = re.compile(r'  File "(?P<path>.*)", line (?:\d+|\?\?\?) in .*|  \.\.\.|  <no Python frame>')
#: Frames between the interpreter's start and a test, and of threads that pytest's plugins run.
_TOOL = re.compile(
    r"/(?:site|dist)-packages/(?:_pytest|pytest|pluggy|xdist|execnet|pytest_timeout|pytest_rerunfailures)(?:/|\.py)"
    r"|/pytest_check_runs_\w+\.py$|^<frozen runpy>$|^<string>$|/bin/pytest$"
)
_STANDARD_LIBRARY = re.compile(r"/lib/python3\.\d+t?/(?!(?:site|dist)-packages/)|^<frozen ")
_BOOTSTRAP = re.compile(r'/threading\.py", line \d+ in (?:run|_bootstrap|_bootstrap_inner)$')
_MAX_LINES = 60


def project_stacks(text: str) -> str:
    """Return the threads that run the project's code, without the frames of pytest and its plugins.

    If no thread does, returns all threads unchanged; an empty string if `text` has no dump.
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
    """Return `project_stacks` of the last crash only, since output goes on after a worker's crash."""
    return project_stacks("".join(text.rpartition("Fatal Python error: ")[1:]))


def with_crash_output(details: Details, sections: Sequence[Section]) -> Details:
    """Return the details with the output of a process that crashed; its last stacks become part of the traceback."""
    stacks = last_stacks("\n".join(section.text for section in sections))
    traceback = paragraphs([details.traceback, stacks])
    captured = (replace(section, text=without_stacks(section.text)) for section in sections)
    return replace(details, traceback=traceback, captured=(*details.captured, *captured))


def without_stacks(text: str) -> str:
    """Return the text without its dumps, which are shown elsewhere."""
    lines = (line for line in text.splitlines() if not (_THREAD.fullmatch(line) or _FRAME.fullmatch(line)))
    return "\n".join(lines).rstrip("\n")


def _shown_lines(lines: Sequence[str], *, with_tools: bool) -> Iterator[str]:
    heading: list[str] = []  # printed before the next thread that is shown
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
    """Return the frames that are not tools'; none for a thread in which a tool calls only the standard library."""
    paths = {frame: match["path"] or "" for frame in frames if (match := _FRAME.fullmatch(frame))}
    project_frames = [frame for frame in frames if not (_TOOL.search(paths[frame]) or _BOOTSTRAP.search(frame))]
    has_tool = any(map(_TOOL.search, paths.values()))
    is_tool_thread = has_tool and all(map(_STANDARD_LIBRARY.search, (paths[frame] for frame in project_frames)))
    return [] if is_tool_thread else project_frames
