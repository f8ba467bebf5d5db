"""A recording fake for each port."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import count

from checks.core.comment.conversation import Conversation
from checks.core.comment.decide import Comment, CommentChange, CreateComment, DeleteComment, UpdateComment
from checks.core.model.check_run import Annotation, CheckRun, Conclusion, Published, RemoteCheckRun, Status
from checks.core.model.intents import RepositoryRef
from checks.core.model.ports import Condition, CurrentUpdate, PublishError, Update, Urgency
from checks.core.rerun.decision import Origin
from checks.core.rerun.repository import Dispatched, NotDispatchedError
from tests.support.waits import HANG_SECONDS

#: A wait during which other threads continue.
_LONG_SECONDS = 20.0
_POLL_SECONDS = 0.01


class MemorySpool:
    """`Spool` in memory."""

    def __init__(self) -> None:
        self.annotations: list[Annotation] = []

    def put(self, annotation: Annotation) -> int:
        self.annotations.append(annotation)
        return len(self.annotations) - 1

    def get(self, key: int) -> Annotation:
        return self.annotations[key]


class MemoryRecords:
    """`Records` in memory, with room for `limit` of them."""

    def __init__(self, limit: int = 1_000_000) -> None:
        self.limit = limit
        self.missing = 0
        self.records: list[bytes] = []

    def put(self, record: bytes) -> int:
        key = len(self.records) + self.missing
        if key < self.limit:
            self.records.append(record)
        else:
            self.missing += 1
        return key

    def get(self, key: int) -> bytes | None:
        return self.records[key] if key < len(self.records) else None

    def blocks(self) -> Iterator[bytes]:
        """Yield two records at a time."""
        lines = [record + b"\n" for record in self.records]
        return (b"".join(lines[start : start + 2]) for start in range(0, len(lines), 2))


class FakeClock:
    """`Clock` that only tests move."""

    def __init__(self, seconds: float = 1000.0) -> None:
        self.seconds = seconds

    def now(self) -> float:
        return self.seconds

    def monotonic(self) -> float:
        return self.seconds

    def wait(self, changed: Condition, seconds: float | None) -> None:
        changed.wait(seconds)

    def sleep(self, seconds: float) -> bool:
        """Advance the time at once; return False, as for a wait that nothing interrupts."""
        self.seconds += seconds
        return False


class JumpClock:
    """`Clock` for two threads on which waits take hardly any real time, but all of their fake time.

    While it `is_held`, a long wait lasts until somebody moves the clock, so that the result does not depend on the
    threads' speed. `wait_for_quiet` waits until the waiting thread has nothing more to do.
    """

    def __init__(self, seconds: float = 1_700_000_000.0) -> None:
        self.seconds = seconds
        self.is_held = False
        self._is_quiet = threading.Event()
        self._changed: threading.Condition | None = None

    def now(self) -> float:
        return self.seconds

    def monotonic(self) -> float:
        return self.seconds

    def wait(self, changed: Condition, seconds: float | None) -> None:
        is_long = seconds is None or seconds > _LONG_SECONDS
        if is_long:
            assert isinstance(changed, threading.Condition)
            self._changed = changed
            self._is_quiet.set()
        if seconds is None or (is_long and self.is_held):
            changed.wait()
        elif not changed.wait(_POLL_SECONDS * is_long):
            self.seconds += seconds

    def wait_for_quiet(self) -> None:
        self._is_quiet.clear()
        if self._changed is not None:
            with self._changed:
                self._changed.notify_all()  # so that it looks at its input and the time
        assert self._is_quiet.wait(HANG_SECONDS), "the sender never becomes idle"


class FakeCancel:
    """`Cancellation` under a test's control, on `clock`; `noticed` is set once the program has seen it."""

    def __init__(self, clock: FakeClock | JumpClock) -> None:
        self._clock = clock
        self._since: float | None = None
        self.noticed = threading.Event()

    def set(self) -> None:
        if self._since is None:
            self._since = self._clock.monotonic()

    @property
    def is_on(self) -> bool:
        return self._since is not None

    def is_set(self) -> bool:
        if self.is_on:
            self.noticed.set()
        return self.is_on

    def seconds_ago(self) -> float:
        return 0.0 if self._since is None else self._clock.monotonic() - self._since


