"""The annotations of a session's findings, by the rules of `docs/rules.md`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import assert_never

from ..history.base_state import key_at_once
from ..model.check_run import Annotation, AnnotationLevel
from ..model.item import Details, Item, Location, Outcome, Section, Stage
from ..model.items import as_items
from ..model.job import ExitReason, ProcessExit, Repository
from ..model.session import Collector, RecordedWarning, Session
from ..results import locations
from ..results.causes import CauseNumbers, Failure, Place
from ..results.stack_dump import project_stacks, without_stacks
from ..results.stream import CATEGORIES_OF_TESTS, Finding, News
from ..text.durations import with_duration
from ..text.truncate import truncate_lines
from . import raw_details
from .owners import FailureOwners, OwnersOf, nobody

#: The most node ids in a notice for a whole file.
_NAMES_PER_FILE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotator:
    """Makes annotations of one session's findings.

    Attributes:
        repository: the files that annotations may be on.
        root: pytest's rootdir.
        definition: returns the line of a ``def``, given a path relative to the repository and the line of its first
            decorator, which is the line that pytest reports. Both lines are 1-based.
        owners_of: returns the owners of a path.
        cause_numbers: those of the session.
    """

    repository: Repository
    root: str
    definition: Callable[[str, int], int] = lambda _, line: line
    owners_of: OwnersOf = nobody
    cause_numbers: CauseNumbers = field(default_factory=CauseNumbers)

    def annotate(self, finding: News) -> Annotation | None:
        """Return the annotation of a finding; None for a warning without a place in the repository."""
        match finding:
            case Finding():
                return self._passed(finding.item) if finding.stage is None else self._stage(finding.item, finding.stage)
            case Collector():
                return self._collector(finding)
            case RecordedWarning():
                return self._warning(finding)
            case _:
                assert_never(finding)

    def passed_by_file(self, items: Iterable[Item]) -> Iterator[Annotation]:
        """Yield one notice per file, which lists its passed tests."""
        for file, group in as_items(items).passed_by_path().items():
            path, _ = locations.item_location(Item(nodeid=file), repository=self.repository, root=self.root)
            names = (nodeid.partition("::")[2] or nodeid for nodeid, _ in group.names_and_seconds())
            yield _annotation(
                (path, 1),
                AnnotationLevel.NOTICE,
                file,
                with_duration(f"{len(group):,} passed", group.total_seconds()),
                truncate_lines(names, _NAMES_PER_FILE),
            )

    def running(self, session: Session, process_exit: ProcessExit) -> Iterator[Annotation]:
        """Yield an annotation for each test that was running when the session was interrupted."""
        level, text = _interruption(session, process_exit)
        for item in session.running_items if text else ():
            location = self._location(item)
            message = f"{text} during this test's {item.current_stage}"
            details = _crash_output(process_exit)
            owners = self.owners(Failure(nodeid=item.nodeid, title=item.nodeid, details=details, item=item), None)
            text_of_details = raw_details.compose(item.nodeid, details, owners=owners)
            yield _annotation(location, level, item.nodeid, message, text_of_details)

    def place(self, candidates: Sequence[Location]) -> Place | None:
        """Return the last of the locations that is in the repository, such as where a test failed."""
        return locations.resolve(candidates, repository=self.repository, root=self.root)

    def owners(self, failure: Failure, raised_at: Place | None) -> tuple[str, ...]:
        """Return the owners of a failure that was raised at this place of the repository, if it was."""
        owners = FailureOwners(owners_of=self.owners_of, repository=self.repository, root=self.root)
        return owners.find(failure, raised_at)

    def _location(self, item: Item) -> Place:
        path, line = locations.item_location(item, repository=self.repository, root=self.root)
        return path, self.definition(path, line)

    def _stage(self, item: Item, stage: Stage) -> Annotation:
        failure = Failure.of_stage(item, stage)
        details, title = failure.details, failure.title
        raised_at = self.place(details.locations)
        location = raised_at or self._location(item)
        match stage.outcome:
            case Outcome.FAILED | Outcome.ERROR:
                return self._failure(failure, location, raw_details.with_stage(title, stage), raised_at)
            case Outcome.SKIPPED | Outcome.XFAILED:
                prefix = "Skipped" if stage.outcome is Outcome.SKIPPED else "Expected failure"
                return _annotation(location, AnnotationLevel.NOTICE, title, _with_reason(prefix, details))
            case Outcome.QUARANTINED:
                text = raw_details.compose(raw_details.with_stage(title, stage), details)
                return _annotation(location, AnnotationLevel.WARNING, title, details.message, text)
            case Outcome.XPASSED:
                message = _with_reason("Unexpected pass (marked xfail)", details)
                return _annotation(self._location(item), AnnotationLevel.WARNING, title, message)
            case Outcome.PASSED | Outcome.RERUN:
                raise ValueError(f"a {stage.outcome} stage is not annotated")
            case _:
                assert_never(stage.outcome)

    def _passed(self, item: Item) -> Annotation:
        location = self._location(item)
        seconds = item.duration_seconds
        if not item.is_flaky:
            return _annotation(location, AnnotationLevel.NOTICE, item.nodeid, with_duration("Passed", seconds))
        details = _last_failure(item)
        raised_at = self.place(details.locations)
        failed_attempts = sum(stage.outcome is Outcome.RERUN and stage.subtest is None for stage in item.stages)
        times = "once" if failed_attempts == 1 else f"{failed_attempts} times"
        message = f"{with_duration(f'Flaky: failed {times}, then passed', seconds)}. {details.message}".strip()
        return _annotation(
            raised_at or location,
            AnnotationLevel.WARNING,
            item.nodeid,
            message,
            raw_details.compose(item.nodeid, details),
        )

    def _collector(self, collector: Collector) -> Annotation:
        details = collector.details
        location = self._location(Item(nodeid=collector.nodeid))
        raised_at = self.place(details.locations)
        failure = Failure.of_collector(collector)
        if collector.outcome is Outcome.SKIPPED:
            message = _with_reason("Skipped", details)
            return _annotation(raised_at or location, AnnotationLevel.NOTICE, failure.title, message)
        return self._failure(failure, raised_at or location, failure.title, raised_at)

    def _failure(self, failure: Failure, location: Place, full_title: str, raised_at: Place | None) -> Annotation:
        details, cause = failure.details, self.cause_numbers.number(failure, raised_at)
        message = details.message or _first_line(details.traceback) or "failed"
        owners = self.owners(failure, raised_at)
        return Annotation(
            path=location[0],
            line=location[1],
            level=AnnotationLevel.FAILURE,
            title=failure.title,
            message=message,
            raw_details=raw_details.compose(full_title, details, cause=cause, owners=owners),
            cause=cause,
            owners=owners,
            key=key_at_once(failure.nodeid),
        )

    def _warning(self, warning: RecordedWarning) -> Annotation | None:
        location = self.place([warning.location])
        if location is None:
            return None
        if warning.category in CATEGORIES_OF_TESTS:
            location = location[0], self.definition(*location)
        message = f"{warning.category}: {warning.message}"
        return _annotation(location, AnnotationLevel.WARNING, warning.nodeid or warning.category, message)


def _annotation(location: Place, level: AnnotationLevel, title: str, message: str, raw_details: str = "") -> Annotation:
    path, line = location
    return Annotation(path=path, line=line, level=level, title=title, message=message, raw_details=raw_details)


def _interruption(session: Session, process_exit: ProcessExit) -> tuple[AnnotationLevel, str]:
    match process_exit.reason:
        case ExitReason.EXITED if session.write_error:  # they may have finished
            return AnnotationLevel.NOTICE, ""
        case ExitReason.EXITED if session.exit_status is not None:
            return AnnotationLevel.WARNING, "pytest stopped early"
        case ExitReason.EXITED | ExitReason.KILLED:
            signal = f" ({process_exit.signal})" if process_exit.signal else ""
            is_report = process_exit.reason is ExitReason.EXITED and process_exit.exit_status is None
            text = "pytest did not finish: its report ends" if is_report else f"The interpreter died{signal}"
            return AnnotationLevel.FAILURE, text
        case ExitReason.TIMED_OUT:
            return AnnotationLevel.FAILURE, "Timed out"
        case ExitReason.CANCELLED:
            return AnnotationLevel.WARNING, "The job was cancelled"
        case ExitReason.INSTALL_FAILED | ExitReason.NOT_STARTED:
            return AnnotationLevel.NOTICE, ""
        case _:
            assert_never(process_exit.reason)


def _crash_output(process_exit: ProcessExit) -> Details:
    """Return the stacks and the last output of an interrupted process."""
    output = Section(title="Last output of the process", text=without_stacks(process_exit.output))
    return Details(
        traceback=project_stacks(process_exit.stacks or process_exit.output), captured=(*process_exit.captured, output)
    )


def _last_failure(item: Item) -> Details:
    """Return the details of a flaky test's last failed attempt, or of its subtest, which may be all that failed."""
    failures = [stage for stage in item.stages if stage.outcome is Outcome.RERUN]
    details = failures[-1].details or Details()
    if not details.locations and len(failures) > 1 and failures[-2].subtest is not None:
        return failures[-2].details or details
    return details


def _with_reason(prefix: str, details: Details) -> str:
    return f"{prefix}: {details.message}" if details.message else prefix


def _first_line(text: str) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), "")
