"""Protocols of the adapters: each has a real implementation and a recording fake in the tests."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, Protocol

from .check_run import Annotation, CheckRun, Output, Published, RemoteCheckRun, Status
from .history import TestKey
from .item import Section
from .job import ProcessExit, Repository
from .settings import Settings

if TYPE_CHECKING:
    from .delivery import Delivery, LoggedDelivery  # which only programs that act on events load


class PublishError(Exception):
    """The check run could not be published; the message is for users and contains the remedy.

    Attributes:
        is_temporary: whether a later retry may succeed.
        wait_seconds: how long GitHub asks to wait for that.
        may_have_been_applied: whether the write may have been applied although its answer was lost.
    """

    is_temporary = False
    wait_seconds = 0.0
    may_have_been_applied = False


class ForeignCheckRunError(Exception):
    """The check run to claim belongs to a different job; the message is the reason, as the end of a sentence."""


class Urgency(Enum):
    """What an update waits for: all for the job's own pacing, the less urgent ones also for a busy installation."""

    #: The first failure.
    URGENT = auto()
    #: A full batch of annotations, during the tests or after the completion.
    ANNOTATIONS = auto()
    #: Notices and warnings that the completion does not carry; they wait for ever while others are busy.
    NOTICES = auto()
    #: An update that could also be left out.
    LIVE = auto()


#: Returns how long to wait before the next update because of pacing or a rate limit; 0.0 for no wait.
SecondsUntilReady = Callable[[Urgency], float]
#: What a check run says from now on, and the annotations to append.
Update = tuple[CheckRun, tuple[Annotation, ...]]
#: Returns the update that is due now, for a publisher with this pacing.
CurrentUpdate = Callable[[SecondsUntilReady], Update]


class Publisher(Protocol):
    """Where a check run is published: GitHub, a folder, or the job log. All calls come from one thread."""

    name: str

    def create(self, run: CheckRun, current: CurrentUpdate | None = None) -> Published:
        """Create the check run without annotations, or as the `current` update makes it. Raises `PublishError`.

        If `update` is called with that update next, it is not sent again.
        """

    def update(self, published: Published, run: CheckRun, annotations: Sequence[Annotation]) -> None:
        """Replace the output and append at most 50 annotations, exactly once. Raises `PublishError`.

        After an error, the same annotations may be passed again; they are not duplicated.
        """

    def set_commit_status(self, published: Published, run: CheckRun) -> bool:
        """Repeat the run's state as a commit status, if it has one; return False if a later attempt may succeed."""

    def seconds_until_ready(self, urgency: Urgency) -> float:
        """See `SecondsUntilReady`."""


class CheckRunReader(Publisher, Protocol):
    """A publisher that can also read check runs."""

    def read(self, published: Published) -> tuple[Status, Output]:
        """Return the current status and output. Raises `PublishError`."""

    def find(self, run: CheckRun) -> Published | None:
        """Return the check run if `run` was created, else None. Raises `PublishError`."""


class PreviousRuns(Protocol):
    """The check runs that GitHub still has of a repository; every call may raise `PublishError`."""

    def run(self, run_id: str) -> RemoteCheckRun:
        """Return a check run by its id."""

    def failures(self, run_id: str) -> Iterator[Annotation]:
        """Yield its annotations of level failure, in their order, with titles that are not truncated."""


class DeliveryLog(Protocol):
    """The App's recent webhook deliveries; every call may raise `PublishError`."""

    def since(self, time: float) -> Iterator[LoggedDelivery]:
        """Yield the attempts since `time` (seconds since the epoch), the newest first."""

    def delivery(self, logged: LoggedDelivery) -> Delivery:
        """Return the event of an attempt, with its payload."""


#: A member of a JSON report: name, value (or one element of a list), and its JSON text, empty if unknown.
Member = tuple[str, Any, str]


class JsonReport(Protocol):
    """The file of pytest-json-report; it may be large, truncated or forged."""

    @property
    def name(self) -> str:
        """Its path as users know it."""

    @property
    def is_truncated(self) -> bool:
        """Whether the last iteration of `members` did not reach the end of the JSON object."""

    def defect(self, session_id: str) -> str:
        """Return why it is not that session's complete report, such as ``is missing``; empty if it is."""

    def members(self) -> Iterator[Member]:
        """Yield its members in order, and lists by element; a truncated file ends the iteration."""


class PytestRun(Protocol):
    """The tests' process, from its start to its end."""

    @property
    def has_unread_lines(self) -> bool:
        """Whether the last call of `lines` left available lines unread."""

    def lines(self) -> Iterator[bytes]:
        """Yield the channel's complete new lines, up to a limit per call; does not wait."""

    def seal(self) -> None:
        """Ignore further lines of the channel, because remaining processes may append forever."""

    def wait(self, seconds: float) -> ProcessExit | None:
        """Wait for its end, at most so long; return None if it is still running."""

    def dump_stacks(self) -> None:
        """Make the processes that run tests dump their thread stacks, for `ProcessExit.stacks`."""

    def stop(self, *, seconds: float) -> None:
        """Send SIGINT, SIGTERM and SIGKILL to the process tree within so long; `wait` returns the end."""

    def all_lines(self) -> Iterator[bytes]:
        """Yield the channel's complete lines again, from the beginning."""

    def report(self) -> JsonReport:
        """Return the file of pytest-json-report, which may be missing."""


