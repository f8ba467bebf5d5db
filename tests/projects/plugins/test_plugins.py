"""Failures that come from plugins."""

import time
import unittest

import pytest
from hypothesis import given, settings
from hypothesis.strategies import integers


@settings(database=None, derandomize=True)
@given(integers())
def test_by_hypothesis(number):
    assert number < 10


@pytest.mark.timeout(0.3, method="signal", func_only=True)
def test_takes_too_long():
    time.sleep(20)


def test_subtests(subtests):
    for number in range(3):
        with subtests.test("even", number=number):
            assert number % 2 == 0


class Case(unittest.TestCase):
    def test_subtests(self):
        for number in range(3):
            with self.subTest("even", number=number):
                self.assertEqual(number % 2, 0)
