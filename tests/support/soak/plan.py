"""The faults in one run of the soak test, decided by a seed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from tests.support.github.server import Fault

_RUN = r"/check-runs/\d+$"
_REQUESTS_OF_APPS = (("GET", "/installation$"), ("POST", "/access_tokens$"))
_REQUESTS = (
    ("GET", "/commits/"),
    ("POST", "/check-runs$"),
    ("PATCH", _RUN),
    ("PATCH", _RUN),
    ("GET", _RUN),
)
#: No answer, or an unreadable one; the request may have been applied all the same.
_UNANSWERED = (
    Fault(how="drop"),
    Fault(how="half"),
    Fault(how="html"),
    Fault(how="html", status=502),
    Fault(how="answer", status=500),
    Fault(how="answer", status=502),
    Fault(how="answer", status=503),
)
_LATER = (
    Fault(how="answer", status=429, headers={"Retry-After": "7"}),
    Fault(how="answer", status=429, body={"message": "Slow down"}),
    Fault(how="answer", status=403, body={"message": "You have exceeded a secondary rate limit."}),
    Fault(how="answer", status=403, headers={"Retry-After": "1"}),
    Fault(how="answer", status=403, headers={"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1"}),
)
_REVOKED = Fault(how="answer", status=401, body={"message": "Bad credentials"})
_SLOW = Fault(how="none", delay_seconds=0.005)
_DOWN = Fault(how="answer", status=503)
_TO_THE_END = 100_000


@dataclass(frozen=True, kw_only=True)
class FaultPlan:
    """What happens in a run.

    Attributes:
        is_app: whether the App creates the check run; a third of the time it is the job's token.
        only: which tests there are (``-k``); all if empty.
        killed: share of the tests' lines after which their process dies; 1.0 for never.
        is_real: whether pytest runs, or a recording is replayed.
        chunks: number of parts in which it is replayed.
        faults: an outage comes first.
        cancelling_chunk, cancelling_request: before which the job is cancelled, counted from 0 and from 1.
        refused: numbers in the titles of the tests whose annotations GitHub refuses.
        is_mendable: whether GitHub accepts these in plain characters.
    """

    is_app: bool
    only: str
    killed: float
    is_real: bool
    chunks: int
    faults: tuple[Fault, ...]
    has_outage: bool
    cancelling_chunk: int | None
    cancelling_request: int | None
    refused: tuple[int, ...]
    is_mendable: bool

    @classmethod
    def from_seed(cls, seed: int) -> FaultPlan:
        chance = random.Random(seed)
        kind = chance.choice(["none", "none", "chunk", "request", "outage", "outage", "outage"])
        is_app = chance.random() < 0.4
        is_real = kind != "chunk" and chance.random() < 0.05
        return cls(
            is_app=is_app,
            only=chance.choice(["", "", "", "passes", "passes"]),
            killed=1.0 if is_real or chance.random() < 0.8 else chance.random(),
            is_real=is_real,
            chunks=(chunks := chance.randint(1, 6)),
            faults=(*([_outage(chance)] if kind == "outage" else []), *_faults(chance, is_app=is_app)),
            has_outage=kind == "outage",
            cancelling_chunk=chance.randrange(chunks) if kind == "chunk" else None,
            cancelling_request=chance.randint(3, 14) if kind == "request" else None,
            refused=tuple(chance.sample(range(40), chance.choice([1, 1, 2]))) if chance.random() < 0.2 else (),
            is_mendable=chance.random() < 0.5,
        )

    @property
    def is_cancelled(self) -> bool:
        return self.cancelling_chunk is not None or self.cancelling_request is not None

    @property
    def budget_seconds(self) -> float:
        """Return the program's own budget where it may be spent, else more than all outages can take."""
        return 300.0 if self.is_cancelled or self.has_outage else 20_000.0

    def refuses(self, annotation: dict[str, Any]) -> bool:
        """Whether GitHub refuses the annotation."""
        return self._is_chosen(annotation["title"]) and (not self.is_mendable or "☃" in annotation["message"])

    def is_left_out(self, title: str) -> bool:
        """Whether no annotation with that title can arrive."""
        return self._is_chosen(title) and not self.is_mendable

    def _is_chosen(self, title: str) -> bool:
        return any(f"[{number}]" in title for number in self.refused)


def _outage(chance: random.Random) -> Fault:
    """Return an outage of everything, or of requests for one check run; sometimes only answers are lost."""
    path, first = chance.choice([("", chance.randint(1, 12)), (_RUN, chance.randint(1, 4))])
    times = range(first, first + chance.choice([8, 14, 18, 22, 40, _TO_THE_END]))
    return replace(_DOWN, path=path, nth=times, done=chance.random() < 0.5)


def _faults(chance: random.Random, *, is_app: bool) -> Iterator[Fault]:
    requests = [*(_REQUESTS_OF_APPS if is_app else ()), *_REQUESTS]
    if is_app and chance.random() < 0.4:  # a second one in a row would be permanent, as with a token the first
        method, path = chance.choice(requests)
        yield replace(_REVOKED, method=method, path=path, nth=(chance.randint(1, 6),))
    for _ in range(chance.choice([1, 2, 3, 4, 6])):
        method, path = chance.choice(requests)
        kind = chance.choice([*_UNANSWERED, chance.choice(_LATER), _SLOW])
        is_done = kind in _UNANSWERED and chance.random() < 0.5
        yield replace(kind, method=method, path=path, nth=(chance.randint(1, 6),), done=is_done)
