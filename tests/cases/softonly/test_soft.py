import pytest_check as check


def compare(total):
    check.equal(total, 4)


def test_a():
    check.equal(3, 3)
    compare(3)


def test_b():
    with check.check:
        assert [1] == [2]
