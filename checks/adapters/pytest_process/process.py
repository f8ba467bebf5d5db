"""Start, watch and stop the tests' processes: installation first, then pytest."""

from __future__ import annotations

import subprocess
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from signal import SIGINT, SIGKILL, SIGTERM, Signals

from ...core.model.item import Section
from ...core.model.job import ExitReason, ProcessExit
from ..reports.report_file import ReportFile
from ..system import linux
from ..system.sandbox import Start, start_directly
from .crash_output import CrashOutput
from .output import OutputCopier
from .stream_file import StreamFile

#: The signals that `stop` sends, each after a share of its seconds.
_STOP_SIGNALS = ((0.0, SIGINT), (0.6, SIGTERM), (0.8, SIGKILL))
#: Length of the common output that is shown for a crashed worker.
_OUTPUT_CHARACTERS = 16_000
#: How often a process is checked while it is stopped, and how long after the last signal.
_POLL_SECONDS = 0.02
_GIVE_UP_SECONDS = 1.0
#: How long an ended orphan may remain.
_REAP_SECONDS = 1.0
#: A process that forks between listing and signalling is found in the next round.
_KILL_ROUNDS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One command; `phase` is ``python-version``, ``install`` or ``tests``."""

    phase: str
    arguments: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The commands to run, pytest last.

    `plugin_folder` is the folder for the plugin's files. `ends_leftovers`: processes that the commands leave are ended.
    """

    commands: Sequence[Command]
    folder: Path
    environ: Mapping[str, str]
    plugin_folder: Path
    ends_leftovers: bool = False


