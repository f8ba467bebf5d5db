"""Write the titles of a previous run's annotations as ``only.json``, from which the plugin selects tests.

A title is a node id, for a subtest followed by a blank and its description; node ids may contain blanks, too. Secrets
are masked, and characters may be written as Python escapes.

``ends`` lists for each title where the node id may end in it, in characters, longest first::

    {"mask": "***", "ends": {"tests/test_a.py::test_b": [23], "tests/test_a.py::test_c[***] (i=1)": [34, 28]}}
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from ..redaction.token_patterns import MARK


def selection_json(titles: Iterable[str]) -> str:
    """Return the text, in ASCII; each title occurs once, unchanged."""
    return json.dumps({"mask": MARK, "ends": {title: nodeid_ends(title) for title in titles}})


def nodeid_ends(title: str) -> list[int]:
    """Return where the node id may end in a title: at its end, or at a blank in the test's name."""
    _, separator, name = title.partition("::")
    name_start = len(title) - len(name)
    blanks = [name_start + blank.start() for blank in re.finditer(" ", name)] if separator else []
    return [len(title), *reversed(blanks)]
