"""Several failures in one test, chained exceptions, and exception groups."""

import unittest

import pytest

from teashop import till


class VatTests(unittest.TestCase):
    def test_tea_is_free_of_it(self) -> None:
        self.assertEqual(till.vat("tea", 450), 0)

    def test_every_biscuit(self) -> None:
        for item, pence, expected in [
            ("biscuits", 240, 0),
            ("chocolate biscuits", 240, 40),
            ("chocolate fingers", 240, 40),
            ("jaffa cakes", 180, 0),
        ]:
            with self.subTest(item=item):
                self.assertEqual(till.vat(item, pence), expected)


def test_every_pot_is_taxed(subtests: pytest.Subtests) -> None:
    for pot in ["teapot", "iron teapot", "samovar"]:
        with subtests.test(pot, pence=3600):
            assert till.vat(pot, 3600) == 600


def test_a_card_is_charged() -> None:
    assert till.pay("4000 0566 5566 5556", 1520).startswith("1520 pence")


def test_a_card_with_a_letter_is_charged() -> None:
    till.pay("4000 0566 5566 555O", 1520)


def test_an_order_with_many_mistakes() -> None:
    till.check_order({"Assam": 100, "Darjeeling": 0, "Lapsang": -50})
