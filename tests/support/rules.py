"""The marker that ties a test to a row of docs/rules.md, docs/attacks.md or docs/reliability.md."""

from __future__ import annotations

import pytest

#: ``@rule("Section: first cell")``, or as much of that from its beginning as names one row alone.
rule = pytest.mark.rule
