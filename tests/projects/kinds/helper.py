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
