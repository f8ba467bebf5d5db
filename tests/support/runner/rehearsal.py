"""A whole run in this process: the real program and GitHub adapters, with recorded tests and a fake clock."""

from __future__ import annotations

import os
import random
import sys
import tempfile
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import cache, partial
from io import BytesIO
from itertools import pairwise
from math import inf
from pathlib import Path

from checks.adapters.github.checks import GithubChecks
from checks.adapters.github.client import GithubApi
from checks.adapters.github.deadline import Deadline
from checks.adapters.github.retrying import RetryPolicy
from checks.adapters.pytest_process.workspace import LocalWorkspace
from checks.adapters.reports.saved import SavedReports
from checks.adapters.runner.job_files import RunnerFiles
from checks.adapters.runner.job_log import JobLog
from checks.adapters.system.record_file import RecordFile
from checks.adapters.system.spool import FileSpool
from checks.core.model.check_run import CheckRun, Published
from checks.core.model.errors import ExitStatus
from checks.core.model.history import TestKey
from checks.core.model.item import Section
from checks.core.model.job import Context, ExitReason, ProcessExit, Repository
from checks.core.model.ports import JsonReport, Member, Publisher, PublishError, PytestRun, Workspace
from checks.core.model.settings import Credentials, Settings
from checks.core.redaction.redactor import Redactor
from checks.core.runner import workflow_commands
from checks.core.runner.post_step_state import PostStepState
from checks.programs.publish.publish import publish
from checks.programs.run.create import CheckRunCreator
from checks.programs.run.dependencies import Dependencies
from checks.programs.run.post_step import finish
from checks.programs.run.publishers import AnnouncingPublisher
from checks.programs.run.run import run
from tests.support.fakes import FakeCancel, JumpClock
from tests.support.github.server import REPOSITORY, GithubServer
from tests.support.waits import HANG_SECONDS

SHA = "c0ffee" + "0" * 34
ENVIRON = {"PATH": os.environ["PATH"], "CHECKS_PYTHON": sys.executable, "GIT_CEILING_DIRECTORIES": "/"}
#: As in the main step.
DEADLINE_SECONDS = 290.0
#: Longer than a pause between live updates.
_CHUNK_SECONDS = 60.0
_FILES = ("GITHUB_OUTPUT", "GITHUB_STATE", "GITHUB_STEP_SUMMARY")


@dataclass(frozen=True, kw_only=True)
class Recording:
    """The lines of a real run of pytest, how it ended, and where it ran."""

    lines: tuple[bytes, ...]
    process_exit: ProcessExit
    repository: Repository

    def killed_after(self, lines: int) -> Recording:
        """Return the recording as if the process had been killed at that point."""
        return replace(
            self,
            lines=self.lines[:lines],
            process_exit=ProcessExit(reason=ExitReason.KILLED, signal="SIGKILL", phase="tests"),
        )


