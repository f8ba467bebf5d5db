"""Titles of an earlier check run's annotations -> the text of ``only.json``, by which the plugin picks these tests.

A title is a node id, or that of a test and after a blank what its subtest is called, which nothing tells apart from a
blank within an id. In place of secrets it has the mask; characters may be written as Python escapes them.

``ends`` has for each title, in characters, where the node id may end in it, the longest first::

    {"mask": "***", "ends": {"tests/test_a.py::test_b": [23], "tests/test_a.py::test_c[***] (i=1)": [34, 28]}}
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from ..redaction.token_patterns import MARK


def selection_json(titles: Iterable[str]) -> str:
    """The text, in ASCII; each title stands in it once, as it was given."""
    return json.dumps({"mask": MARK, "ends": {title: nodeid_ends(title) for title in titles}})


def nodeid_ends(title: str) -> list[int]:
    """Where the node id may end in it: the whole title may be one, a shorter one has a file and a name."""
    _, separator, name = title.partition("::")
    name_start = len(title) - len(name)
    blanks = [name_start + blank.start() for blank in re.finditer(" ", name)] if separator else []
    return [len(title), *reversed(blanks)]
