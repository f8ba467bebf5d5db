import json
import logging
import sys
import unittest
import warnings

import pytest

import helper

ATTEMPTS = []


def test_passes():
    pass


def test_fails_in_a_helper():
    helper.check(2, 5, message="no")


def test_fails_in_the_standard_library():
    json.loads("{")


@pytest.fixture
def broken():
    raise ValueError("no setup")


@pytest.fixture
def unclean():
    yield 7
    raise RuntimeError("no teardown")


def test_error_in_setup(broken):
    pass


def test_error_in_teardown(unclean):
    pass


def test_fails_in_call_and_teardown(unclean):
    print("to stdout")
    print("to stderr", file=sys.stderr)
    logging.getLogger("kinds").warning("to the log")
    assert unclean == 8


def test_without_its_fixture(nowhere):
    pass


@pytest.mark.skip(reason="marked")
def test_skipped_by_mark():
    pass


def test_skipped_inside():
    pytest.skip("inside")


@pytest.mark.xfail(reason="known")
def test_xfails():
    assert 0


def test_xfails_inside():
    pytest.xfail("known inside")


@pytest.mark.xfail(reason="known")
def test_xpasses():
    pass


@pytest.mark.xfail(reason="known", strict=True)
def test_xpasses_strictly():
    pass


@pytest.mark.parametrize("value", ["a/b|c", "a::b", "[x]", "`y`", "é", "\n", " ", "x" * 120], ids=lambda v: v)
def test_parametrised(value):
    pass


class TestClass:
    def test_in_a_class(self):
        assert self is None


class TestInherits(helper.Inherited):
    pass


class Case(unittest.TestCase):
    def test_assert_equal(self):
        self.assertEqual(1, 2)

    def test_subtests(self):
        for number in range(3):
            with self.subTest("even", number=number):
                self.assertEqual(number % 2, 0)


@pytest.mark.flaky(reruns=2)
def test_flaky():
    ATTEMPTS.append(1)
    assert len(ATTEMPTS) > 1


@pytest.mark.flaky(reruns=1)
def test_never_passes():
    assert 0
