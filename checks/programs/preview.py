"""The program `preview`: runs the tests without GitHub, publishes to a folder and shows progress in the terminal."""

from __future__ import annotations

import sys
import webbrowser
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import BinaryIO

from ..adapters.preview.folder import FolderPublisher
from ..adapters.preview.terminal import FAILURES_SHOWN, Display
from ..adapters.pytest_process.workspace import LocalWorkspace
from ..adapters.reports.saved import SavedReports
from ..adapters.runner.job_files import RunnerFiles
from ..adapters.system.clock import SystemClock
from ..adapters.system.record_file import RecordFile
from ..adapters.system.signals import Cancel
from ..adapters.system.spool import FileSpool
from ..core.model.check_run import Annotation, CheckRun, Published, Status
from ..core.model.errors import ExitStatus
from ..core.model.job import Context
from ..core.model.ports import CurrentUpdate, Publisher, Urgency
from ..core.model.settings import Credentials, Settings
from ..core.redaction.redactor import Redactor
from ..core.redaction.source_lines import redacted_lines
from ..core.redaction.values import secrets_of
from ..core.report.first_failures import FirstFailures
from .run.create import CheckRunCreator
from .run.dependencies import Dependencies
from .run.run import run


def preview(
    settings: Settings, environ: Mapping[str, str], stdout: BinaryIO, *, folder: str, open_browser: bool
) -> ExitStatus:
    """Run the tests of the current folder and write their check run to `folder`.

    The browser opens when the page exists, which then reloads itself. It has a thread of its own, because some browsers
    run until they are closed. Raises `PublishError` if the folder is not writable.
    """
    with ThreadPoolExecutor(max_workers=1) as browser:
        open_page = (lambda path: browser.submit(_open_page, path)) if open_browser else None
        return _preview(settings, environ, stdout, folder, open_page)


def _preview(
    settings: Settings,
    environ: Mapping[str, str],
    stdout: BinaryIO,
    folder: str,
    open_page: Callable[[str], object] | None,
) -> ExitStatus:
    """Run the tests. The check run has the buttons of one of an App."""
    clock, cancel, files = SystemClock(), Cancel(), RunnerFiles({}, stdout)
    cancel.install()
    redact = Redactor(secrets_of(Credentials(), environ), settings.redact)
    with (
        closing(FileSpool()) as spool,
        closing(RecordFile()) as records,
        _workspace(settings, environ, files, cancel) as workspace,
        closing(
            FolderPublisher(Path(folder), redacted_lines(workspace.source_lines, redact), watched=True)
        ) as publisher,
    ):
        terminal = TerminalPublisher(publisher, Display(sys.stderr, sys.stdout, clock), open_page)
        dependencies = Dependencies(
            creator=CheckRunCreator(publishers=[], fallback=terminal, warn=files.log),
            workspace=workspace,
            reports=(reports := SavedReports(Path.cwd(), files.log)),
            job=files,
            clock=clock,
            cancel=cancel,
            spool=spool,
            records=records,
            save=lambda *_: None,
            has_buttons=True,
        )
        status = run(settings, Context(), redact, dependencies)
    terminal.finish(reports.failures_path)
    return status


def _workspace(settings: Settings, environ: Mapping[str, str], files: RunnerFiles, cancel: Cancel) -> LocalWorkspace:
    return LocalWorkspace(
        Path.cwd(),
        settings.working_directory,
        settings.pytest_args,
        environ=environ,
        sink=files.write_output,
        in_colour=sys.stdout.isatty(),
        is_cancelled=cancel.is_set,
    )


def _open_page(path: str) -> None:
    webbrowser.open(Path(path).absolute().as_uri())


class TerminalPublisher:
    """A `Publisher` that also shows the check run in the terminal, and calls `open_page` when there is a page."""

    def __init__(
        self, publisher: Publisher, display: Display, open_page: Callable[[str], object] | None = None
    ) -> None:
        self.name = publisher.name
        self._publisher = publisher
        self._display = display
        self._open_page = open_page
        self._failures = FirstFailures(FAILURES_SHOWN)
        self._completed: tuple[CheckRun, str] | None = None

    def create(self, run: CheckRun, current: CurrentUpdate | None = None) -> Published:
        """Print the start and create the check run. See `Publisher.create`."""
        del current
        self._display.started(run)
        published = self._publisher.create(run)
        if self._open_page is not None:
            self._open_page(published.page)
        return published

    def update(self, published: Published, run: CheckRun, annotations: Sequence[Annotation]) -> None:
        """Update the check run and print its progress. See `Publisher.update`."""
        self._publisher.update(published, run, annotations)
        self._failures.add(annotations)
        if run.status is Status.COMPLETED:
            self._completed = run, published.page
        else:
            self._display.progress(run.output.title)

    def finish(self, report: str) -> None:
        """Print the verdict, after the last update: annotations follow the completion. `report` is the failures'."""
        if self._completed is not None:
            run, page = self._completed
            self._display.finished(run, self._failures.chosen(), self._failures.count, page, report)

    def set_commit_status(self, published: Published, run: CheckRun) -> bool:
        """See `Publisher.set_commit_status`."""
        return self._publisher.set_commit_status(published, run)

    def seconds_until_ready(self, urgency: Urgency) -> float:
        """Return the wait time of the wrapped publisher."""
        return self._publisher.seconds_until_ready(urgency)
