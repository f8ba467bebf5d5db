"""Explain why pytest did not start, by what it says about that in its output."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..inputs.table import INPUTS
from ..model.verdict import Remark
from ..text.truncate import truncate_middle_lines

#: pytest's line, or argparse's (below its usage).
_LINE = re.compile(r"^(?:ERROR: (?!usage: )|[\w.-]+: error: ).*", re.MULTILINE)
_CONFTEST = re.compile(r"^ImportError while loading conftest .*", re.MULTILINE | re.DOTALL)
_MISSING_MODULE = re.compile(r"^E   ModuleNotFoundError: No module named '([\w.]+)'", re.MULTILINE)
_UNRECOGNIZED = re.compile(r"error: unrecognized arguments: (.*)")


def usage_remarks(output: str, max_lines: int) -> Iterator[Remark]:
    """Yield what happened, with at most so many lines of pytest's output, and what may help."""
    conftest, line = _CONFTEST.search(output), _LINE.search(output)
    if conftest:
        yield Remark(
            text="A `conftest.py` could not be imported, so no tests ran:", quoted=_lines(conftest[0], max_lines)
        )
        yield from _about_missing_module(conftest[0])
        return
    text = (
        "pytest could not start. An option in `pytest-args` or in the configuration is wrong, or a path does not exist"
    )
    yield Remark(text=f"{text}:", quoted=line[0]) if line else Remark(text=f"{text}.")
    yield from _about_own_options(output)
    if output.strip() not in ("", line[0].strip() if line else ""):
        yield Remark(text="pytest's output:", quoted=_lines(output, max_lines))


def _about_missing_module(output: str) -> Iterator[Remark]:
    if missing := _MISSING_MODULE.search(output):
        yield Remark(
            text=f"If `{missing[1]}` is a module of the repository, its folder may be missing on `sys.path`. "
            "`python -m pytest` adds the current folder to it, the `pytest` command does not. "
            "Add that folder to pytest's setting `pythonpath` or to the variable `PYTHONPATH`."
        )


def _about_own_options(output: str) -> Iterator[Remark]:
    """Yield a remark for each input that pytest got as an argument."""
    unrecognized = _UNRECOGNIZED.search(output)
    given = {argument.partition("=")[0] for argument in unrecognized[1].split()} if unrecognized else set()
    for known in INPUTS:
        if f"--{known.name}" in given:
            yield Remark(
                text=f"The input `{known.name}` is not an option of pytest. Set it by itself, "
                "on a command line before the arguments for pytest."
            )


def _lines(output: str, max_lines: int) -> str:
    return "\n".join(truncate_middle_lines(output.rstrip().split("\n"), max_lines))
