"""An off-by-one discount, found three helper functions deep."""

from typing import Any

import pytest

from teashop.cart import Cart


@pytest.fixture
def cart() -> Cart:
    cart = Cart()
    cart.put("Assam", 450, amount=2)
    cart.put("Darjeeling", 620)
    return cart


def expect_receipt(cart: Cart, expected: dict[str, Any]) -> None:
    receipt = cart.receipt()
    expect_lines(receipt["lines"], expected["lines"])
    assert receipt == expected


def expect_lines(lines: Any, expected: list[dict[str, Any]]) -> None:
    for line, wanted in zip(lines, expected, strict=True):
        expect_line(line, wanted)


def expect_line(line: dict[str, Any], wanted: dict[str, Any]) -> None:
    assert line == wanted


class TestReceipt:
    def test_lists_the_lines_in_order(self, cart: Cart) -> None:
        expect_receipt(
            cart,
            {
                "lines": [
                    {"tea": "Assam", "amount": 2, "pence": 900},
                    {"tea": "Darjeeling", "amount": 1, "pence": 620},
                ],
                "delivery": 350,
                "subtotal": 1520,
            },
        )

    def test_takes_a_tenth_off_from_ten_on(self, cart: Cart) -> None:
        cart.put("Keemun", 500, amount=10)
        expect_receipt(
            cart,
            {
                "lines": [
                    {"tea": "Assam", "amount": 2, "pence": 900},
                    {"tea": "Darjeeling", "amount": 1, "pence": 620},
                    {"tea": "Keemun", "amount": 10, "pence": 4500},
                ],
                "delivery": 0,
                "subtotal": 6020,
            },
        )

    class TestDelivery:
        def test_is_free_from_twenty_pounds_on(self, cart: Cart) -> None:
            cart.put("Keemun", 500)
            assert cart.receipt()["delivery"] == 0

        def test_costs_below(self, cart: Cart) -> None:
            assert cart.receipt()["delivery"] == 350


def test_an_empty_cart_costs_nothing() -> None:
    assert Cart().subtotal == 0


def test_the_old_name_still_works(cart: Cart) -> None:
    assert cart.total() == cart.subtotal
