"""Each way to raise."""

import asyncio
import contextlib
import operator
import sys
import unittest.mock
import warnings

import pytest

import helper


def test_shows_the_values_of_arguments_and_locals(text="long " * 100, *rest, option=None, **others):
    listed, mapped, number = list(range(100)), {n: n for n in range(5000)}, 10**9
    assert number == 0


def test_chained():
    try:
        {}["key"]
    except KeyError as error:
        raise ValueError("chained") from error


def test_in_handling_another():
    try:
        {}["key"]
    except KeyError:
        helper.check(1, 3)


def test_without_its_context():
    try:
        {}["key"]
    except KeyError:
        raise ValueError("alone") from None


def test_chained_in_a_ring():
    first, second = ValueError("first"), ValueError("second")
    first.__cause__, second.__cause__ = second, first
    raise first


def test_of_a_long_message():
    raise ValueError("é" * 50_000)


def test_of_a_message_that_begins_with_an_empty_line():
    raise AssertionError("\nNot equal to tolerance\n\nmore")


def test_of_no_message():
    raise RuntimeError


def test_of_a_message_that_fails():
    class Odd(Exception):
        def __str__(self):
            raise ValueError("no str")

    raise Odd


def test_of_lone_surrogates():
    value = "\udc80"
    raise ValueError("a" + value)


def test_recursion():
    def down(number):
        return down(number + 1)

    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(250)  # what pytest shows of a thousand frames takes it a second
    try:
        down(0)
    finally:
        sys.setrecursionlimit(limit)


def test_warns():
    warnings.warn("careful")


def test_hides_its_helper():
    helper.check_unseen(0)


def test_hides_its_helper_from_some():
    def hidden():
        __tracebackhide__ = operator.methodcaller("errisinstance", ValueError)
        raise ValueError("hidden")

    hidden()


def test_fails_by_word():
    pytest.fail("by word")


def test_raises_nothing():
    with pytest.raises(ValueError):
        pass


@unittest.mock.patch("os.getcwd")
def test_is_patched(getcwd):
    assert getcwd is None


def test_is_run_by_the_standard_library():
    async def work():
        assert 0

    asyncio.run(work())


class Odd:
    """A value that does not bear being looked at."""

    def __init__(self, error):
        self.error = error

    def __repr__(self):
        raise self.error


class Lying:
    """A proxy of what is not there."""

    @property
    def __class__(self):
        raise RuntimeError("no class")

    def __repr__(self):
        return "a proxy"


class Secret(str):
    """Text that shows itself to nobody."""

    def __repr__(self):
        return "'***'"


class Many(list):
    """A list with a repr of its own."""

    def __repr__(self):
        raise ValueError("too many")


def test_has_odd_locals():
    wrong = Odd(ValueError("no repr"))
    skipping = Odd(pytest.skip.Exception("no repr"))
    exiting = Odd(SystemExit(3))
    lying, among = Lying(), [Lying()]
    secret = Secret("hunter2")
    many = Many(range(2000))
    lines = "a\nb"
    helper.check(1, 3, wrong=wrong)


@pytest.mark.skipif(sys.version_info < (3, 11), reason="no groups")
def test_groups():
    def one(number):
        helper.check(number, 0)

    errors = []
    for number in range(1, 13):
        with contextlib.suppress(ZeroDivisionError):
            try:
                one(number)
            except AssertionError as error:
                errors.append(error)
    raise ExceptionGroup("several", [ExceptionGroup("inner", errors), ValueError("last")])


@pytest.mark.skipif(sys.version_info < (3, 11), reason="no notes")
def test_has_notes():
    error = ValueError("noted")
    error.add_note("a note")
    raise error


def test_has_members_that_are_no_exceptions():
    error = ValueError("no group")
    error.exceptions = ("a", "b")
    raise error


@pytest.mark.xfail(reason="known")
def test_xfails_in_a_helper():
    helper.check(1, 3)
