"""Compute what GitHub's limits require in any case: the number of requests, and the time between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from checks.core.github.rate_limit import Pacing
from checks.core.model.limits import ANNOTATIONS_PER_REQUEST, SECONDS_BETWEEN_WRITES, WRITES_PER_BURST

#: Installation, token, search for a check of the same name, creation, completion, and one to spare.
REQUESTS_ASIDE = 6


@dataclass(frozen=True, kw_only=True)
class MeasuredRequest:
    """A request that reached the server; `time` is when it was processed, in seconds since the epoch."""

    method: str
    path: str
    time: float
    annotations: int = 0
    completes: bool = False

    @property
    def writes(self) -> bool:
        """Whether it created or changed the check run, which the pacing counts."""
        return self.method != "GET" and self.path.startswith("/repos/")

    @property
    def is_idle(self) -> bool:
        """Whether it is an update without anything new."""
        return self.method == "PATCH" and not self.annotations and not self.completes


def max_requests(requests: Sequence[MeasuredRequest], *, annotations: int) -> int:
    """Return the most requests that a run with this much to report may send."""
    idle = sum(request.is_idle for request in requests)
    return ceil(annotations / ANNOTATIONS_PER_REQUEST) + idle + REQUESTS_ASIDE


def seconds_to_completion(requests: Sequence[MeasuredRequest], since: float) -> float:
    """Return the seconds from `since` until the check run was completed."""
    return next(request.time for request in requests if request.completes) - since


def remaining_batches(requests: Sequence[MeasuredRequest], since: float, *, answer_seconds: float) -> int:
    """Return the fewest writes that send what remained at that time, and complete the run."""
    remaining = sum(request.annotations for request in requests if request.time - answer_seconds > since)
    return max(1, ceil(remaining / ANNOTATIONS_PER_REQUEST))


def fewest_remaining(annotations: int, seconds: float) -> int:
    """Return how many full requests the pacing delays if annotations arrive for `seconds` and are sent as it allows."""
    allowed = WRITES_PER_BURST + int(seconds / SECONDS_BETWEEN_WRITES)
    return max(0, ceil(annotations / ANNOTATIONS_PER_REQUEST) - allowed)


def required_seconds(
    requests: Sequence[MeasuredRequest], since: float, *, batches: int, answer_seconds: float
) -> float:
    """Return how long these writes must take from `since` on, each of them answered after `answer_seconds`."""
    pacing, now = Pacing(), since
    for time in (request.time - answer_seconds for request in requests if request.writes):
        if time <= since:
            pacing = pacing.spent(time)
            now = max(since, time + answer_seconds)
    for _ in range(batches):
        now += pacing.seconds_until_ready(now)
        pacing = pacing.spent(now)
        now += answer_seconds
    return now - since
