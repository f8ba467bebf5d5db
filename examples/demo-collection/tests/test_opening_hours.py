def test_the_shop_opens_before_it_closes() -> None:
    assert 9 < 18
