from __future__ import annotations

from email.utils import formatdate

import pytest

from checks.core.github.usage import InstallationUsage

MIDNIGHT = 1_800_000_000
RESET = MIDNIGHT + 1800


def headers(used: int, *, reset: int = RESET, passed_seconds: float = 1800.0) -> dict[str, str]:
    """Return the headers of a response so long after its window began."""
    date = formatdate(reset - 3600 + passed_seconds, usegmt=True)
    return {"x-ratelimit-used": str(used), "x-ratelimit-reset": str(reset), "date": date}


QUIET = InstallationUsage().answered(headers(1), 0.0)


def test_alone_there_are_no_others() -> None:
    usage = QUIET
    for second in range(2, 50):
        usage = usage.answered(headers(second), float(second))
    assert (usage.others_per_second, usage.others_per_hour) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("passed_seconds", "per_second", "per_hour"),
    [
        pytest.param(0.0, 5.0, 600.0, id="a new window"),
        pytest.param(600.0, 0.5, 600.0, id="a short window counts as half of one"),
        pytest.param(3600.0, 300 / 3600, 300.0, id="a whole window"),
        pytest.param(-7.0, 5.0, 600.0, id="servers with different clocks"),
    ],
)
def test_first_response_says_what_others_have_sent_in_its_window(
    passed_seconds: float, per_second: float, per_hour: float
) -> None:
    usage = InstallationUsage().answered(headers(301, passed_seconds=passed_seconds), 0.0)
    assert (usage.others_per_second, usage.others_per_hour) == (per_second, per_hour)


def test_growth_between_own_requests_is_that_of_others() -> None:
    usage = QUIET.answered(headers(1 + 30 + 1), 0.3)
    assert usage.others_per_second == pytest.approx(30 / 60, rel=0.01)
    assert usage.answered(headers(1 + 30 + 1 + 600 + 1), 600.3).others_per_second == pytest.approx(1.0, rel=0.01)


def test_busy_minute_is_forgotten_when_others_have_ended() -> None:
    usage = QUIET.answered(headers(302), 1.0)
    assert usage.others_per_second > 4.0
    assert usage.answered(headers(303), 301.0).others_per_second < 0.05


@pytest.mark.parametrize("without", ["x-ratelimit-used", "x-ratelimit-reset"])
def test_nothing_is_known_without_a_count(without: str) -> None:
    usage = InstallationUsage()
    for used in (1, 100, 1000):
        usage = usage.answered({**headers(used), without: ""}, float(used))
    assert (usage.others_per_second, usage.others_per_hour) == (0.0, 0.0)


@pytest.mark.parametrize("digits", [13, 400, 5_000])
@pytest.mark.parametrize("name", ["x-ratelimit-used", "x-ratelimit-reset"])
def test_count_of_a_broken_proxy_is_ignored(name: str, digits: int) -> None:
    usage = QUIET.answered({**headers(301), name: "9" * digits}, 1.0)
    assert (usage.others_per_second, usage.others_per_hour) == (0.0, 0.0)


def test_own_requests_without_a_count_are_no_ones_else() -> None:
    usage = QUIET
    for second in range(10):
        usage = usage.answered({}, float(second))
    assert usage.answered(headers(12), 10.0).others_per_second == 0.0


def test_count_that_is_behind_is_not_counted_again() -> None:
    ahead = QUIET.answered(headers(102), 60.0)
    behind = ahead.answered(headers(90), 60.0)
    again = behind.answered(headers(104), 60.0)
    assert again.others_per_second == pytest.approx(ahead.others_per_second, rel=0.01)


@pytest.mark.parametrize("seconds", [-2, 2])
def test_servers_may_disagree_about_the_end_of_a_window(seconds: int) -> None:
    assert QUIET.answered(headers(62, reset=RESET + seconds), 60.0).others_per_second > 0.5


def test_new_window_does_not_change_what_is_known_of_others() -> None:
    before = QUIET.answered(headers(62), 60.0)
    after = before.answered(headers(1, reset=RESET + 3600, passed_seconds=1.0), 1900.0)
    assert after.others_per_second == before.others_per_second
    assert after.others_per_hour == 0.0
    assert after.answered(headers(62, reset=RESET + 3600), 1960.0).others_per_second > before.others_per_second


def test_larger_count_of_another_budget_is_not_a_growth() -> None:
    assert QUIET.answered(headers(4000, reset=RESET + 600), 1.0).others_per_second == 0.0


def test_date_is_not_needed() -> None:
    counted = {key: value for key, value in headers(361).items() if key != "date"}
    assert InstallationUsage().answered(counted, 0.0).others_per_hour == 360.0
