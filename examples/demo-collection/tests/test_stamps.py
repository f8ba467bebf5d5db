from teashop.loyalty import Stamp


def test_a_stamp_is_worth_one_cup() -> None:
    assert Stamp().cups == 1
