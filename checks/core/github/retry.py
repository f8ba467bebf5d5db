"""What to do after a request that failed: try again in so many seconds, or give up, and as what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from .error_kind import ErrorKind, RequestFailure, classify  # why it failed decides whether waiting can help

_LONGEST_BACK_OFF_SECONDS = 30.0
_RATE_LIMIT_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TryAgain:
    """Try again after so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveUp:
    """Do not try again."""

    error_kind: ErrorKind


def decide_retry(
    failure: RequestFailure, *, failures: int, remaining_seconds: float, jitter: float
) -> TryAgain | GiveUp:
    """What to do after `failure`, the last of the request's `failures` of its kind.

    A wait that is longer than what is left of the budget is not begun. `jitter`, at least 0 and below 1, spreads
    the jobs of a matrix, which fail together.
    """
    error_kind = classify(failure)
    match error_kind:
        case ErrorKind.RATE_LIMIT:
            seconds = _rate_limit_seconds(failure, failures) + jitter
        case ErrorKind.UNREACHABLE:
            seconds = min(2.0 ** (failures - 1), _LONGEST_BACK_OFF_SECONDS) * (0.5 + jitter / 2)
        case _:
            return GiveUp(error_kind=error_kind)
    return TryAgain(seconds=seconds) if seconds <= remaining_seconds else GiveUp(error_kind=error_kind)


def server_time(headers: Mapping[str, str]) -> float | None:
    """The server's clock by its ``Date``, in seconds since the epoch; None where it does not tell."""
    try:
        return parsedate_to_datetime(headers["date"]).timestamp()
    except (KeyError, ValueError):
        return None


def _rate_limit_seconds(failure: RequestFailure, failures: int) -> float:
    """By ``retry-after``, else until the reset of an exhausted budget, else a minute and doubling.

    https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
    """
    headers = failure.headers
    if (retry_after := headers.get("retry-after", "")).isdecimal():
        return float(retry_after)
    now, reset = server_time(headers), headers.get("x-ratelimit-reset", "")
    if headers.get("x-ratelimit-remaining", "0") == "0" and reset.isdecimal() and now is not None:
        return max(0.0, float(reset) - now) + 1.0  # it is not said when within that second
    return _RATE_LIMIT_SECONDS * float(2 ** (failures - 1))
