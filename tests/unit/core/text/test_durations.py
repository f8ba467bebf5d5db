import pytest

from checks.core.text.durations import duration, parse_seconds


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (-1.0, "0.00 s"),
        (0, "0.00 s"),
        (0.004, "0.00 s"),
        (0.123, "0.12 s"),
        (9.994, "9.99 s"),
        (9.996, "10 s"),
        (41.4, "41 s"),
        (59.4, "59 s"),
        (59.6, "1 m 00 s"),
        (72, "1 m 12 s"),
        (3599.4, "59 m 59 s"),
        (3599.6, "1 h 00 m"),
        (3725, "1 h 02 m"),
        (100 * 3600, "100 h 00 m"),
    ],
)
def test_a_duration_has_the_two_units_that_matter(seconds: float, expected: str) -> None:
    assert duration(seconds) == expected


@pytest.mark.parametrize("told", [0.25, 3, 1e8])
def test_a_time_is_taken_as_it_is_told(told: float) -> None:
    assert parse_seconds(told) == told


@pytest.mark.parametrize(
    "told", [-1, 0, float("inf"), float("-inf"), float("nan"), 1e300, 10**400, "1", None, [1], True]
)
def test_what_cannot_be_a_time_is_none(told: object) -> None:
    assert parse_seconds(told) == 0.0