class FakePublisher:
    """`Publisher` that records updates; it can refuse them, and a test can wait for them.

    What is not urgent also waits for other jobs, `others_seconds`. If it `creates_current`, `created_as` is
    the update that the creation made.
    """

    name = "fake"

    def __init__(
        self, *, refuses_create: str = "", refuses_update: str = "", pacing_seconds: float = 0.0, run_id: str = "17"
    ) -> None:
        self.run_id = run_id
        self.created: list[CheckRun] = []
        self.updates: list[tuple[CheckRun, tuple[Annotation, ...]]] = []
        self.refuses_create = refuses_create
        self.refuses_update = refuses_update
        self.commit_states: list[Conclusion | None] = []
        self.refuses_commit_status = False
        self.raises: Exception | None = None
        self.refused: list[tuple[Annotation, ...]] = []
        self.pacing_seconds = pacing_seconds
        self.others_seconds = 0.0
        self.creates_current = False
        self.created_as: Update | None = None
        self._updated = threading.Condition()

    def create(self, run: CheckRun, current: CurrentUpdate | None = None) -> Published:
        if self.refuses_create:
            raise PublishError(self.refuses_create)
        if self.creates_current and current is not None:
            self.created_as = current(self.seconds_until_ready)
        self.created.append(run)
        return Published(id=self.run_id, page=f"https://github.test/o/r/runs/{self.run_id}")

    def update(self, published: Published, run: CheckRun, annotations: Sequence[Annotation]) -> None:
        assert published.id == self.run_id
        with self._updated:
            if error := self.raises or (PublishError(self.refuses_update) if self.refuses_update else None):
                self.refused.append(tuple(annotations))
                self._updated.notify_all()
                raise error
            self.updates.append((run, tuple(annotations)))
            self._updated.notify_all()

    def set_commit_status(self, published: Published, run: CheckRun) -> bool:
        assert published.id == self.run_id
        self.commit_states.append(run.conclusion)
        return not self.refuses_commit_status

    def seconds_until_ready(self, urgency: Urgency) -> float:
        return self.pacing_seconds if urgency is Urgency.URGENT else max(self.pacing_seconds, self.others_seconds)

    def wait_for(self, updates: int) -> None:
        """Wait until there were this many updates."""
        with self._updated:
            assert self._updated.wait_for(lambda: len(self.updates) >= updates, timeout=HANG_SECONDS), len(self.updates)

    def wait_for_refusals(self, refusals: int) -> None:
        """Wait until this many updates were refused."""
        with self._updated:
            assert self._updated.wait_for(lambda: len(self.refused) >= refusals, timeout=HANG_SECONDS)

    @property
    def sizes(self) -> list[int]:
        return [len(annotations) for _, annotations in self.updates]

    @property
    def titles(self) -> list[str]:
        return [annotation.title for _, annotations in self.updates for annotation in annotations]

    @property
    def statuses(self) -> list[Status]:
        return [run.status for run, _ in self.updates]


class FakePullRequest:
    """`CommentedPullRequest` that records writes. Each step of `meanwhile` happens after a write, in order.

    `refuses` is raised by the next write, which takes effect if that may have been applied.
    """

    def __init__(self, *runs: RemoteCheckRun, head: str, comments: Sequence[Comment] = ()) -> None:
        self.existing_runs = [*runs]
        self.existing = [*comments]
        self.commit = head
        self.written: list[CommentChange] = []
        self.meanwhile: list[Callable[[], object]] = []
        self.refuses: PublishError | None = None
        self.hides_new = False
        self.seconds = 10.0
        self._ids = count(1_000)

    def runs(self, commit: str) -> tuple[RemoteCheckRun, ...]:
        return tuple(run for run in self.existing_runs if run.head_sha == commit)

    def comments(self) -> tuple[Comment, ...]:
        return tuple(comment for comment in self.existing if not (self.hides_new and int(comment.id) >= 1_000))

    def head(self) -> str:
        return self.commit

    def write(self, change: CommentChange) -> None:
        error, self.refuses = self.refuses, None
        if error is None or error.may_have_been_applied:
            self._apply(change)
        for step in self.meanwhile[:1]:
            self.meanwhile.pop(0)
            step()
        if error is not None:
            raise error
        self.written.append(change)

    def _apply(self, change: CommentChange) -> None:
        match change:
            case CreateComment(body=body):
                self.existing.append(Comment(id=str(next(self._ids)), body=body, is_own_author=True))
            case UpdateComment(id=number, body=body):
                self.existing = [replace(old, body=body) if old.id == number else old for old in self.existing]
            case DeleteComment(id=number):
                self.existing = [old for old in self.existing if old.id != number]

    def remaining_seconds(self) -> float:
        return self.seconds