class Workspace(Protocol):
    """The checked-out repository and the test environment in it."""

    def repository(self) -> Repository:
        """Return the repository as git reports it."""

    def head(self) -> tuple[str, tuple[str, ...]]:
        """Return the current commit of HEAD and its parents; both are empty without one."""

    def definition(self, path: str, line: int) -> int:
        """Return the line of the ``def`` whose first decorator is at `line` of a file in the repository."""

    def source_lines(self, path: str) -> Sequence[str]:
        """Return the lines of a tracked file; empty if it cannot be read. `path` is relative to the repository."""

    def crash_output(self, worker: str) -> tuple[Section, ...]:
        """Return the crash output of an xdist worker: its captured output, and the last output of all processes."""

    def end_tests(self) -> bool:
        """End the tests, and in a job what they and git started; return whether certainly none remains. Repeatable."""

    def run_first(self, keys: Collection[TestKey]) -> bool:
        """Have pytest run these tests first; return whether it still can. Call it once, after `start_tests`."""

    def start_tests(self, settings: Settings, only: Sequence[str] | None = None) -> PytestRun:
        """Run the input `install` and start pytest with all selected tests, or `only` these of them.

        `only` has titles of failures in the previous run, not truncated.

        Raises `CheckError` if the settings name something that does not exist, but not if the user's commands fail.
        """


class Spool(Protocol):
    """Stores annotations that wait to be sent, outside memory."""

    def put(self, annotation: Annotation) -> int:
        """Store an annotation and return its key."""

    def get(self, key: int) -> Annotation:
        """Remove and return the annotation of a key."""


class Records(Protocol):
    """Stores records of the failure report outside memory, as long as there is room."""

    @property
    def missing(self) -> int:
        """How many records could not be stored; final after the first read."""

    def put(self, record: bytes) -> int:
        """Store a record without newlines and return its key."""

    def get(self, key: int) -> bytes | None:
        """Return the record of a key; None if it could not be stored."""

    def blocks(self) -> Iterator[bytes]:
        """Yield all records in their order, many at once, each with a newline at its end."""


class JobFiles(Protocol):
    """A job's outputs, job summary, post-step state and log; outside a workflow only the log."""

    @property
    def is_workflow(self) -> bool:
        """Whether a runner reads them."""

    def named(self, message: str) -> str:
        """Return a message of this program that calls inputs what its reader calls them."""

    def outputs(self, values: Mapping[str, str]) -> None:
        """Write the step's outputs, all at once."""

    def empty(self, variables: Iterable[str]) -> None:
        """Empty the runner's files of these variables, where tests may have written."""

    def summary(self, markdown: str) -> None:
        """Append to the job summary Markdown that is already truncated to its limit."""

    def state(self, values: Mapping[str, str]) -> None:
        """Save values for the post step."""

    def log(self, text: str) -> None:
        """Print a line or a workflow command to the job log; an open fence delays it."""

    def warn(self, sentence: str) -> None:
        """Print a warning to the job log. It calls inputs what its reader calls them."""

    def fence(self, title: str) -> AbstractContextManager[None]:
        """Open a group in the log where workflow commands are disabled, for the output of the tests."""

    def close_fence(self) -> None:
        """Close the fence, if it is open, before its block ends."""


class Condition(Protocol):
    """A `threading.Condition` that the caller holds."""

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for a notification, at most `timeout` seconds."""


class Clock(Protocol):
    """The time, with a fake so that tests do not sleep."""

    def now(self) -> float:
        """Return seconds since the epoch, UTC."""

    def monotonic(self) -> float:
        """Return seconds of a monotonic clock."""

    def wait(self, changed: Condition, seconds: float | None) -> None:
        """Wait until `changed` is notified, at most so many seconds of this clock; may return early."""


class Cancellation(Protocol):
    """The cancellation of the job."""

    def is_set(self) -> bool:
        """Whether the job was cancelled."""

    def seconds_ago(self) -> float:
        """Return how long ago the job was cancelled; 0.0 if it was not."""


class ReportStore(Protocol):
    """Stores the JSON reports in the workspace."""

    def unavailable_reason(self) -> str:
        """Return why reports cannot be stored, such as ``Read-only file system``; empty if they can."""

    def save(self, check_name: str, pieces: Iterable[str]) -> str:
        """Write the report and return its path relative to the workspace, empty if it could not be written."""

    def save_failures(self, check_name: str, markdown: str, document: Iterable[bytes]) -> tuple[str, str]:
        """Write the failure report and return the paths of its two files, empty if they could not be written."""
