"""Turns of threads that use one repository: one at a time, and those that can wait let the others pass."""

from __future__ import annotations

import pytest

from checks.programs.events.turns import Turns
from tests.support.waits import HANG_SECONDS


@pytest.mark.parametrize("lets_pass", [0.0, 0.01])
def test_free_turn_is_taken_at_once_and_given_back(lets_pass: float) -> None:
    turns = Turns()
    for _ in range(2):
        with turns.take(HANG_SECONDS, lets_pass=lets_pass) as has_turn:
            assert has_turn


@pytest.mark.parametrize("lets_pass", [0.0, 0.01])
def test_taken_turn_does_not_come_in_time(lets_pass: float) -> None:
    turns = Turns()
    with turns.take(1.0), turns.take(0.02, lets_pass=lets_pass) as has_turn:
        assert not has_turn
    with turns.take(HANG_SECONDS) as has_turn:
        assert has_turn
