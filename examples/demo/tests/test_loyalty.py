"""A module that cannot be imported, because the code does not exist yet."""

from teashop.loyalty import Card


def test_the_tenth_cup_is_free() -> None:
    assert Card(stamps=10).is_full
