"""Tests of a card for loyal customers, which nobody has programmed yet."""

from teashop.loyalty import Card


def test_the_tenth_cup_is_free() -> None:
    assert Card(stamps=10).is_full
