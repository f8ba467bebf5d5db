from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.differential.compare import differences
from tests.support.differential.generate import suite
from tests.support.rules import rule

SEEDS = [
    1,
    *(pytest.param(seed, marks=pytest.mark.slow) for seed in (*range(2, 26), *range(1001, 1201))),
]


@rule("Conclusions: all titles")
@pytest.mark.parametrize("seed", SEEDS)
def test_generated_suite_counts_as_pytest_counts(seed: int, tmp_path: Path) -> None:
    assert differences(suite(seed), tmp_path) == []
