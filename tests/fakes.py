"""One recording stand-in for each port."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from checks.words.check_run import Annotation, CheckRun, Published, Status
from checks.words.ports import PublishError


class MemorySpool:
    """`Spool` in memory."""

    def __init__(self) -> None:
        self.kept: list[Annotation] = []

    def put(self, annotation: Annotation) -> int:
        self.kept.append(annotation)
        return len(self.kept) - 1

    def get(self, key: int) -> Annotation:
        return self.kept[key]


class FakeClock:
    """`Clock` that stands until it is moved."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def now(self) -> float:
        return self.seconds

    def monotonic(self) -> float:
        return self.seconds


class FakePublisher:
    """`Publisher` that keeps what it was told; it can refuse, and a test can wait for its updates."""

    name = "fake"

    def __init__(self, *, refuses_create: str = "", refuses_update: str = "", pacing_seconds: float = 0.0) -> None:
        self.created: list[CheckRun] = []
        self.updates: list[tuple[CheckRun, tuple[Annotation, ...]]] = []
        self.refuses_create = refuses_create
        self.refuses_update = refuses_update
        self.pacing_seconds = pacing_seconds
        self.refusals = 0
        self._told = threading.Condition()

    def create(self, run: CheckRun) -> Published:
        if self.refuses_create:
            raise PublishError(self.refuses_create)
        self.created.append(run)
        return Published(id="17", page="https://github.test/o/r/runs/17")

    def update(self, published: Published, run: CheckRun, annotations: Sequence[Annotation]) -> None:
        assert published.id == "17"
        with self._told:
            if self.refuses_update:
                self.refusals += 1
                self._told.notify_all()
                raise PublishError(self.refuses_update)
            self.updates.append((run, tuple(annotations)))
            self._told.notify_all()

    def seconds_until_ready(self) -> float:
        return self.pacing_seconds

    def wait_for(self, updates: int) -> None:
        """Wait until there were so many updates."""
        with self._told:
            assert self._told.wait_for(lambda: len(self.updates) >= updates, timeout=10), len(self.updates)

    def wait_for_refusals(self, refusals: int) -> None:
        """Wait until so many updates were refused."""
        with self._told:
            assert self._told.wait_for(lambda: self.refusals >= refusals, timeout=10)

    @property
    def sizes(self) -> list[int]:
        return [len(annotations) for _, annotations in self.updates]

    @property
    def titles(self) -> list[str]:
        return [annotation.title for _, annotations in self.updates for annotation in annotations]

    @property
    def statuses(self) -> list[Status]:
        return [run.status for run, _ in self.updates]
