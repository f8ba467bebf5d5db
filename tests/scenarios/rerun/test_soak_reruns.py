"""Random sequences of clicks, jobs and lost events: no check stays stuck, and the same check run counts by id and time.

A seed decides what happens, and is printed; ``SOAK_SEED`` sets the first one.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support.github.server import GithubServer
from tests.support.rules import rule
from tests.support.soak.reruns import RerunSoak

_FIRST_SEED = int(os.environ.get("SOAK_SEED", "0"))
_RUNS, _ALL_RUNS = 8, 200


@rule("Re-runs: any of these, in any order")
@pytest.mark.parametrize(
    "seed",
    [
        pytest.param(seed, marks=pytest.mark.slow if seed - _FIRST_SEED >= _RUNS else ())
        for seed in range(_FIRST_SEED, _FIRST_SEED + _ALL_RUNS)
    ],
)
def test_no_order_of_events_leaves_a_check_stuck(github: GithubServer, tmp_path: Path, seed: int) -> None:
    print(f"seed {seed}")  # noqa: T201 - pytest shows it with a failure
    soak = RerunSoak(github, tmp_path, seed)
    soak.run()
    soak.check()
