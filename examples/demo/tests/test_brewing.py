"""A flaky test, a test that times out, and a property test."""

from threading import Event

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from teashop import brewing

kettle: list[str] = []


@pytest.mark.parametrize("kind", brewing.MINUTES)
@pytest.mark.parametrize("cups", [1, 2, 6])
def test_a_larger_pot_draws_no_shorter(kind: str, cups: int) -> None:
    assert brewing.minutes(kind, cups) >= brewing.minutes(kind)


@pytest.mark.flaky(reruns=2)
def test_the_kettle_boils_at_the_second_try() -> None:
    kettle.append("click")
    assert len(kettle) > 1, "the kettle was not plugged in"


@pytest.mark.timeout(0.2)
def test_the_kettle_whistles() -> None:
    brewing.wait_for_kettle(Event())


@settings(database=None, derandomize=True)
@given(millilitres=st.integers(0, 2000), cups=st.integers(1, 8))
def test_no_cup_gets_more_than_another(millilitres: int, cups: int) -> None:
    poured = brewing.shared_equally(millilitres, cups)
    assert sum(poured) == millilitres
    assert max(poured) - min(poured) <= 1
