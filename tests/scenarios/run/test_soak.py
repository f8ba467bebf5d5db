"""Short runs with random faults: one check run, completed, each annotation once, the conclusion that of the tests.

What fails is decided by a seed, which is printed; ``SOAK_SEED`` gives the first one.
"""

from __future__ import annotations

import os

import pytest

from tests.support.rules import rule
from tests.support.soak.plan import Plan
from tests.support.soak.soak import hold, soak

_FIRST = int(os.environ.get("SOAK_SEED", "0"))
_RUNS, _ALL_RUNS, _RUNS_A_TEST = 30, 500, 10
#: Each of these has failed once.
_HAVE_FAILED = (3, 39, 1031, 3835)


@rule("GitHub's side: any of these, several at once, hundreds of times")
@pytest.mark.parametrize(
    "first",
    [
        pytest.param(first, marks=pytest.mark.slow if first - _FIRST >= _RUNS else ())
        for first in range(_FIRST, _FIRST + _ALL_RUNS, _RUNS_A_TEST)
    ],
)
def test_random_faults_lose_and_double_no_result(first: int) -> None:
    for seed in range(first, first + _RUNS_A_TEST):
        soaked(seed)


@pytest.mark.parametrize("seed", _HAVE_FAILED)
def test_plans_that_once_failed_pass(seed: int) -> None:
    soaked(seed)


def soaked(seed: int) -> None:
    plan = Plan.of(seed)
    print(f"seed {seed}: {plan}")  # noqa: T201 - pytest shows it with a failure
    hold(soak(plan, seed))