class FakeRerunRepository:
    """Records calls: `written` lists writes in order, `reads` lists reads.

    Write number `breaks_at`, counted from 0, raises an error: before or, if `is_carried_out`, after it takes effect.
    """

    def __init__(
        self, *runs: RemoteCheckRun, permission: str = "write", origins: Mapping[str, Origin] | None = None
    ) -> None:
        self.existing_runs = list(runs)
        self.written: list[tuple[str, ...]] = []
        self.reads: list[tuple[str, ...]] = []
        self.repository_refs: list[RepositoryRef] = []
        self.inputs: list[str] = []
        self.dispatched: dict[str, str] = {}
        self.write_budget = 1_000
        self.budget_per_write = 0  # of the rate limit
        self.time = 1000.0
        self.seconds = 5.0
        self.write_seconds = 0.0
        self.refuses_dispatch: Mapping[str, str] = {}
        self.returns_run_details = True
        self.refuses_commit_status = ""
        self.pull_requests: dict[int, FakePullRequest] = {}
        self.conversations: dict[int, Conversation] = {}
        self.breaks_at: int | None = None
        self.is_carried_out = False
        self._permission = permission
        self._origins = dict(origins or {})
        self._ids = count(1_000)
        self._writes = count()

    @contextmanager
    def of(self, repository_ref: RepositoryRef, writes: int) -> Iterator[FakeRerunRepository]:
        """Return this repository, as a `RepositoryOf`."""
        self.repository_refs.append(repository_ref)
        self.reads.append(("room", str(writes)))
        yield self

    def permission(self, login: str) -> str:
        self.reads.append(("permission", login))
        return self._permission

    def runs(self, commit: str, *, name: str = "", only_latest: bool = False) -> tuple[RemoteCheckRun, ...]:
        self.reads.append(("runs", commit, name, "latest" if only_latest else "all"))
        found = [run for run in self._known_runs(commit) if name in ("", run.name)]
        return tuple({run.name: run for run in found}.values() if only_latest else found)

    def incomplete_runs(self, commit: str) -> tuple[RemoteCheckRun, ...]:
        self.reads.append(("incomplete", commit))
        return tuple(run for run in self._known_runs(commit) if run.status is not Status.COMPLETED)

    def _known_runs(self, commit: str) -> list[RemoteCheckRun]:
        """Return the runs on a commit, with the workflow runs that are remembered."""
        return [
            replace(run, identity=replace(run.identity, run_id=self.dispatched[run.id]))
            if run.identity and not run.identity.run_id and run.id in self.dispatched
            else run
            for run in self.existing_runs
            if run.head_sha == commit
        ]

    def origin(self, run_id: str) -> Origin | None:
        self.reads.append(("origin", run_id))
        return self._origins.get(run_id)

    def dispatched_runs(self, workflow: str, since: float) -> tuple[Origin, ...]:
        self.reads.append(("dispatched", workflow, f"{since:g}"))
        return tuple(origin for origin in self._origins.values() if origin.event == "workflow_dispatch")[::-1]

    def last_success(self, workflow: str) -> float:
        self.reads.append(("last success", workflow))
        return 0.0

    def create(self, run: CheckRun) -> Published:
        with self._write("create", run.name):
            number = str(next(self._ids))
            self.existing_runs.append(_remote_run(number, run))
        return Published(id=number)

    def update(self, published: Published, run: CheckRun) -> Published:
        with self._write("update", published.id):
            self.existing_runs = [
                _remote_run(existing.id, run) if existing.id == published.id else existing
                for existing in self.existing_runs
            ]
        return Published(id=published.id, page=f"https://github.test/o/r/runs/{published.id}")

    def set_commit_status(self, published: Published, run: CheckRun) -> str:
        if not run.identity.has_commit_status:
            return ""
        with self._write("status", published.id, str(run.conclusion)):
            return self.refuses_commit_status

    def commented(self, pull_request: int) -> FakePullRequest:
        return self.pull_requests[pull_request]

    def conversation(self, pull_request: int) -> Conversation:
        return self.conversations[pull_request]

    def dispatch(self, workflow: str, ref: str, rerun: str) -> Dispatched:
        with self._write("dispatch", workflow, ref):
            if workflow in self.refuses_dispatch:
                raise NotDispatchedError(self.refuses_dispatch[workflow])
            self.inputs.append(rerun)
        if not self.returns_run_details:
            return Dispatched()
        run_id = str(5_000 + len(self.inputs))
        self._origins[run_id] = Origin(
            repository="octo/demo",
            branch=ref,
            head_sha="",
            workflow=workflow,
            event="workflow_dispatch",
            status="in_progress",
        )
        return Dispatched(run_id=run_id, page=f"https://github.test/o/r/actions/runs/{run_id}")

    def remember(self, run_id: str, dispatched: Dispatched) -> None:
        self.dispatched[run_id] = dispatched.run_id or "0"

    def was_dispatched(self, run_id: str) -> bool:
        return run_id in self.dispatched

    def now(self) -> float:
        return self.time

    def remaining_seconds(self) -> float:
        return self.seconds

    def can_write(self, writes: int) -> bool:
        return writes <= self.write_budget

    def has_room(self, writes: int) -> bool:
        return writes <= self.write_budget

    @contextmanager
    def _write(self, *written: str) -> Iterator[None]:
        self.write_budget -= self.budget_per_write
        self.seconds -= self.write_seconds
        is_broken = next(self._writes) == self.breaks_at
        if is_broken and not self.is_carried_out:
            raise PublishError("the connection broke")
        yield
        self.written.append(written)
        if is_broken:
            raise PublishError("the answer was lost")


def _remote_run(number: str, run: CheckRun) -> RemoteCheckRun:
    """Return the run as GitHub describes a run created on a branch."""
    return RemoteCheckRun(
        id=number,
        app=("4711", "Iv23liOctopus"),
        name=run.name,
        head_sha=run.head_sha,
        head_branch="feature",
        identity=run.identity,
        status=run.status,
        conclusion=run.conclusion,
        output=run.output,
        started_at=run.started_at,
        page=f"https://github.test/o/r/runs/{number}",
    )
