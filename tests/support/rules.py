"""The marker that ties a test to a row of docs/rules.md, docs/attacks.md or docs/reliability.md."""

from __future__ import annotations

import pytest

#: ``@rule("Section: first cell")``, or a prefix of it that matches one row only.
rule = pytest.mark.rule
