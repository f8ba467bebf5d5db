"""Read the requests that reached a server, and compute how many a run may send."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

from checks.core.model.limits import ANNOTATIONS_PER_REQUEST

#: Installation, token, search for a check of the same name, creation, completion, and one to spare.
REQUESTS_ASIDE = 6
_ACCEPTED = (200, 201)


@dataclass(frozen=True, kw_only=True)
class MeasuredRequest:
    """A request that reached the server; `time` is when it was processed, in seconds since the epoch.

    `failures`: how many of its annotations are failures or warnings.
    """

    method: str
    path: str
    time: float
    annotations: int = 0
    failures: int = 0
    completes: bool = False

    @property
    def writes(self) -> bool:
        """Whether it created or changed the check run, which GitHub limits."""
        return self.method != "GET" and self.path.startswith("/repos/")

    @property
    def is_idle(self) -> bool:
        """Whether it is an update without anything new."""
        return self.method == "PATCH" and not self.annotations and not self.completes


def read(log: Path) -> tuple[MeasuredRequest, ...]:
    """Return the requests of a server's log, in order."""
    return tuple(_parsed(json.loads(line)) for line in log.read_text().splitlines())


def max_requests(requests: Sequence[MeasuredRequest], *, annotations: int) -> int:
    """Return the most requests that a run with this much to report may send."""
    idle = sum(request.is_idle for request in requests)
    return ceil(annotations / ANNOTATIONS_PER_REQUEST) + idle + REQUESTS_ASIDE


def _parsed(line: Mapping[str, Any]) -> MeasuredRequest:
    body, is_accepted = line["body"], line["status"] in _ACCEPTED
    annotations = body.get("output", {}).get("annotations", []) if is_accepted else []
    return MeasuredRequest(
        method=line["method"],
        path=line["path"],
        time=line["time"],
        annotations=len(annotations),
        failures=sum(annotation["annotation_level"] != "notice" for annotation in annotations),
        completes=is_accepted and "conclusion" in body,
    )
