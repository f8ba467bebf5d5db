"""Two levels between a test and what it checks."""


def twice(number):
    """Doubles.

    >>> twice(2)
    4
    >>> twice(3)
    7
    """
    return number * 2


def check(number, expected, **options):
    doubled = twice(number)
    assert doubled == expected, options.get("message", "")


def check_unseen(value):
    __tracebackhide__ = True
    assert value, "unseen"


class Inherited:
    def test_inherited(self):
        pass
