from __future__ import annotations

import pytest

from checks.core.github.error_kind import SETUP_KINDS, ErrorKind, RequestFailure
from checks.core.github.retry import GiveUp, TryAgain, decide_retry, server_time

DATE = "Thu, 01 Jan 2026 00:00:00 GMT"
MIDNIGHT = 1_767_225_600


def decided(
    failure: RequestFailure, *, failures: int = 1, remaining_seconds: float = 1e9, jitter: float = 0.0
) -> TryAgain | GiveUp:
    return decide_retry(failure, failures=failures, remaining_seconds=remaining_seconds, jitter=jitter)


@pytest.mark.parametrize("status", [None, 500, 502, 503, 504, 408])
def test_temporary_failure_is_retried(status: int | None) -> None:
    assert decided(RequestFailure(status=status, message="")) == TryAgain(seconds=0.5)


@pytest.mark.parametrize(("failures", "least", "most"), [(1, 0.5, 1), (2, 1, 2), (3, 2, 4), (6, 15, 30), (40, 15, 30)])
def test_backoff_doubles_up_to_half_a_minute_with_jitter(failures: int, least: float, most: float) -> None:
    failure = RequestFailure(status=502, message="Bad Gateway")
    assert decided(failure, failures=failures) == TryAgain(seconds=least)
    half = decided(failure, failures=failures, jitter=0.5)
    assert half == TryAgain(seconds=(least + most) / 2)


@pytest.mark.parametrize("status", [403, 429])
@pytest.mark.parametrize(
    ("headers", "failures", "seconds"),
    [
        pytest.param({"retry-after": "7"}, 1, 7, id="retry-after"),
        pytest.param({"retry-after": "7"}, 3, 7, id="retry-after-is-not-doubled"),
        pytest.param({"retry-after": "0"}, 1, 0, id="retry-after-at-once"),
        pytest.param(
            {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(MIDNIGHT + 90), "date": DATE}, 1, 91, id="reset"
        ),
        pytest.param(
            {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(MIDNIGHT - 9), "date": DATE}, 1, 1, id="reset-past"
        ),
        pytest.param({"x-ratelimit-reset": str(MIDNIGHT + 90), "date": DATE}, 1, 91, id="reset-alone"),
        pytest.param(
            {"retry-after": "7", "x-ratelimit-remaining": "0", "x-ratelimit-reset": str(MIDNIGHT + 90), "date": DATE},
            1,
            7,
            id="retry-after-comes-first",
        ),
        pytest.param(
            {"x-ratelimit-remaining": "4000", "x-ratelimit-reset": str(MIDNIGHT + 90), "date": DATE},
            1,
            60,
            id="the-reset-of-a-budget-that-is-left-means-nothing",
        ),
        pytest.param({}, 1, 60, id="neither"),
        pytest.param({}, 2, 120, id="neither-again"),
        pytest.param({}, 3, 240, id="neither-a-third-time"),
        pytest.param({"retry-after": "soon"}, 1, 60, id="nonsense"),
        pytest.param(
            {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "?", "date": DATE}, 1, 60, id="reset-nonsense"
        ),
        pytest.param({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "9", "date": "?"}, 1, 60, id="date-nonsense"),
    ],
)
def test_rate_limit_wait_follows_githubs_headers(
    status: int, headers: dict[str, str], failures: int, seconds: float
) -> None:
    failure = RequestFailure(status=status, message="You have exceeded a secondary rate limit.", headers=headers)
    assert decided(failure, failures=failures) == TryAgain(seconds=seconds)
    assert decided(failure, failures=failures, jitter=0.5) == TryAgain(seconds=seconds + 0.5)


@pytest.mark.parametrize(
    ("failure", "error_kind", "seconds"),
    [
        (RequestFailure(status=429, message="", headers={"retry-after": "61"}), ErrorKind.RATE_LIMIT, 61.0),
        (RequestFailure(status=502, message=""), ErrorKind.UNREACHABLE, 0.0),
        (RequestFailure(status=None, message="ReadTimeout"), ErrorKind.UNREACHABLE, 0.0),
    ],
)
def test_wait_beyond_budget_gives_up(failure: RequestFailure, error_kind: ErrorKind, seconds: float) -> None:
    needed = decided(failure)
    assert isinstance(needed, TryAgain)
    assert decided(failure, remaining_seconds=needed.seconds) == needed
    assert decided(failure, remaining_seconds=needed.seconds - 0.01) == GiveUp(error_kind=error_kind, seconds=seconds)


@pytest.mark.parametrize(
    ("status", "error_kind"),
    [
        (401, ErrorKind.CREDENTIALS),
        (403, ErrorKind.PERMISSION),
        (404, ErrorKind.NOT_FOUND),
        (422, ErrorKind.INVALID),
        (413, ErrorKind.INVALID),
        (451, ErrorKind.FORBIDDEN),
    ],
)
def test_permanent_failure_is_not_retried(status: int, error_kind: ErrorKind) -> None:
    assert decided(RequestFailure(status=status, message="no")) == GiveUp(error_kind=error_kind)


@pytest.mark.parametrize("has_answered", [False, True])
@pytest.mark.parametrize("failures", [1, 2, 3])
@pytest.mark.parametrize("kind", sorted(SETUP_KINDS, key=str))
def test_wrong_setting_is_retried_for_long_once_github_answered(
    kind: ErrorKind, failures: int, has_answered: bool
) -> None:
    retries = 2 if kind in {ErrorKind.NOT_API, ErrorKind.NAME_RESOLUTION} else 0
    failure = RequestFailure(status=None, message="Connection refused", kind=kind)
    decision = decide_retry(failure, failures=failures, remaining_seconds=300, jitter=0.0, has_answered=has_answered)
    is_retried = has_answered or failures <= retries
    assert decision == (TryAgain(seconds=2.0 ** (failures - 2)) if is_retried else GiveUp(error_kind=kind))


@pytest.mark.parametrize("date", ["", "?", f"Mon, 01 Jan {'9' * 20} 00:00:00 GMT"], ids=["", "nonsense", "overflow"])
def test_date_of_a_broken_proxy_is_ignored(date: str) -> None:
    assert server_time({"date": date}) is None


def test_server_time_is_read_from_date_header() -> None:
    assert server_time({"date": DATE}) == MIDNIGHT


@pytest.mark.parametrize("headers", [{}, {"date": ""}, {"date": "yesterday"}])
def test_missing_or_invalid_date_has_no_server_time(headers: dict[str, str]) -> None:
    assert server_time(headers) is None
