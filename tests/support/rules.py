"""The marker that ties a test to a row of docs/rules.md or another page, which `tests/test_docs.py` lists."""

from __future__ import annotations

import pytest

#: ``@rule("Section: first cell")``, or a prefix of it that matches one row only.
rule = pytest.mark.rule
