"""Print the failure report of a report of pytest-json-report: what `publish` would save, without a check run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path

from ...adapters.pytest_process.workspace import LocalWorkspace
from ...adapters.runner.job_files import RunnerFiles
from ...adapters.system.clock import SystemClock
from ...adapters.system.record_file import RecordFile
from ...adapters.system.signals import Cancel
from ...adapters.system.spool import FileSpool
from ...core.model.check_run import Annotation, CheckRun, Published
from ...core.model.job import Context
from ...core.model.ports import CurrentUpdate, JsonReport, Urgency
from ...core.model.settings import Credentials, Settings
from ...core.redaction.redactor import Redactor
from ...core.redaction.values import secrets_of
from ..publish.publish import report_results
from ..run.begin import begin_reporting
from ..run.create import CheckRunCreator
from ..run.dependencies import Dependencies
from .printed import Printed


def print_tests_report(report: JsonReport, printed: Printed, environ: Mapping[str, str], files: RunnerFiles) -> None:
    """Print the failure report of a session's report; messages go to the log of `files`."""
    redact, cancel = Redactor(secrets_of(Credentials(), environ)), Cancel()
    workspace = LocalWorkspace(
        Path.cwd(), ".", (), environ=environ, sink=files.write_output, in_colour=False, is_cancelled=cancel.is_set
    )
    with workspace, closing(FileSpool()) as spool, closing(RecordFile()) as records:
        dependencies = Dependencies(
            creator=CheckRunCreator(publishers=[], fallback=_Nowhere(), warn=files.log),
            workspace=workspace,
            reports=_PrintedReports(printed),
            job=files,
            clock=SystemClock(),
            cancel=cancel,
            spool=spool,
            records=records,
            save=lambda *_: None,
        )
        reporter = begin_reporting(Settings(), Context(), workspace.repository(), redact, dependencies)
        report_results([report], redact, reporter)


class _PrintedReports:
    """A `ReportStore` that prints failure reports and stores nothing."""

    def __init__(self, printed: Printed) -> None:
        self._printed = printed

    def unavailable_reason(self) -> str:
        return ""

    def save(self, check_name: str, pieces: Iterable[str]) -> str:
        del check_name, pieces
        return ""

    def save_failures(self, check_name: str, markdown: str, document: Iterable[bytes]) -> tuple[str, str]:
        """Print the report."""
        del check_name
        self._printed.add_rendered(markdown, document)
        return "", ""


class _Nowhere:
    """A `Publisher` that publishes nothing."""

    name = "nowhere"

    def create(self, run: CheckRun, current: CurrentUpdate | None = None) -> Published:
        del run, current
        return Published(id="")

    def update(self, published: Published, run: CheckRun, annotations: Sequence[Annotation]) -> None:
        """Ignore the update."""

    def set_commit_status(self, published: Published, run: CheckRun) -> bool:
        del published, run
        return True

    def seconds_until_ready(self, urgency: Urgency) -> float:
        del urgency
        return 0.0
