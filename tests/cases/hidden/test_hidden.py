__tracebackhide__ = True


def check(value):
    assert value == 2


def test_a():
    check(1)
