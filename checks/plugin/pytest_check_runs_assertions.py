"""Show whole diffs of failed assertions, as pytest does if it finds the variable ``CI``, without setting it.

Part of the plugin; the rules in `pytest_check_runs_child` apply.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_check_runs_stream import hidden_from_coverage, never_fail

if TYPE_CHECKING:
    from typing import Any

__file__ = hidden_from_coverage(__file__)


def pytest_load_initial_conftests(early_config: pytest.Config, parser: pytest.Parser) -> None:
    """Change defaults before pytest reads them, so that the user's own settings and ``-vv`` still count."""
    if early_config.known_args_namespace.check_runs_whole_diffs:
        _show_whole_diffs(early_config, parser)


@never_fail
def _show_whole_diffs(early_config: pytest.Config, parser: pytest.Parser) -> None:
    """Set the limits, which pytest has from 8.4 on; earlier a verbosity that also shows whole values, from 8.0 on."""
    has_limits = pytest.version_tuple >= (8, 4)
    verbosity = 1 if has_limits else 2
    defaults = {"verbosity_assertions": str(verbosity)} if pytest.version_tuple >= (8, 0) else {}
    if early_config.known_args_namespace.verbose >= verbosity:
        defaults = {}
    if has_limits:
        defaults.update(truncation_limit_lines="0", truncation_limit_chars="0")
    # The types by which pytest reads the user's settings.
    kind: Any = int | str if pytest.version_tuple >= (9, 2) else "string"
    for name, default in defaults.items():
        parser.addini(name, "set by the action", type=kind, default=default)
