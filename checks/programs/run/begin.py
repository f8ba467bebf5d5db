"""Begin to report a session."""

from __future__ import annotations

from collections.abc import Callable

from ...core.failure_report.recorder import FailureRecorder
from ...core.github.annotation_queue import AnnotationQueue
from ...core.model.errors import CheckError
from ...core.model.job import Context, Repository
from ...core.model.ports import Cancellation
from ...core.model.settings import Settings
from ...core.redaction.redactor import Redactor
from ...core.report.code_owners import owners_by_file
from ...core.rerun.previous_run import PreviousRun
from ...core.results.session_builder import SessionBuilder
from .base_answer import BaseAnswer
from .base_lookup import start_base_lookup
from .batches import Batches
from .collector import ResultCollector
from .comparing import SessionComparer
from .create import new_check_run
from .dependencies import Dependencies
from .grace import AbandonedError, abandon_on_cancel
from .live_report import LiveReport
from .own_record import OwnRecord
from .past_lookup import PastLookup
from .quarantine import start_quarantine
from .reporter import RunReporter
from .sender import CheckRunSender


def begin_reporting(
    settings: Settings, context: Context, repository: Repository, redact: Redactor, dependencies: Dependencies
) -> RunReporter:
    """Create the check run, and keep it up to date from now on. Tests wait only for what a re-run has to know.

    Raises `ForeignCheckRunError` in a re-run whose check run is another job's, `CheckError` if it cannot have one, and
    the `PublishError` of a fallback.
    """
    collector = _new_collector(settings, repository, redact, dependencies)
    collector.quarantine = start_quarantine(settings.quarantine, context, repository, redact, dependencies)
    run = new_check_run(settings, context, dependencies.clock)

    lookup = start_base_lookup(run, settings.compare, context, repository, dependencies)
    base = BaseAnswer(None if lookup is None else lookup.result, dependencies.clock)
    sender = CheckRunSender(
        run,
        dependencies.creator,
        Batches(collector.annotation_queue, base),
        live_output=LiveReport(run, context, collector, base, dependencies.clock),
        save=dependencies.save,
        clock=dependencies.clock,
        interval_seconds=settings.live_interval_seconds,
    )
    sender.start()
    _wait(sender, dependencies)
    if dependencies.find_previous_run is not None:
        with sender.locked():
            collector.follow(_previous_run(dependencies.find_previous_run, dependencies.cancel))
    compare = SessionComparer(base, collector, dependencies, OwnRecord(collector, redact))
    past = PastLookup(run, lookup, dependencies, collector.quarantine)
    return RunReporter(sender, collector, context, dependencies, redact, compare, past)


def _new_collector(
    settings: Settings, repository: Repository, redact: Redactor, dependencies: Dependencies
) -> ResultCollector:
    return ResultCollector(
        settings=settings,
        repository=repository,
        annotation_queue=AnnotationQueue(dependencies.spool, settings.max_annotations),
        definition=dependencies.workspace.definition,
        owners_of=owners_by_file(repository.code_owners, redact),
        log=dependencies.job.log,
        builder=SessionBuilder(redact.redact_json, dependencies.workspace.crash_output),
        failures=FailureRecorder(dependencies.records),
    )


def _wait(sender: CheckRunSender, dependencies: Dependencies) -> None:
    """Wait for what the tests need, and for what takes no request."""
    is_rerun = dependencies.find_previous_run is not None
    if is_rerun or not dependencies.creator.may_create(sender.run):
        sender.wait_until_created(dependencies.cancel)
    if is_rerun and sender.active_run is not None and sender.active_run.problems:
        raise CheckError(*sender.active_run.problems)


def _previous_run(find: Callable[[], PreviousRun], cancel: Cancellation) -> PreviousRun:
    """Return the previous run; an empty one if the job is cancelled, which then runs no tests."""
    if cancel.is_set():
        return PreviousRun()
    try:
        return abandon_on_cancel(find, cancel)
    except AbandonedError:
        return PreviousRun()