@cache
def recorded(test: str, *pytest_args: str) -> Recording:
    """Record a file of tests, once per process."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        (folder / "test_it.py").write_text(test)
        with LocalWorkspace(folder, ".", environ=ENVIRON, sink=lambda _: None) as workspace:
            tests = workspace.start_tests(Settings(pytest_args=pytest_args))
            process_exit = tests.wait(HANG_SECONDS)
            assert process_exit is not None
            lines = tuple(tests.all_lines())
            return Recording(lines=lines, process_exit=process_exit, repository=workspace.repository())


class NoReport:
    """`JsonReport` of a process that died before writing it."""

    name = "report.json"
    is_truncated = True

    def defect(self, session_id: str) -> str:
        del session_id
        return "is missing"

    def members(self) -> Iterator[Member]:
        return iter(())


class Replay:
    """`PytestRun` that replays a recording in chunks, one per minute.

    `before` is called with each chunk's number, and at the end.
    """

    def __init__(
        self, recording: Recording, clock: JumpClock, *, chunks: int = 3, before: Callable[[int], object] = lambda _: 0
    ) -> None:
        self._recording = recording
        self._clock = clock
        self._size = -(-max(1, len(recording.lines)) // chunks)
        self._chunks = chunks
        self._before = before
        self._replayed_chunks = 0
        self._is_stopped = False
        clock.is_held = True

    @property
    def has_unread_lines(self) -> bool:
        return False

    def seal(self) -> None:
        pass

    def wait(self, seconds: float) -> ProcessExit | None:
        """Return the end after all chunks; until then a minute passes once the last chunk is processed."""
        del seconds
        self._clock.wait_for_quiet()
        if self._is_stopped:
            return replace(self._recording.process_exit, reason=ExitReason.CANCELLED)
        if self._replayed_chunks == self._chunks:
            self._before(self._chunks)
            return self._recording.process_exit
        self._clock.seconds += _CHUNK_SECONDS
        return None

    def lines(self) -> Iterator[bytes]:
        if self._replayed_chunks == self._chunks or self._is_stopped:
            return
        self._before(self._replayed_chunks)
        chunk = self._recording.lines[self._replayed_chunks * self._size :][: self._size]
        self._replayed_chunks += 1
        yield from chunk

    def all_lines(self) -> Iterator[bytes]:
        return iter(self._recording.lines[: self._replayed_chunks * self._size])

    def report(self) -> NoReport:
        return NoReport()

    def dump_stacks(self) -> None:
        raise AssertionError("no timeout is set")

    def stop(self, *, seconds: float) -> None:
        del seconds
        self._is_stopped = True


@dataclass(frozen=True, kw_only=True)
class RecordedWorkspace:
    """`Workspace` with one replay."""

    recorded_repository: Repository
    tests: PytestRun
    can_end_all: bool = True
    commit_after: str = SHA
    has_ended: threading.Event = field(default_factory=threading.Event)

    def repository(self) -> Repository:
        return self.recorded_repository

    def head(self) -> tuple[str, tuple[str, ...]]:
        return self.commit_after, ()

    def definition(self, path: str, line: int) -> int:
        del path
        return line

    def source_lines(self, path: str) -> Sequence[str]:
        del path
        return ()

    def crash_output(self, worker: str) -> tuple[Section, ...]:
        del worker
        return ()

    def end_tests(self) -> bool:
        self.has_ended.set()
        return self.can_end_all

    def run_first(self, keys: Collection[TestKey]) -> bool:
        del keys
        return False

    def start_tests(self, settings: Settings, only: Sequence[str] | None = None) -> PytestRun:
        del settings, only
        return self.tests


class Rehearsal:
    """A job at `github`, as the App unless there are other `credentials`, with its files in `folder`.

    `state` is the post step's saved state.
    """

    def __init__(
        self,
        github: GithubServer,
        folder: Path,
        credentials: Credentials | None = None,
        *,
        seed: int = 0,
        budget_seconds: float = 300.0,
    ) -> None:
        self.github = github
        self.clock = JumpClock(github.now())
        github.clock = self.clock.now
        self.cancel = FakeCancel(self.clock)
        self.deadline = Deadline(self.clock, DEADLINE_SECONDS)
        self.state: PostStepState | None = None
        self.has_abandoned = threading.Event()
        self._saved = threading.Condition()
        self._credentials = credentials or app(github)
        self._folder = folder
        self._chance = random.Random(seed)
        self._budget_seconds = budget_seconds
        self._stream = BytesIO()
        environ = {name: str(folder / name) for name in _FILES}
        self.files = RunnerFiles({"GITHUB_ACTIONS": "true", **environ}, self._stream)

    def run(self, workspace: Workspace, settings: Settings | None = None, *publishers: Publisher) -> ExitStatus:
        """Run the main step; the check run is created by `publishers`, by default at GitHub."""
        return self._run(partial(run, settings or Settings()), workspace, publishers)

    def publish(self, workspace: Workspace, *reports: JsonReport) -> ExitStatus:
        """Publish reports."""
        return self._run(partial(publish, reports, Settings()), workspace, ())

    def _run(
        self, program: Callable[..., ExitStatus], workspace: Workspace, publishers: Sequence[Publisher]
    ) -> ExitStatus:
        chosen = publishers or [AnnouncingPublisher(self.checks(), self.files)]
        with closing(FileSpool()) as spool, closing(RecordFile()) as records:
            dependencies = Dependencies(
                creator=CheckRunCreator(publishers=chosen, fallback=JobLog(self.files), warn=self.warn),
                workspace=workspace,
                reports=SavedReports(self._folder, self.warn),
                job=self.files,
                clock=self.clock,
                cancel=self.cancel,
                spool=spool,
                records=records,
                save=self._save,
                start_deadline=self._start_deadline,
            )
            context = Context(
                event="push", repository=REPOSITORY, head_sha=SHA, run_id="1", job="tests", workflow="tests.yml"
            )
            status = program(context, Redactor([], ()), dependencies)
            self.has_abandoned.set()
            for thread in threading.enumerate():
                if thread.name == "check-run":  # left by a cancelled job
                    thread.join(HANG_SECONDS)
        return status

    def finish(self, job_status: str = "success") -> None:
        """Run the post step."""
        if self.state is not None:
            try:
                finish(self.state, job_status, [self.checks()], self.files, self.clock)
            except PublishError as error:
                self.warn(str(error))

    def checks(self) -> GithubChecks:
        retry_policy = RetryPolicy(
            clock=self.clock,
            wait=self._wait,
            is_cancelled=lambda: self.cancel.is_on,
            jitter=self._chance.random,
            budget_seconds=self._budget_seconds,
            deadline=self.deadline.time,
        )
        api = GithubApi(
            self._credentials,
            repository=REPOSITORY,
            api_url=self.github.url,
            retry_policy=retry_policy,
        )
        return GithubChecks(api, log=self.warn)

    def warn(self, sentence: str) -> None:
        self.files.log(workflow_commands.warning(sentence))

    def wait_for_saved(self, conclusion: str) -> None:
        """Wait until the post step's state is saved."""
        with self._saved:
            is_saved = self._saved.wait_for(lambda: self.state and self.state.conclusion == conclusion, HANG_SECONDS)
        assert is_saved, self.state

    @property
    def log(self) -> str:
        return self._stream.getvalue().decode()

    @property
    def summary(self) -> str:
        return self._text("GITHUB_STEP_SUMMARY")

    @property
    def outputs(self) -> dict[str, str]:
        """Return the single-line outputs."""
        lines = self._text("GITHUB_OUTPUT").splitlines()
        return {name.partition("<<")[0]: text for name, text in pairwise(lines) if "<<" in name}

    def _text(self, name: str) -> str:
        path = self._folder / name
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def _start_deadline(self) -> None:
        self.clock.is_held = False  # nobody moves it any more
        self.deadline.start()

    def _wait(self, seconds: float) -> bool:
        if not self.cancel.is_on:
            self.clock.seconds += seconds
        return self.cancel.is_on

    def _save(self, published: Published, run: CheckRun | None) -> None:
        with self._saved:
            self.state = None if run is None else PostStepState.from_run(published, run)
            self._saved.notify_all()


def app(github: GithubServer) -> Credentials:
    return Credentials(app_id=str(github.app.id), private_key=github.app.private_key)


def job_token(github: GithubServer) -> Credentials:
    """A token that is valid as long as the job."""
    value = github.world.actions_token(REPOSITORY)
    github.world.tokens[value].expires_at = inf
    return Credentials(github_token=value)
