"""Short runs with random faults: one check run, completed, each annotation once, and the tests' conclusion.

A seed decides what fails, and is printed; ``SOAK_SEED`` sets the first one.
"""

from __future__ import annotations

import os

import pytest

from tests.support.rules import rule
from tests.support.soak.plan import FaultPlan
from tests.support.soak.soak import check, soak

_FIRST_SEED = int(os.environ.get("SOAK_SEED", "0"))
_RUNS, _ALL_RUNS, _RUNS_A_TEST = 10, 500, 10
#: Each of these has failed once.
_SEEDS_THAT_FAILED = (3, 39, 1031, 3835)


@rule("GitHub's side: any of these, several at once, hundreds of times")
@pytest.mark.parametrize(
    "first",
    [
        pytest.param(first, marks=pytest.mark.slow if first - _FIRST_SEED >= _RUNS else ())
        for first in range(_FIRST_SEED, _FIRST_SEED + _ALL_RUNS, _RUNS_A_TEST)
    ],
)
def test_random_faults_lose_and_double_no_result(first: int) -> None:
    for seed in range(first, first + _RUNS_A_TEST):
        run_plan(seed)


@pytest.mark.parametrize("seed", _SEEDS_THAT_FAILED)
@pytest.mark.slow
def test_plans_that_once_failed_pass(seed: int) -> None:
    run_plan(seed)


def run_plan(seed: int) -> None:
    plan = FaultPlan.from_seed(seed)
    print(f"seed {seed}: {plan}")  # noqa: T201 - pytest shows it with a failure
    check(soak(plan, seed))