class PytestProcess:
    """The `PytestRun` of a job and of a preview. Not thread-safe.

    Each command runs in a session of its own. `wait` drives everything: it starts the next command and sends the
    signals of `stop`, so call it often. After any `stop`, `ProcessExit.reason` is `ExitReason.CANCELLED`; the caller
    knows why. `monotonic` is the clock of `wait` and `stop`.
    """

    def __init__(
        self,
        plan: Plan,
        sink: Callable[[bytes], object],
        start: Start = start_directly,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._plan = plan
        self._start_process = start
        self._monotonic = monotonic
        self._commands = deque(plan.commands)
        self._stream = StreamFile(plan.plugin_folder / "channel")
        self._foreign_pids: frozenset[int] = frozenset()
        with suppress(OSError):  # without the kernel's list, every child counts as one of the tests
            self._foreign_pids = linux.children()
        self._copier = OutputCopier(sink)
        self._crash_output = CrashOutput(plan.plugin_folder)
        self._captured: tuple[Section, ...] = ()
        self._next_reap = 0.0
        self._stop: _Stop | None = None
        self._process_exit: ProcessExit | None = None
        self._start()

    @property
    def has_unread_lines(self) -> bool:
        """See `PytestRun.has_unread_lines`."""
        return self._stream.has_unread_lines

    def lines(self) -> Iterator[bytes]:
        """See `StreamFile.lines`."""
        return self._stream.lines()

    def seal(self) -> None:
        """See `PytestRun.seal`."""
        self._stream.seal()

    def all_lines(self) -> Iterator[bytes]:
        """See `PytestRun.all_lines`."""
        return self._stream.all_lines()

    def close(self) -> None:
        """Close the stream, after the end."""
        self._stream.close()

    def report(self) -> ReportFile:
        """See `PytestRun.report`."""
        return ReportFile(self._plan.plugin_folder / "report.json")

    def wait(self, seconds: float) -> ProcessExit | None:
        """Wait for the end of all commands and, after `stop`, of all processes that they left."""
        deadline = self._monotonic() + seconds
        while (process_exit := self._advance()) is None and (remaining_seconds := deadline - self._monotonic()) > 0:
            self._pause(remaining_seconds)
        return process_exit

    def stop(self, *, seconds: float) -> None:
        """Send SIGINT to pytest's group like Ctrl-C, later SIGTERM and SIGKILL to every descendant.

        Returns at once. Another call sets the time for the signals that are still to be sent.
        """
        if self._stop is None:  # on SIGINT pytest discards captured output
            self._captured = self._crash_output.all_captured()
        pending_signals = deque(_STOP_SIGNALS) if self._stop is None else self._stop.pending_signals
        self._stop = _Stop(pending_signals=pending_signals, seconds=seconds, deadline=self._monotonic() + seconds)
        self.wait(0)

    def crash_output(self, worker: str) -> tuple[Section, ...]:
        """See `Workspace.crash_output`."""
        last_output = Section(title="Output before the crash", text=self._copier.tail()[-_OUTPUT_CHARACTERS:])
        return (*self._crash_output.captured(worker), last_output)

    def dump_stacks(self) -> None:
        """See `PytestRun.dump_stacks`; takes at most one second."""
        self._crash_output.request_stacks(self._running_pids() or ())

    def end_all(self) -> bool:
        """End the processes that the ended commands left, if the plan says so.

        Returns whether certainly none remains. Takes at most three seconds.
        """
        if not self._plan.ends_leftovers:
            return True
        return linux.reap_all() if linux.kill_all() else linux.kill_descendants(excluding=self._foreign_pids)

    def _start(self) -> None:
        self._command = self._commands.popleft()
        try:
            self._process = self._start_process(
                self._command.arguments,
                cwd=self._plan.folder,
                env=self._plan.environ,
                stdin=subprocess.DEVNULL,
                stdout=self._copier.writer,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            self._copier.finish()
            self._crash_output.close()
            self._process_exit = ProcessExit(
                reason=ExitReason.NOT_STARTED,
                phase=self._command.phase,
                output=f"{error.filename or self._command.arguments[0]}: {error.strerror or error}",
            )

    def _advance(self) -> ProcessExit | None:
        """Start the next command, send due signals, or finish."""
        if self._process_exit is not None:
            return self._process_exit
        status = self._process.poll()
        self._crash_output.collect()
        if status is not None or self._stop is not None or self._monotonic() >= self._next_reap:
            self._reap()
        if self._stop is not None:
            is_over = self._send_due_signals(self._stop, has_ended=status is not None)
        else:
            is_over = status is not None and (status != 0 or not self._commands)
        if is_over:
            self._process_exit = self._finish()
        elif status is not None and self._stop is None:
            self._start()
        return self._process_exit

    def _send_due_signals(self, stop: _Stop, *, has_ended: bool) -> bool:
        """Send due signals; return whether nothing is left to stop, or what is left cannot be stopped."""
        while due_signal := stop.due(self._monotonic(), has_ended=has_ended):
            if due_signal is SIGINT and not has_ended:
                linux.send_to_group(due_signal, self._process.pid)
            elif due_signal is SIGTERM:
                self._send(due_signal)
        if not stop.pending_signals and self._plan.ends_leftovers:
            return True
        if not stop.pending_signals:
            self._kill()
        is_running = not has_ended or self._running_pids() != frozenset()
        return not is_running or self._monotonic() >= stop.deadline + _GIVE_UP_SECONDS

    def _kill(self) -> None:
        for _ in range(_KILL_ROUNDS):
            self._send(SIGKILL)
            self._reap()

    def _send(self, number: Signals) -> None:
        if pids := self._running_pids():
            linux.send_signal(number, pids)
        elif self._process.returncode is None:
            linux.send_to_group(number, self._process.pid)

    def _reap(self) -> None:
        self._next_reap = self._monotonic() + _REAP_SECONDS
        linux.reap(excluding={self._process.pid, *self._foreign_pids})

    def _running_pids(self) -> frozenset[int] | None:
        """Return the running descendants of the commands, or None if the kernel does not list them."""
        try:
            return linux.descendants(excluding=self._foreign_pids)
        except OSError:
            return None

    def _pause(self, seconds: float) -> None:
        if self._process.returncode is not None or self._stop is not None:
            seconds = min(seconds, _POLL_SECONDS)
        if self._process.returncode is not None:
            time.sleep(seconds)
        elif not linux.sleep_until_end(self._process.pid, seconds):
            with suppress(subprocess.TimeoutExpired):  # polls
                self._process.wait(seconds)

    def _finish(self) -> ProcessExit:
        if self._plan.ends_leftovers:
            linux.kill_all()
            self._process.kill()
            with suppress(subprocess.TimeoutExpired):  # reaping all processes would take its exit status
                self._process.wait(_GIVE_UP_SECONDS)
            self.end_all()
        status = self._process.returncode
        if self._stop is not None:
            reason = ExitReason.CANCELLED
        elif self._command.phase != "tests":
            reason = ExitReason.INSTALL_FAILED
        else:
            reason = ExitReason.EXITED if status >= 0 else ExitReason.KILLED
        captured, stacks = self._captured or self._crash_output.captured(""), ""
        with suppress(OSError):  # for instance without free descriptors
            stacks = self._crash_output.stacks()
        self._crash_output.close()
        return ProcessExit(
            reason=reason,
            exit_status=status if status is not None and status >= 0 else None,
            signal=_signal_name(-status) if status is not None and status < 0 else "",
            output=self._copier.finish(),
            phase=self._command.phase,
            captured=captured,
            stacks=stacks,
            pytest_end=self._crash_output.pytest_end,
        )


@dataclass(slots=True, kw_only=True)
class _Stop:
    """A stop in progress: signals still to send, the time for all of them, and their deadline."""

    pending_signals: deque[tuple[float, Signals]]
    seconds: float
    deadline: float

    def due(self, now: float, *, has_ended: bool) -> Signals | None:
        """Return the next signal once it is due; what pytest leaves running does not wait for SIGTERM."""
        if not self.pending_signals:
            return None
        share, number = self.pending_signals[0]
        if now < self.deadline - (1.0 - share) * self.seconds and not (has_ended and number is not SIGKILL):
            return None
        self.pending_signals.popleft()
        return number


def _signal_name(number: int) -> str:
    try:
        return Signals(number).name
    except ValueError:  # a real-time signal
        return f"signal {number}"
