import pytest

from checks.core.text.durations import duration, parse_seconds, rough_duration, shown_duration, with_duration


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
def test_duration_has_at_most_two_units(seconds: float, expected: str) -> None:
    assert duration(seconds) == expected


@pytest.mark.parametrize(
    ("seconds", "shown", "text"), [(0.0, "", "Passed"), (0.0099, "", "Passed"), (0.01, "0.01 s", "Passed in 0.01 s")]
)
def test_durations_below_ten_milliseconds_are_not_shown(seconds: float, shown: str, text: str) -> None:
    assert shown_duration(seconds) == shown
    assert with_duration("Passed", seconds) == text


@pytest.mark.parametrize("value", [0.25, 3, 1e8])
def test_valid_seconds_are_kept(value: float) -> None:
    assert parse_seconds(value) == value


@pytest.mark.parametrize(
    "value", [-1, 0, float("inf"), float("-inf"), float("nan"), 1e300, 10**400, "1", None, [1], True]
)
def test_invalid_seconds_give_zero(value: object) -> None:
    assert parse_seconds(value) == 0.0


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0.001, "10 s"),
        (10.0, "10 s"),
        (10.1, "20 s"),
        (50.0, "50 s"),
        (50.1, "1 m"),
        (89.0, "1 m"),
        (91.0, "2 m"),
        (59 * 60 + 29, "59 m"),
        (60 * 60, "1 h 00 m"),
        (62 * 60, "1 h 00 m"),
        (66 * 60, "1 h 05 m"),
        (119 * 60, "2 h 00 m"),
    ],
)
def test_rough_durations_have_steps(seconds: float, expected: str) -> None:
    assert rough_duration(seconds) == expected
