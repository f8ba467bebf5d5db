"""What the programs ask of the outside: one Protocol each, with one real edge and one recording fake in the tests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from .check_run import Annotation, CheckRun, Output, Published, RemoteCheckRun, Status
from .delivery import Delivery, LoggedDelivery
from .item import Section
from .job import ProcessExit, Repository
from .settings import Settings


class PublishError(Exception):
    """The check run cannot be published there; its text is one sentence for people, with the remedy.

    Attributes:
        is_temporary: whether it may be otherwise in a minute.
        may_have_been_applied: whether it may have been published all the same.
    """

    is_temporary = False
    may_have_been_applied = False


class ForeignCheckRunError(Exception):
    """The check run that was to be taken over is another job's; its text is the reason, as the end of a sentence."""


class Publisher(Protocol):
    """Where a check run is put up: GitHub, a folder, or the job log. Calls come from one thread."""

    name: str

    def create(self, run: CheckRun) -> Published:
        """Put up the check run, without annotations. Raises `PublishError`."""

    def update(self, published: Published, run: CheckRun, annotations: Sequence[Annotation]) -> None:
        """Replace what the run says and append at most 50 annotations, exactly once. Raises `PublishError`.

        The same annotations may be given again after an error; they arrive once all the same.
        """

    def seconds_until_ready(self) -> float:
        """How long the pacing (or a rate limit) asks to wait before the next `update`; 0.0 for now."""


class CheckRunReader(Publisher, Protocol):
    """A publisher that can also be asked what a check run says."""

    def read(self, published: Published) -> tuple[Status, Output]:
        """Its status and output as they are now. Raises `PublishError`."""

    def find(self, run: CheckRun) -> Published | None:
        """Where `run` was put up, and is not completed; None where it was not. Raises `PublishError`."""


class PreviousRuns(Protocol):
    """The check runs of a repository, as GitHub still has them; every call may raise `PublishError`."""

    def run(self, run_id: str) -> RemoteCheckRun:
        """What a check run says."""

    def failures(self, run_id: str) -> Iterator[Annotation]:
        """Its annotations that are failures, in their order, with whole titles."""


class DeliveryLog(Protocol):
    """What the App's webhook was to deliver in the last days; every call may raise `PublishError`."""

    def since(self, time: float) -> Iterator[LoggedDelivery]:
        """The attempts from `time` on (seconds since the epoch), the newest first."""

    def delivery(self, logged: LoggedDelivery) -> Delivery:
        """An attempt's event, with its payload."""


#: Of a JSON report: name, value (of a list one element), and the value's text as it stands there, empty if unknown.
Member = tuple[str, Any, str]


class JsonReport(Protocol):
    """A report as pytest-json-report writes it, which may be of any size and in any state."""

    def defect(self, session_id: str) -> str:
        """Why it cannot be taken for that session's whole report, as ``is missing``; empty where it can."""

    def members(self) -> Iterator[Member]:
        """Its members in their order, of each list the elements one by one; they end where the file breaks off."""


class PytestRun(Protocol):
    """The tests' process, from its start to its end."""

    @property
    def has_unread_lines(self) -> bool:
        """Whether the last call of `lines` left lines unread that are there."""

    def lines(self) -> Iterator[bytes]:
        """The channel's whole lines that came since the last call, as many as one call takes; does not wait."""

    def seal(self) -> None:
        """Ignore what is appended to the channel from now on: whoever is left behind may append forever."""

    def wait(self, seconds: float) -> ProcessExit | None:
        """Wait at most so long for its end; None while it runs."""

    def dump_stacks(self) -> None:
        """Ask the processes that run tests where their threads stand, before they are stopped; the end tells it."""

    def stop(self, *, seconds: float) -> None:
        """SIGINT, SIGTERM and SIGKILL to the whole tree, spread over at most so long; `wait` tells the end."""

    def all_lines(self) -> Iterator[bytes]:
        """The channel's whole lines from its beginning, once more."""

    def report(self) -> JsonReport:
        """pytest-json-report's file, whatever there is of it."""


class Workspace(Protocol):
    """The checked-out repository and the test environment in it."""

    def repository(self) -> Repository:
        """What git knows of it."""

    def head(self) -> tuple[str, tuple[str, ...]]:
        """The commit of HEAD as it is now, and its parents; empty where there is none."""

    def definition(self, path: str, line: int) -> int:
        """The line of the ``def`` whose first decorator is at `line` of a file of the repository."""

    def crash_output(self, worker: str) -> tuple[Section, ...]:
        """What is left of an xdist worker that crashed: captured output, and the end of what all have printed."""

    def end_tests(self) -> bool:
        """End the tests and, in a job, every process that they or git left; return whether none is left for certain.

        To be called as often as may be, whatever became of the tests.
        """

    def start_tests(self, settings: Settings, only: Sequence[str] | None = None) -> PytestRun:
        """Install what is asked for and start pytest, which runs all tests or `only` these.

        They are titles of failures that an earlier check run shows, each whole; of what the settings choose.

        Raises `CheckError` for settings that name what is not there, never for what the user's commands do.
        """


class Spool(Protocol):
    """Where annotations wait, outside our memory."""

    def put(self, annotation: Annotation) -> int:
        """Keep it; the key to have it back by."""

    def get(self, key: int) -> Annotation:
        """The annotation of that key, once."""


class JobFiles(Protocol):
    """What a job leaves behind: outputs, job summary, state for the post step, kept files, its log."""

    def outputs(self, values: Mapping[str, str]) -> None:
        """Write the step's outputs, all at once."""

    def empty(self, variables: Iterable[str]) -> None:
        """Take back what the tests have written into the runner's files of these names."""

    def summary(self, markdown: str) -> None:
        """Write the job summary, already cut to its limit."""

    def state(self, values: Mapping[str, str]) -> None:
        """Save values for the post step."""

    def log(self, text: str) -> None:
        """A line (or workflow command) for the job log; held back while the tests' output is fenced."""

    def fence(self, title: str) -> AbstractContextManager[None]:
        """While it is open the log is the tests': in a group of its own, and no line of it is a command."""

    def close_fence(self) -> None:
        """Close the fence, if there is one, before its block ends."""


class Condition(Protocol):
    """As `threading.Condition`, which the caller holds."""

    def wait(self, timeout: float | None = None) -> bool:
        """Wait to be notified, at most so many seconds."""


class Clock(Protocol):
    """Time, so that no test sleeps."""

    def now(self) -> float:
        """Seconds since the epoch, UTC."""

    def monotonic(self) -> float:
        """Seconds that never go back."""

    def wait(self, changed: Condition, seconds: float | None) -> None:
        """Wait until `changed` is notified, at most so many seconds of this clock; it may come back sooner."""


class Cancellation(Protocol):
    """Whether the job is being cancelled."""

    def is_set(self) -> bool:
        """Whether we were asked to stop."""

    def seconds_ago(self) -> float:
        """How long ago we were; 0.0 where we were not."""


class ReportStore(Protocol):
    """The JSON reports that stay in the workspace."""

    def unavailable_reason(self) -> str:
        """Why none can be kept, such as ``Read-only file system``; empty where one can."""

    def save(self, check_name: str, pieces: Iterable[str]) -> str:
        """Write the report's text; its path relative to the workspace, empty if it could not be."""
