from shop.prices import PRICE


def test_a():
    assert PRICE == 3
