"""Collect the results of a session as they arrive, and queue their annotations."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from ...core.failure_report.entry import Entry
from ...core.failure_report.recorder import FailureRecorder
from ...core.github.annotation_queue import AnnotationQueue
from ...core.github.payload import shown
from ...core.history.quarantine_in_force import QuarantineInForce
from ...core.model.check_run import Annotation, AnnotationLevel
from ...core.model.item import Item, Stage
from ...core.model.items import Items, as_items
from ...core.model.job import ProcessExit, Repository
from ...core.model.ports import Member
from ...core.model.session import Collector, RecordedWarning, Session
from ...core.model.settings import Passing, Settings
from ...core.report import passing
from ...core.report.annotations import Annotator
from ...core.report.owners import OwnersOf, nobody
from ...core.report.warning_groups import WarningGroups
from ...core.rerun.previous_run import PreviousRun, failures_by_test, mark_flaky, previous_details
from ...core.results import stream
from ...core.results.causes import Cause, CauseNumbers, Failure, causes
from ...core.results.decode import in_batches
from ...core.results.session_builder import SessionBuilder
from ...core.runner import workflow_commands

#: Members of a report that are processed at once, to limit memory.
MEMBERS_AT_ONCE = 200


@dataclass(kw_only=True)
class ResultCollector:
    """Collects one session from its first line to its last; for `definition` and `owners_of` see `Annotator`.

    Not thread-safe: `programs.run.sender` locks it.
    """

    settings: Settings
    repository: Repository
    annotation_queue: AnnotationQueue
    builder: SessionBuilder
    failures: FailureRecorder
    log: Callable[[str], None] = lambda _: None
    definition: Callable[[str, int], int] = lambda _, line: line
    owners_of: OwnersOf = nobody
    quarantine: Callable[[], QuarantineInForce] = QuarantineInForce
    previous_run: PreviousRun = field(default_factory=PreviousRun)
    cause_numbers: CauseNumbers = field(default_factory=CauseNumbers)
    passing: Passing | None = None
    bug_count: int = 0

    def __post_init__(self) -> None:
        self.follow(self.previous_run)
        self._warnings = WarningGroups(limit=self.settings.max_annotations)

    def follow(self, previous_run: PreviousRun) -> None:
        """Set the run that this one follows, before there are results."""
        self.previous_run = previous_run
        self._previous_failures = failures_by_test(previous_run.failures)

    def feed(self, lines: Iterable[bytes]) -> bool:
        """Add lines of the stream; return whether there were any."""
        received, collected = [*lines], self.builder.collected
        news = self._marked(self.builder.feed(received))
        if self.builder.collected != collected and self.passing is None:
            self.session()  # decides for a small session; a larger one is decided later
            if self.passing is Passing.EACH:  # which has annotated these
                news = [item for item in news if not _is_passed_test(item)]
        self._annotate_all(news)
        return bool(received)

    def session(self) -> Session:
        """Return the session so far, and decide how passed tests are annotated as soon as that is possible."""
        session = self.builder.session()
        if self._previous_failures:
            items = (mark_flaky(item) if self._previous_failure(item) else item for item in session.items)
            session = replace(session, items=Items(items))
        if self.settings.quarantine:
            session = replace(session, items=as_items(session.items).with_notable(self._in_quarantine))
        self._settle(session, has_ended=False)
        return session

    def causes(self, session: Session) -> tuple[Cause, ...]:
        """Return the causes of the session's failures, by number."""
        annotator = self.annotator(session.root)
        return causes(session, self.cause_numbers, annotator.place, annotator.owners)

    def end(self, session: Session, process_exit: ProcessExit) -> None:
        """Queue the annotations that only the end allows: of running tests, and of everything held back."""
        self._annotate_all(self._marked(self.builder.release_held()))
        for annotation in self.annotator(session.root).running(session, process_exit):
            self.annotation_queue.put(annotation)
            if annotation.level is AnnotationLevel.FAILURE:
                self.failures.add(Entry.of_annotation(annotation))
        self._settle(session, has_ended=True)
        for annotation in self._warnings.annotations():  # after the notices of tests, so that those have room
            self.annotation_queue.put(annotation)
        self.annotation_queue.others_beyond += self._warnings.count_beyond
        if self.passing is Passing.FILE:
            for annotation in self.annotator(session.root).passed_by_file(session.items):
                self.annotation_queue.put(annotation)

    def add(self, members: Iterable[Member]) -> None:
        """Add members of a report that the lines did not have."""
        for batch in in_batches(members, MEMBERS_AT_ONCE):
            self._annotate_all(self._marked(self.builder.add(batch)))

    def annotator(self, root: str) -> Annotator:
        """Return what annotates the findings of a session whose rootdir is `root`."""
        return Annotator(
            repository=self.repository,
            root=root or self.repository.root,
            definition=self.definition,
            owners_of=self.owners_of,
            cause_numbers=self.cause_numbers,
        )

    def _settle(self, session: Session, *, has_ended: bool) -> None:
        if self.passing is not None:
            return
        others = self.annotation_queue.others_put + self.annotation_queue.others_beyond + len(self._warnings)
        self.passing = passing.decide(self.settings, session, other_count=others, has_ended=has_ended)
        if self.passing is Passing.EACH:
            # Passed tests that were held back.
            for item in session.items:
                if item.passed and not item.is_flaky:
                    self._annotate(stream.Finding(item=item))

    def _annotate_all(self, news_items: Iterable[stream.News]) -> None:
        """Queue annotations; an unexpected error costs one annotation, and is logged once."""
        for news in news_items:
            try:
                self._annotate(news)
            except Exception:  # noqa: BLE001 - log it and continue
                self.bug_count += 1
                if self.bug_count == 1:
                    self.log(workflow_commands.bug(traceback.format_exc()))

    def _marked(self, news_items: list[stream.News]) -> list[stream.News]:
        """Mark tests as flaky that failed in the previous run and now passed, and what is quarantined."""
        if self._previous_failures:
            news_items = [*map(self._as_flaky, news_items)]
        return [*map(self._finding_in_quarantine, news_items)] if self.settings.quarantine else news_items

    def _finding_in_quarantine(self, news: stream.News) -> stream.News:
        if not isinstance(news, stream.Finding):
            return news
        item = self._in_quarantine(news.item)
        stages = zip(news.item.stages, item.stages, strict=True)
        return stream.Finding(item=item, stage=next((new for old, new in stages if old is news.stage), None))

    def _in_quarantine(self, item: Item) -> Item:
        """Return a test as the quarantine has it; only a test that failed has to wait for that."""
        return self.quarantine().apply(item) if item.has_failed else item

    def _as_flaky(self, news: stream.News) -> stream.News:
        if not isinstance(news, stream.Finding) or news.stage is not None:
            return news
        failure = self._previous_failure(news.item)
        if failure is None:
            return news
        details = previous_details(failure(), run_id=self.previous_run.run_id, root=self.repository.root)
        return replace(news, item=mark_flaky(news.item, details))

    def _previous_failure(self, item: Item) -> Callable[[], Annotation] | None:
        return self._previous_failures.get(shown(item.nodeid)) if self._previous_failures and item.passed else None

    def _annotate(self, news: stream.News) -> None:
        if self.passing is not Passing.EACH and _is_passed_test(news):
            return
        annotation = self.annotator(self.builder.root).annotate(news)
        if isinstance(news, RecordedWarning) and annotation is not None:
            self._warnings.add(annotation)
        elif annotation is not None:
            self.annotation_queue.put(annotation)
            if annotation.level is AnnotationLevel.FAILURE:
                self.failures.add(_entry(news, annotation))


def _entry(news: stream.News, annotation: Annotation) -> Entry:
    """Return the entry of the failure report for a finding with such an annotation."""
    match news:
        case Collector():
            return Entry.of_failure(Failure.of_collector(news), annotation)
        case stream.Finding(item=item, stage=Stage() as stage):
            return Entry.of_failure(Failure.of_stage(item, stage), annotation)
        case _:
            return Entry.of_annotation(annotation)


def _is_passed_test(news: stream.News) -> bool:
    """Whether it is held back until the annotation of passed tests is decided."""
    return isinstance(news, stream.Finding) and news.stage is None and not news.item.is_flaky
