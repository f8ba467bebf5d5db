"""Return how pytest was started, as far as a command that reproduces failures needs it.

Part of the plugin; the rules in `pytest_check_runs_child` apply.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_check_runs_stream import hidden_from_coverage, never_fail

if TYPE_CHECKING:
    import pytest

    Entry = dict[str, object]

__file__ = hidden_from_coverage(__file__)


def invocation(config: pytest.Config) -> Entry:
    """Return the folder, and what is known of the other facts; plugins have been configured."""
    found: Entry = {"folder": str(config.invocation_params.dir), "configuration": str(config.inipath or "")}
    for fact in (_paths, _seed):
        found.update(fact(config) or {})
    return found


@never_fail
def _paths(config: pytest.Config) -> Entry:
    """Return the command line's own paths; `config.args` has others if there are none."""
    return {"paths": [str(path) for path in config.option.file_or_dir]}


@never_fail
def _seed(config: pytest.Config) -> Entry:
    """Return the seed that pytest-randomly has chosen or was given."""
    seed = config.getoption("randomly_seed", None)
    return {"seed": seed} if type(seed) is int else {}
