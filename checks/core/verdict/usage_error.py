"""Find what pytest says about a usage error in its output."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..model.verdict import Remark

#: pytest's line, or argparse's (below its usage), or the exception of a ``conftest.py``.
_LINE = re.compile(r"^(?:ERROR: (?!usage: )|[\w.-]+: error: |E   ).*", re.MULTILINE)
_MISSING_MODULE = re.compile(r"ModuleNotFoundError: No module named '([\w.]+)'")


def own_remarks(output: str) -> Iterator[Remark]:
    """Yield a remark with the line that says what is wrong, and one about a module that a conftest cannot import."""
    line = _LINE.search(output)
    if line:
        yield Remark(text="pytest reported:", quoted=line[0])
    if line and (missing := _MISSING_MODULE.search(line[0])):
        package = missing[1]
        yield Remark(
            text=f"If `{package}` is a module of the repository, its folder may be missing on `sys.path`. "
            "`python -m pytest` adds the current folder to it, the `pytest` command does not. "
            "Add that folder to pytest's setting `pythonpath` or to the variable `PYTHONPATH`."
        )
