"""The workspace of a job, or the folder of a preview: the edges that touch it, put together as the `Workspace` port."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from ...core.model.errors import CheckError, Problem
from ...core.model.item import Section
from ...core.model.job import Repository
from ...core.model.settings import Settings
from ...core.pytest_process.command_line import install_command, pytest_command
from ...core.pytest_process.environment import child_environment, user_environment
from ...core.pytest_process.selection import selection_json
from ..system import linux, ownership, temporary
from ..system.sandbox import Start, start_directly
from . import environments, git
from .environments import Environment
from .process import Command, Plan, PytestProcess
from .sources import Sources

_LAUNCHER = Path(__file__).parents[2] / "plugin" / "pytest_check_runs_child.py"
#: For what still runs when the program leaves.
_LEAVE_SECONDS = 2.0


class LocalWorkspace:
    """The `Workspace` of every program that runs tests; to be used in a ``with`` statement.

    Args:
        folder: what annotations may at most be about: ``GITHUB_WORKSPACE``, else the current folder.
        working_directory: as in the `Settings`, relative to `folder`.
        environ: our whole environment.
        sink: takes what the tests print, as it comes, from another thread.
        in_colour: whether who reads what `sink` takes sees colours.
        start: starts every process, as `subprocess.Popen` does.
        is_cancelled: whether the job is being cancelled: git is not waited for any more then.

    Raises `CheckError` where there is no place for temporary files.
    """

    def __init__(  # noqa: PLR0913 - most are named where they are given
        self,
        folder: Path,
        working_directory: str,
        *,
        environ: Mapping[str, str],
        sink: Callable[[bytes], object],
        in_colour: bool = False,
        start: Start = start_directly,
        is_cancelled: Callable[[], bool] = lambda: False,
    ) -> None:
        self._folder = folder
        self._directory = folder / working_directory
        self._environ = environ
        self._sink = sink
        self._in_colour = in_colour
        self._start = start
        self._is_cancelled = is_cancelled
        self._private_folder = temporary.folder()
        self._plugin_folder = self._private_folder / "told"
        with temporary.raising_check_error():
            self._plugin_folder.mkdir()
        self._pytest_process: PytestProcess | None = None
        self._sources = Sources(folder)

    def __enter__(self) -> Self:
        """Close our process to those that we start, and become the parent of those that they leave."""
        linux.set_undumpable()
        linux.become_subreaper()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave nothing behind: no process that a bug of ours left, no file of ours, no file of root's."""
        self.end_tests()
        if self._pytest_process is not None:
            self._pytest_process.close()
        shutil.rmtree(self._private_folder, ignore_errors=True)
        ownership.give_back(self._folder)

    def repository(self) -> Repository:
        """As the port says; without git the workspace's own files."""
        repository = self._git().repository() or git.repository_without_git(self._folder)
        self._sources = Sources(Path(repository.root))
        return repository

    def _git(self) -> git.Git:
        directory = self._directory if self._directory.is_dir() else self._folder
        return git.Git(folder=directory, start=self._start, is_cancelled=self._is_cancelled)

    def head(self) -> tuple[str, tuple[str, ...]]:
        """As the port says."""
        return self._git().head()

    def definition(self, path: str, line: int) -> int:
        """As the port says."""
        return self._sources.definition(path, line)

    def crash_output(self, worker: str) -> tuple[Section, ...]:
        """As the port says."""
        return () if self._pytest_process is None else self._pytest_process.crash_output(worker)

    def end_tests(self) -> bool:
        """As the port says; takes six seconds at most, and three where the tests have ended."""
        if self._pytest_process is None:
            return True
        try:
            _stop_tests(self._pytest_process)
        finally:  # also after a bug in `_stop_tests` or a MemoryError
            is_certain = self._pytest_process.end_all()
        return is_certain

    def start_tests(self, settings: Settings, only: Sequence[str] | None = None) -> PytestProcess:
        """As the port says. Raises `CheckError` for settings that name what is not there, and for a full disk."""
        if not self._directory.is_dir():
            raise CheckError(_no_folder(settings.working_directory))
        if only is not None:  # thousands of long names are too much for a command line
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
            # Nothing of the tests may write while we write the job's outputs; on people's own machines daemons stay.
            ends_leftovers=self._environ.get("GITHUB_ACTIONS") == "true",
        )
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
        """(phase, command) of all that runs, in its order."""
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
        what=f"working-directory is {working_directory!r}",
        why="the workspace has no such folder.",
        remedy="Give a folder relative to the workspace, and check out the repository before this step.",
    )
