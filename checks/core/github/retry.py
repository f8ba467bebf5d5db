"""Decides whether to retry a failed request, and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from .error_kind import SETUP_KINDS, ErrorKind, RequestFailure, classify

_LONGEST_BACK_OFF_SECONDS = 30.0
_RATE_LIMIT_SECONDS = 60.0
#: What a wrong setting always causes, but a proxy, GitHub itself or a DNS server may also cause for a moment.
_BRIEF_KINDS = frozenset({ErrorKind.NOT_API, ErrorKind.NAME_RESOLUTION})
_ATTEMPTS_BEFORE_AN_ANSWER = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class TryAgain:
    """Retry after `seconds`."""

    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveUp:
    """Do not retry. `seconds`: how long GitHub asks to wait."""

    error_kind: ErrorKind
    seconds: float = 0.0


def decide_retry(
    failure: RequestFailure, *, failures: int, remaining_seconds: float, jitter: float, has_answered: bool = True
) -> TryAgain | GiveUp:
    """Return what to do after `failure`, which was the request's `failures`-th of its kind.

    Gives up if the wait would exceed `remaining_seconds`. `jitter`, in [0, 1), spreads the retries of a matrix's jobs,
    which all fail at the same time. Until GitHub `has_answered` once, a wrong setting is assumed: if something else
    than the API answers, or no DNS server does, it is retried twice; a refused connection or certificate is not.
    """
    error_kind = classify(failure)
    match error_kind:
        case ErrorKind.RATE_LIMIT:
            seconds = _rate_limit_seconds(failure, failures) + jitter
        case _ if error_kind in _BRIEF_KINDS and not has_answered and failures >= _ATTEMPTS_BEFORE_AN_ANSWER:
            return GiveUp(error_kind=error_kind)
        case ErrorKind.CERTIFICATE | ErrorKind.NO_CONNECTION if not has_answered:
            return GiveUp(error_kind=error_kind)
        case _ if error_kind is ErrorKind.UNREACHABLE or error_kind in SETUP_KINDS:
            seconds = min(2.0 ** (failures - 1), _LONGEST_BACK_OFF_SECONDS) * (0.5 + jitter / 2)
        case _:
            return GiveUp(error_kind=error_kind)
    if seconds <= remaining_seconds:
        return TryAgain(seconds=seconds)
    return GiveUp(error_kind=error_kind, seconds=seconds if error_kind is ErrorKind.RATE_LIMIT else 0.0)


def server_time(headers: Mapping[str, str]) -> float | None:
    """Return the server's time from its ``Date`` header in seconds since the epoch, or None."""
    try:
        return parsedate_to_datetime(headers["date"]).timestamp()
    except (KeyError, ValueError, OverflowError):
        return None


def _rate_limit_seconds(failure: RequestFailure, failures: int) -> float:
    """Return how long to wait: ``retry-after``, else until the reset of a spent budget, else 60 s, doubling.

    https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
    """
    headers = failure.headers
    if (retry_after := headers.get("retry-after", "")).isdecimal():
        return float(retry_after)
    now, reset = server_time(headers), headers.get("x-ratelimit-reset", "")
    if headers.get("x-ratelimit-remaining", "0") == "0" and reset.isdecimal() and now is not None:
        return max(0.0, float(reset) - now) + 1.0  # the reset may be anywhere within that second
    return _RATE_LIMIT_SECONDS * float(2 ** (failures - 1))
