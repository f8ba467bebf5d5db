"""The `Workspace` of a job or a preview."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

from ...core.inputs.names import in_actions
from ...core.model.errors import CheckError, Problem
from ...core.model.history import TestKey
from ...core.model.item import Section
from ...core.model.job import Repository
from ...core.model.settings import Settings
from ...core.pytest_process.command_line import install_command, pytest_command
from ...core.pytest_process.environment import child_environment, user_environment
from ...core.pytest_process.selection import selection_json
from ..system import linux, ownership, temporary
from ..system.sandbox import Start, start_directly
from . import bundled, checkouts, environments, failed_first, git
from .environments import Environment
from .git import Git
from .process import Command, Plan, PytestProcess
from .sources import Sources, read_code_owners

_LAUNCHER = Path(__file__).parents[2] / "plugin" / "pytest_check_runs_child.py"
#: Time for the tests to stop when the program exits.
_LEAVE_SECONDS = 2.0


class LocalWorkspace:
    """The `Workspace` of every program that runs tests; use it in a ``with`` statement.

    Args:
        folder: limits what annotations refer to: ``GITHUB_WORKSPACE``, else the current folder.
        working_directory: as in `Settings`, relative to `folder`.
        pytest_args: as in `Settings`; they may name files of the repository.
        environ: the action's whole environment.
        sink: receives the tests' output as it arrives, from another thread.
        in_colour: whether `sink`'s output is displayed in colour.
        start: starts processes like `subprocess.Popen`.
        is_cancelled: whether the job is being cancelled; git is not waited for then.
        before_tests: called just before the first process starts that may run the tests' code.

    Raises `CheckError` without a place for temporary files.
    """

    def __init__(  # noqa: PLR0913 - callers use keywords
        self,
        folder: Path,
        working_directory: str,
        pytest_args: Sequence[str] = (),
        *,
        environ: Mapping[str, str],
        sink: Callable[[bytes], object],
        in_colour: bool = False,
        start: Start = start_directly,
        is_cancelled: Callable[[], bool] = lambda: False,
        before_tests: Callable[[], None] = lambda: None,
    ) -> None:
        self._folder = folder
        self._directory = folder / working_directory
        self._pytest_args = pytest_args
        self._environ = environ
        self._sink = sink
        self._in_colour = in_colour
        self._start = start
        self._is_cancelled = is_cancelled
        self._before_tests = before_tests
        self._private_folder = temporary.folder()
        self._plugin_folder = self._private_folder / "plugin"
        with temporary.raising_check_error():
            self._plugin_folder.mkdir()
        self._pytest_process: PytestProcess | None = None
        self._sources = Sources(folder, ())

    def __enter__(self) -> Self:
        """Protect this process from its children, and become the parent of orphans."""
        linux.set_undumpable()
        linux.become_subreaper()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave no process, no temporary file, and no file that root owns."""
        self.end_tests()
        if self._pytest_process is not None:
            self._pytest_process.close()
        shutil.rmtree(self._private_folder, ignore_errors=True)
        ownership.give_back(self._folder)

    def repository(self) -> Repository:
        """See `Workspace.repository`; without git, the workspace's own files."""
        repository = self._git.repository() or git.repository_without_git(self._folder)
        self._sources = Sources(Path(repository.root), repository.tracked)
        return replace(repository, code_owners=read_code_owners(repository))

    def root(self) -> Path:
        """Return the root of the repository that holds the tests; without git, the workspace."""
        return self._git.root() or self._folder

    @cached_property
    def _git(self) -> Git:
        """git in the repository that holds the tests, which remains the same if they create others."""
        directory = self._directory if self._directory.is_dir() else self._folder
        client = Git(folder=directory, start=self._start, is_cancelled=self._is_cancelled)
        return checkouts.in_repository_with_tests(client, self._pytest_args)

    def head(self) -> tuple[str, tuple[str, ...]]:
        """See `Workspace.head`."""
        return self._git.head()

    def definition(self, path: str, line: int) -> int:
        """See `Workspace.definition`."""
        return self._sources.definition(path, line)

    def source_lines(self, path: str) -> list[str]:
        """See `Workspace.source_lines`."""
        return self._sources.lines(path)

    def crash_output(self, worker: str) -> tuple[Section, ...]:
        """See `Workspace.crash_output`."""
        return () if self._pytest_process is None else self._pytest_process.crash_output(worker)

    def end_tests(self) -> bool:
        """See `Workspace.end_tests`; takes at most six seconds, three if the tests have ended."""
        if self._pytest_process is None:
            return True
        try:
            _stop_tests(self._pytest_process)
        finally:  # also after a bug in `_stop_tests` or a MemoryError
            is_certain = self._pytest_process.end_all()
        return is_certain

    def run_first(self, keys: Collection[TestKey]) -> bool:
        """See `Workspace.run_first`."""
        return failed_first.hand_over(keys, self._plugin_folder)

    def start_tests(self, settings: Settings, only: Sequence[str] | None = None) -> PytestProcess:
        """See `Workspace.start_tests`. Raises `CheckError` for settings that do not exist here, and for a full disk."""
        if not self._directory.is_dir():
            raise CheckError(_no_folder(settings.working_directory))
        if only is not None:  # a command line is too short for thousands of names
            with temporary.raising_check_error():
                (self._plugin_folder / "only.json").write_text(selection_json(only), encoding="ascii")
        environment = self._environment(settings.python_version)
        user_environ = user_environment(self._environ, pass_env=settings.pass_env)
        environ = child_environment(user_environ, bin_folder=str(environment.python.parent), venv=environment.venv)
        plan = Plan(
            commands=[
                Command(phase=phase, arguments=command)
                for phase, command in self._commands(settings, environment, shell=_shell(environ["PATH"]))
            ],
            folder=self._directory,
            environ=environ,
            plugin_folder=self._plugin_folder,
            # In a job, no process may write while outputs are written; on other machines, daemons may stay.
            ends_leftovers=in_actions(self._environ),
        )
        bundled.provide_json_report(environment.python, self._plugin_folder / "packages")
        self._before_tests()
        with temporary.raising_check_error():
            self._pytest_process = PytestProcess(plan, self._sink, self._start)
        return self._pytest_process

    def _environment(self, version: str) -> Environment:
        if not version:
            return environments.existing(self._environ)
        return environments.planned(version, folder=self._private_folder / "environment", environ=self._environ)

    def _commands(
        self, settings: Settings, environment: Environment, *, shell: str
    ) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield (phase, command) in order."""
        for command in environment.commands:
            yield "python-version", command
        if settings.install.strip():
            yield "install", install_command(settings.install, shell=shell)
        launcher = str(environment.python), str(_LAUNCHER)
        yield (
            "tests",
            pytest_command(
                settings,
                launcher=launcher,
                folder=str(self._plugin_folder),
                in_colour=self._in_colour,
                has_whole_diffs=not in_actions(self._environ),
                failed_until=time.monotonic() + failed_first.WAIT_SECONDS if settings.failed_first else None,
            ),
        )


def _stop_tests(pytest_process: PytestProcess) -> None:
    if pytest_process.wait(0) is None:
        pytest_process.stop(seconds=_LEAVE_SECONDS)
        while pytest_process.wait(1) is None:
            pass


def _shell(path: str) -> str:
    return shutil.which("bash", path=path) or "sh"


def _no_folder(working_directory: str) -> Problem:
    return Problem(
        what=f"Input `working-directory` is {working_directory!r}",
        why="the workspace has no such folder.",
        remedy="Give a folder relative to the workspace. In a workflow, check out the repository before this step.",
    )
