"""Cannot be imported: the programme was announced before it was written."""

from teashop.loyalty import Card


def test_the_tenth_cup_is_free() -> None:
    assert Card(stamps=10).is_full
