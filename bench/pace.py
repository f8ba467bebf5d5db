"""What GitHub's limits ask of a run, whatever we do: so many requests, and so many seconds between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from checks.core.github.rate_limit import Pacing
from checks.core.model.limits import ANNOTATIONS_PER_REQUEST, SECONDS_BETWEEN_WRITES, WRITES_PER_BURST

#: Finding the installation, its token, looking for a check of the same name, putting up, completing, and one to spare.
REQUESTS_ASIDE = 6


@dataclass(frozen=True, kw_only=True)
class MeasuredRequest:
    """One that reached the server; `time` is when it was carried out, in seconds since the epoch."""

    method: str
    path: str
    time: float
    annotations: int = 0
    completes: bool = False

    @property
    def writes(self) -> bool:
        """Whether it made or changed the check run, which the pacing counts."""
        return self.method != "GET" and self.path.startswith("/repos/")

    @property
    def is_idle(self) -> bool:
        """Whether it is an update that says how things stand, and brings nothing new."""
        return self.method == "PATCH" and not self.annotations and not self.completes


def max_requests(requests: Sequence[MeasuredRequest], *, annotations: int) -> int:
    """What a run may take that had so much to tell."""
    idle = sum(request.is_idle for request in requests)
    return ceil(annotations / ANNOTATIONS_PER_REQUEST) + idle + REQUESTS_ASIDE


def seconds_to_completion(requests: Sequence[MeasuredRequest], since: float) -> float:
    """How long it took from then on until the check run was completed."""
    return next(request.time for request in requests if request.completes) - since


def remaining_batches(requests: Sequence[MeasuredRequest], since: float, *, answer_seconds: float) -> int:
    """How many writes it takes at least to send what was not sent by then, and to complete."""
    remaining = sum(request.annotations for request in requests if request.time - answer_seconds > since)
    return max(1, ceil(remaining / ANNOTATIONS_PER_REQUEST))


def fewest_remaining(annotations: int, seconds: float) -> int:
    """How many full requests the pacing makes wait, when annotations came for so long and were sent as it allows."""
    allowed = WRITES_PER_BURST + int(seconds / SECONDS_BETWEEN_WRITES)
    return max(0, ceil(annotations / ANNOTATIONS_PER_REQUEST) - allowed)


def required_seconds(
    requests: Sequence[MeasuredRequest], since: float, *, batches: int, answer_seconds: float
) -> float:
    """How long so many more writes must take from then on, each of them carried out after `answer_seconds`."""
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
