"""The runner's files and the job log; outside a workflow only the log."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from ...core.inputs.names import for_shell, in_actions
from ...core.model.limits import JOB_SUMMARY_BYTES
from ...core.runner import workflow_commands
from ..system import safe_files


class RunnerFiles:
    """Implements `JobFiles` for every program.

    `environ` may have ``GITHUB_OUTPUT``, ``GITHUB_STATE``, ``GITHUB_STEP_SUMMARY`` and ``GITHUB_ACTIONS``. `stream` is
    the standard output, which the tests share. A file that cannot be written leads to a warning in the log. A log that
    cannot be written is left as it is, because the results go elsewhere, too.
    """

    def __init__(self, environ: Mapping[str, str], stream: BinaryIO) -> None:
        self._environ = environ
        self._stream = stream
        self.is_workflow = in_actions(environ)
        self._token = ""
        self._held_back: list[str] = []
        self._lock = threading.RLock()  # the sender's thread logs, too

    def outputs(self, values: Mapping[str, str]) -> None:
        """Write the step's outputs and discard what the tests wrote there."""
        self._replace("GITHUB_OUTPUT", values)

    def empty(self, variables: Iterable[str]) -> None:
        """Empty the runner's files, because tests can guess their paths and write there."""
        for variable in variables:
            self._replace(variable, {})

    def state(self, values: Mapping[str, str]) -> None:
        """Save values for the post step; they replace those of earlier calls."""
        self._replace("GITHUB_STATE", values)

    def summary(self, markdown: str) -> None:
        """Append to the job summary Markdown that is already truncated to its limit.

        What the tests wrote is kept if both fit, because the runner drops a summary that is too large.
        """
        path = self._path("GITHUB_STEP_SUMMARY")
        if path is None:
            return
        our_summary = markdown.encode("utf-8", "replace") + b"\n"
        existing_summary = safe_files.beginning(path, JOB_SUMMARY_BYTES)
        if existing_summary:
            existing_summary += b"\n"
        try:
            safe_files.replace(
                path,
                [existing_summary, our_summary]
                if len(existing_summary) + len(our_summary) <= JOB_SUMMARY_BYTES
                else [our_summary],
            )
        except OSError as error:
            self._log_failure("the job summary", error)

    def log(self, text: str) -> None:
        """Print a line or a workflow command, outside a workflow as plain text; an open fence delays it."""
        with self._lock:
            if self._token:
                self._held_back.append(text)
            else:
                self._print(text if self.is_workflow else workflow_commands.plain(text))

    def warn(self, sentence: str) -> None:
        """Print a warning; see `JobFiles.warn`."""
        self.log(workflow_commands.warning(self.named(sentence)))

    def named(self, message: str) -> str:
        """Return a message of this program, outside a workflow with options and variables in place of inputs."""
        return message if self.is_workflow else for_shell(message)

    @contextmanager
    def fence(self, title: str) -> Iterator[None]:
        """Open a fence for the duration of the block. See `open_fence`."""
        self.open_fence(title)
        try:
            yield
        finally:
            self.close_fence()

    def write_output(self, output: bytes) -> None:
        """Print output of the tests unchanged."""
        with suppress(OSError):
            self._stream.write(output)
            self._stream.flush()

    def open_fence(self, title: str) -> None:
        """Open a group in the log and disable workflow commands, because the tests print there."""
        if not self.is_workflow:
            return
        with self._lock:
            self._token = secrets.token_hex(16)
            self._print(workflow_commands.group(title))
            self._print(workflow_commands.stop_commands(self._token))

    def close_fence(self) -> None:
        """Close the fence, if it is open, and print the delayed lines."""
        with self._lock:
            if not self._token:
                return
            # The tests' last line may have no newline, and the command must begin a line.
            self._print("\n" + workflow_commands.resume_commands(self._token))
            self._print(workflow_commands.END_GROUP)
            for text in self._held_back:
                self._print(text)
            self._held_back.clear()
            self._token = ""

    def _replace(self, variable: str, values: Mapping[str, str]) -> None:
        path = self._path(variable)
        if path is None:
            return
        safe_files.remove(path)  # so nothing of the tests remains if the disk is full or we are killed
        try:
            safe_files.replace(
                path, [workflow_commands.records(values, secrets.token_hex(16)).encode("utf-8", "replace")]
            )
        except OSError as error:
            self._log_failure(variable, error)

    def _path(self, variable: str) -> Path | None:
        value = self._environ.get(variable)
        return Path(value) if value else None

    def _log_failure(self, what: str, error: OSError) -> None:
        self.warn(f"Could not write {what}: {error.strerror}.")

    def _print(self, text: str) -> None:
        # Flushed, so that it precedes what the tests print to the same descriptor.
        self.write_output(text.encode("utf-8", "backslashreplace") + b"\n")
