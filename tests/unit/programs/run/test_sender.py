from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import pytest

from checks.core.failure_report.recorder import FailureRecorder
from checks.core.github.annotation_queue import AnnotationQueue
from checks.core.model.check_run import Annotation, CheckRun, Conclusion, Output, Published, Status
from checks.core.model.history import Base, NoBase
from checks.core.model.identity import RunKind
from checks.core.model.job import Repository
from checks.core.model.ports import CurrentUpdate, PublishError
from checks.core.model.settings import Passing, Settings
from checks.core.results.session_builder import SessionBuilder
from checks.programs.run.base_answer import BaseAnswer, LookUp
from checks.programs.run.batches import Batches, Progress
from checks.programs.run.collector import ResultCollector
from checks.programs.run.content import CompletedContent
from checks.programs.run.create import ActiveCheckRun, CheckRunCreator
from checks.programs.run.sender import CheckRunSender
from tests.support.bases import base_of
from tests.support.fakes import FakeCancel, FakeClock, FakePublisher, MemoryRecords, MemorySpool
from tests.support.rerun.check_runs import DONE as DONE_RUN
from tests.support.rerun.check_runs import OPEN
from tests.support.rules import rule
from tests.support.sessions import item, session
from tests.support.stream_lines import Lines
from tests.support.waits import HANG_SECONDS

DONE = CompletedContent(
    run=DONE_RUN,
    whole_identity=replace(DONE_RUN.identity, kind=RunKind.COMPLETE),
    output=lambda progress: Output(
        title="2 failed",
        summary=f"{progress.failures_annotated} of {progress.failures}, {progress.others_waiting} wait",
    ),
)
CANCELLED = replace(DONE, run=replace(DONE_RUN, conclusion=Conclusion.CANCELLED))


class CompletedBeforeWaiting(CheckRunSender):
    """A sender whose completion is requested when it has just found that it is not, and has not waited yet."""

    def _send_next(self, active_run: ActiveCheckRun) -> None:
        self.complete(DONE, is_urgent=False)
        super()._send_next(active_run)


class Scene:
    """A `CheckRunSender` with a collector and its dependencies."""

    def __init__(
        self,
        publisher: FakePublisher,
        passing: Passing = Passing.EACH,
        *,
        live_output: Callable[[], Output] | None = None,
        look_up_base: LookUp | None = None,
        sender: type[CheckRunSender] = CheckRunSender,
    ) -> None:
        self.clock = FakeClock()
        self.publisher = publisher
        self.log: list[str] = []
        self.saved: list[tuple[str, CheckRun | None]] = []
        settings = Settings(passing=passing)
        annotation_queue = AnnotationQueue(MemorySpool(), settings.max_annotations)
        repository = Repository(root="/repo", tracked=frozenset({"a.py"}), fallback="a.py")
        self.collector = ResultCollector(
            settings=settings,
            repository=repository,
            annotation_queue=annotation_queue,
            definition=lambda _, line: line,
            log=self.log.append,
            builder=SessionBuilder(lambda entry: entry),
            failures=FailureRecorder(MemoryRecords()),
        )
        self.fallback = FakePublisher(run_id="")
        self.sender = sender(
            OPEN,
            CheckRunCreator(publishers=[publisher], fallback=self.fallback, warn=self.log.append),
            Batches(annotation_queue, BaseAnswer(look_up_base, self.clock)),
            live_output=live_output or self._live_output,
            save=lambda published, run: self.saved.append((published.id, run)),
            clock=self.clock,
            interval_seconds=10.0,
        )
        self.lines = Lines()
        self.sender.start()

    def feed(self, lines: Iterable[bytes]) -> None:
        with self.sender.locked():
            self.collector.feed(lines)
            self.sender.note_changes()

    def pass_interval(self) -> None:
        """Advance the time to the next live update, which the next changes cause."""
        self.sender.wait_until_created(FakeCancel(self.clock))
        self.clock.seconds += 10

    def complete(self, content: CompletedContent = DONE, *, is_urgent: bool = False) -> CompletedContent:
        return self.sender.complete(content, is_urgent=is_urgent)

    def end(self, *, is_urgent: bool = False) -> None:
        self.complete(is_urgent=is_urgent)
        assert self.sender.join(HANG_SECONDS)

    def _live_output(self) -> Output:
        session = self.collector.session()
        return Output(title=f"{session.total} of {session.collected}", summary="")


class BrokenByAnnotations(FakePublisher):
    """A publisher that raises an unexpected error."""

    def update(self, published: Published, run: CheckRun, annotations: Sequence[Annotation]) -> None:
        if annotations:
            raise ZeroDivisionError
        super().update(published, run, annotations)


class BrokenCreation(FakePublisher):
    """A publisher that raises an unexpected error when it creates the run."""

    def create(self, run: CheckRun, current: CurrentUpdate | None = None) -> Published:
        raise ZeroDivisionError(run, current)


class BrokenCommitStatus(FakePublisher):
    """A publisher that raises an unexpected error when it sets the commit status."""

    def set_commit_status(self, published: Published, run: CheckRun) -> bool:
        super().set_commit_status(published, run)
        raise ZeroDivisionError


class RefusingAfterCompletion(FakePublisher):
    """Accepts nothing after the completion."""

    def update(self, published: Published, run: CheckRun, annotations: Sequence[Annotation]) -> None:
        super().update(published, run, annotations)
        self.refuses_update = "no more" if run.status is Status.COMPLETED else ""


class SlowPublisher(FakePublisher):
    """A publisher that creates the run, and sets the commit status, when the test allows it."""

    def __init__(self) -> None:
        super().__init__()
        self.may_create = threading.Event()
        self.may_set_status = threading.Event()

    def create(self, run: CheckRun, current: CurrentUpdate | None = None) -> Published:
        assert self.may_create.wait(HANG_SECONDS)
        return super().create(run, current)

    def set_commit_status(self, published: Published, run: CheckRun) -> bool:
        assert self.may_set_status.wait(HANG_SECONDS)
        return super().set_commit_status(published, run)


class BrokenOutput:
    """A `live_output` that raises an unexpected error."""

    def __init__(self) -> None:
        self.was_called = threading.Event()

    def __call__(self) -> Output:
        self.was_called.set()
        raise ZeroDivisionError


def test_completion_that_comes_just_before_the_wait_is_sent() -> None:
    scene = Scene(FakePublisher(), sender=CompletedBeforeWaiting)
    assert scene.sender.join(HANG_SECONDS)
    assert scene.publisher.statuses == [Status.COMPLETED]


def test_first_failure_is_sent_at_once() -> None:
    scene = Scene(FakePublisher())
    scene.feed([*scene.lines.collected(5), *scene.lines.test("passed"), *scene.lines.test("failed")])
    scene.publisher.wait_for(1)
    run, annotations = scene.publisher.updates[0]
    assert (run.status, run.output.title) == (Status.IN_PROGRESS, "2 of 5")
    assert [annotation.title for annotation in annotations] == ["a.py::t2", "a.py::t1"]
    scene.end()


class GivenLookUp:
    """A look-up whose answer the test gives; `was_asked` is set once somebody waits for it."""

    def __init__(self) -> None:
        self.answer: Base | NoBase | None = None
        self.was_asked = threading.Event()

    def __call__(self, until: float) -> Base | NoBase | None:
        assert until
        self.was_asked.set()
        return self.answer


PASSED_BASE = base_of(session(item("a.py::t1")))


@rule("Compare: the base is unknown while a failure could be sent")
@pytest.mark.parametrize(
    ("answer", "seconds", "line"),
    [
        (PASSED_BASE, 0.0, "\nNew: passed on main at c0ffee1."),
        (NoBase(reason="x"), 0.0, ""),
        (None, 3.0, ""),
    ],
    ids=["base", "no base", "3 s later"],
)
def test_first_failure_waits_for_the_base(answer: Base | NoBase | None, seconds: float, line: str) -> None:
    look_up = GivenLookUp()
    scene = Scene(FakePublisher(), look_up_base=look_up)
    scene.feed([*scene.lines.collected(5), *scene.lines.test("failed")])
    assert look_up.was_asked.wait(HANG_SECONDS)
    assert scene.publisher.updates == []
    scene.clock.seconds += seconds
    look_up.answer = answer
    scene.publisher.wait_for(1)
    ((_, (annotation,)),) = scene.publisher.updates
    assert annotation.message.partition("\n")[1:] == line.partition("\n")[1:]
    scene.end()


def test_completion_does_not_wait_for_the_base() -> None:
    scene = Scene(FakePublisher(), look_up_base=GivenLookUp())
    scene.feed([*scene.lines.collected(5), *scene.lines.test("failed")])
    scene.end()
    assert scene.publisher.statuses == [Status.COMPLETED]


def test_notices_do_not_wait_for_the_base() -> None:
    scene = Scene(FakePublisher(), look_up_base=GivenLookUp())
    scene.feed([*scene.lines.collected(5), *scene.lines.test("passed")])
    scene.pass_interval()
    scene.feed(scene.lines.test("passed"))
    scene.publisher.wait_for(1)
    scene.end()


def test_batch_that_was_refused_is_sent_again_unchanged() -> None:
    look_up, publisher = GivenLookUp(), FakePublisher(refuses_update="not now")
    look_up.answer = NoBase(reason="x")
    scene = Scene(publisher, look_up_base=look_up)
    scene.feed([*scene.lines.collected(1), *scene.lines.test("failed")])
    publisher.wait_for_refusals(1)
    look_up.answer, publisher.refuses_update = PASSED_BASE, ""
    scene.end()
    assert publisher.updates[0][1] == publisher.refused[0]


def test_later_failures_wait_for_completion_or_interval() -> None:
    scene = Scene(FakePublisher())
    scene.feed([*scene.lines.collected(9), *scene.lines.test("failed")])
    scene.publisher.wait_for(1)
    scene.feed(scene.lines.tests_of("failed", 3))
    scene.end()
    assert scene.publisher.sizes == [1, 3]
    assert scene.publisher.statuses == [Status.IN_PROGRESS, Status.COMPLETED]


def test_full_batches_of_failures_are_sent_while_tests_run() -> None:
    scene = Scene(FakePublisher())
    scene.feed([*scene.lines.collected(200), *scene.lines.tests_of("failed", 200)])
    scene.publisher.wait_for(3)
    assert scene.publisher.sizes == [50, 50, 50]
    scene.end()
    assert scene.publisher.sizes == [50, 50, 50, 50]
    assert sorted(scene.publisher.titles) == sorted(f"a.py::t{n}" for n in range(1, 201))


def test_full_batches_of_notices_wait_for_interval_or_completion() -> None:
    scene = Scene(FakePublisher())
    scene.feed([*scene.lines.collected(200), *scene.lines.tests_of("passed", 120)])
    scene.pass_interval()
    scene.feed(scene.lines.test("passed"))
    scene.publisher.wait_for(1)
    scene.feed(scene.lines.tests_of("passed", 79))
    scene.end()
    assert scene.publisher.statuses == [Status.IN_PROGRESS, *[Status.COMPLETED] * 3]
    assert scene.publisher.sizes == [50, 50, 50, 50]


def test_urgent_completion_comes_before_other_annotations() -> None:
    scene = Scene(FakePublisher(), Passing.NONE)
    scene.publisher.pacing_seconds = 3600.0
    scene.feed(scene.lines.tests_of("skipped", 100) + scene.lines.tests_of("failed", 60))
    scene.publisher.pacing_seconds = 0.0
    scene.end(is_urgent=True)
    assert scene.publisher.statuses[-1] is Status.COMPLETED
    assert sum(scene.publisher.sizes) == 160


def test_pacing_after_the_completion_ends_when_it_becomes_urgent() -> None:
    scene = Scene(FakePublisher(pacing_seconds=200.0), Passing.NONE)
    scene.feed(scene.lines.tests_of("failed", 70))
    scene.complete()
    scene.publisher.wait_for(1)
    scene.end(is_urgent=True)
    assert scene.publisher.statuses == [Status.COMPLETED, Status.COMPLETED]
    assert scene.publisher.sizes == [50, 20]


def test_refused_annotations_are_sent_with_the_completion() -> None:
    publisher = FakePublisher(refuses_update="not now")
    scene = Scene(publisher)
    scene.feed([*scene.lines.collected(1), *scene.lines.test("failed")])
    publisher.wait_for_refusals(1)
    publisher.refuses_update = ""
    scene.end()
    assert scene.sender.error is None
    assert (publisher.statuses, publisher.titles) == ([Status.COMPLETED], ["a.py::t1"])


@pytest.mark.parametrize(
    ("publisher", "is_completed", "has_error"),
    [
        pytest.param(FakePublisher(), True, False, id="all sent"),
        pytest.param(FakePublisher(refuses_update="no more"), False, True, id="all refused"),
        pytest.param(RefusingAfterCompletion(), True, True, id="refused after the completion"),
        pytest.param(BrokenByAnnotations(), True, True, id="completed after a bug"),
    ],
)
def test_sender_knows_whether_the_run_is_completed(
    publisher: FakePublisher, *, is_completed: bool, has_error: bool
) -> None:
    scene = Scene(publisher, Passing.NONE)
    publisher.pacing_seconds = 3600.0
    scene.feed(scene.lines.tests_of("skipped", 60))
    assert not scene.sender.is_completed
    publisher.pacing_seconds = 0.0
    scene.end(is_urgent=True)
    assert (scene.sender.is_completed, scene.sender.error is not None) == (is_completed, has_error)


def test_refused_completion_keeps_error_and_unsent_annotations() -> None:
    scene = Scene(FakePublisher(refuses_update="no more"))
    scene.feed([*scene.lines.collected(1), *scene.lines.test("failed")])
    scene.end()
    assert str(scene.sender.error) == "no more"
    assert [annotation.title for annotation in scene.sender.unsent(11)] == ["a.py::t1"]


def test_unsent_annotations_have_failures_first() -> None:
    publisher = FakePublisher(refuses_update="no more")
    scene = Scene(publisher)
    scene.pass_interval()
    scene.feed([*scene.lines.collected(99), *scene.lines.tests_of("passed", 60)])
    publisher.wait_for_refusals(1)
    scene.feed(scene.lines.tests_of("failed", 20))
    scene.end()
    assert [annotation.title for annotation in scene.sender.unsent(3)] == ["a.py::t61", "a.py::t62", "a.py::t63"]


def test_refused_batch_is_sent_again_unchanged() -> None:
    publisher = FakePublisher(refuses_update="not now")
    scene = Scene(publisher)
    scene.feed([*scene.lines.collected(9), *scene.lines.test("failed")])
    publisher.wait_for_refusals(1)
    scene.feed(scene.lines.tests_of("failed", 3))
    publisher.refuses_update = ""
    scene.end()
    assert publisher.refused == [publisher.updates[0][1]]
    assert publisher.sizes == [1, 3]


def test_live_updates_resume_after_a_transient_error() -> None:
    publisher = FakePublisher()
    publisher.raises = outage = PublishError("down")
    outage.is_temporary = True
    scene = Scene(publisher)
    scene.feed([*scene.lines.collected(9), *scene.lines.test("failed")])
    publisher.wait_for_refusals(1)
    publisher.raises = None
    scene.clock.seconds += 30
    scene.feed(scene.lines.tests_of("failed", 3))
    publisher.wait_for(1)
    assert publisher.statuses == [Status.IN_PROGRESS]
    scene.end()
    assert sorted(publisher.titles) == [f"a.py::t{n}" for n in range(1, 5)]
    assert len(publisher.refused) == 1


def test_live_updates_end_after_a_permanent_error() -> None:
    publisher = FakePublisher(refuses_update="never")
    scene = Scene(publisher)
    scene.feed([*scene.lines.collected(9), *scene.lines.test("failed")])
    publisher.wait_for_refusals(1)
    scene.clock.seconds += 3600
    scene.feed(scene.lines.tests_of("failed", 3))
    scene.end()
    assert len(publisher.refused) == 2  # and the completion


@rule("The action's side: a bug in live updates")
def test_bug_in_live_output_does_not_stop_the_completion() -> None:
    live_output = BrokenOutput()
    scene = Scene(FakePublisher(), live_output=live_output)
    scene.feed([*scene.lines.collected(3), *scene.lines.test("failed"), *scene.lines.tests_of("passed", 2)])
    assert live_output.was_called.wait(HANG_SECONDS)
    scene.end()
    assert isinstance(scene.sender.bug, ZeroDivisionError)
    assert scene.sender.error is None
    assert (scene.publisher.statuses, scene.publisher.sizes) == ([Status.COMPLETED], [3])


def test_bug_in_annotations_completes_run_without_them() -> None:
    publisher = BrokenByAnnotations()
    scene = Scene(publisher)
    scene.feed([*scene.lines.collected(3), *scene.lines.test("failed")])
    scene.end()
    ((run, _),) = publisher.updates
    assert (run.status, run.conclusion) == (Status.COMPLETED, Conclusion.FAILURE)
    assert "Some annotations could not be sent (a bug in this action)." in run.output.summary
    assert isinstance(scene.sender.bug, ZeroDivisionError)
    assert str(scene.sender.error).startswith("Some annotations could not be sent (a bug in this action).")


def test_urgent_completion_sends_failures_before_refused_notices() -> None:
    publisher = FakePublisher(refuses_update="not now")
    scene = Scene(publisher)
    scene.pass_interval()
    scene.feed([*scene.lines.collected(99), *scene.lines.tests_of("passed", 60)])
    publisher.wait_for_refusals(1)
    scene.feed(scene.lines.tests_of("failed", 20))
    publisher.refuses_update = ""
    scene.end(is_urgent=True)
    run, first = publisher.updates[0]
    assert run.status is Status.COMPLETED
    assert [annotation.title for annotation in first[:20]] == [f"a.py::t{n}" for n in range(61, 81)]
    assert publisher.refused[0] in [batch for _, batch in publisher.updates]
    assert sum(publisher.sizes) == 80


def test_completion_already_being_sent_wins() -> None:
    scene = Scene(FakePublisher())
    scene.end()
    assert scene.complete(CANCELLED, is_urgent=True) is DONE
    assert [run.conclusion for run, _ in scene.publisher.updates] == [Conclusion.FAILURE]


def test_later_completion_wins_before_sending_begins() -> None:
    scene = Scene(FakePublisher(), Passing.NONE)
    scene.feed(scene.lines.tests_of("failed", 40))
    with scene.sender.locked():
        scene.complete()
        assert scene.complete(CANCELLED, is_urgent=True) is CANCELLED
    assert scene.sender.join(HANG_SECONDS)
    assert scene.publisher.updates[-1][0].conclusion is Conclusion.CANCELLED


def test_commit_status_is_set_after_the_creation_and_after_the_verdict() -> None:
    scene = Scene(FakePublisher())
    scene.pass_interval()
    scene.feed(scene.lines.tests_of("failed", 60))
    scene.publisher.wait_for(1)
    assert scene.publisher.commit_states == [None]
    scene.feed(scene.lines.tests_of("failed", 120))
    scene.end(is_urgent=True)
    assert scene.publisher.statuses.count(Status.COMPLETED) > 1
    assert scene.publisher.commit_states == [None, Conclusion.FAILURE]
    assert scene.saved[-1] == ("17", None)


@rule("Commit status: GitHub is slow")
def test_nobody_waits_for_the_first_commit_status() -> None:
    publisher = SlowPublisher()
    scene = Scene(publisher)
    publisher.may_create.set()
    scene.sender.wait_until_created(FakeCancel(scene.clock))
    assert publisher.commit_states == []
    publisher.may_set_status.set()
    scene.end()


def test_verdict_does_not_wait_for_the_first_commit_status() -> None:
    publisher = SlowPublisher()
    scene = Scene(publisher)
    scene.complete()
    publisher.may_create.set()
    publisher.wait_for(1)
    publisher.may_set_status.set()
    scene.end()
    assert publisher.commit_states == [Conclusion.FAILURE]


def test_commit_status_that_is_not_settled_is_left_to_the_post_step() -> None:
    scene = Scene(FakePublisher())
    scene.publisher.refuses_commit_status = True
    scene.end()
    assert scene.sender.is_completed
    assert [run.conclusion for _, run in scene.saved[-1:] if run] == [Conclusion.FAILURE]


def test_bug_in_annotations_ends_the_commit_status() -> None:
    scene = Scene(BrokenByAnnotations())
    scene.feed(scene.lines.test("failed"))
    scene.end()
    assert scene.publisher.commit_states[-1] == Conclusion.FAILURE


@rule("The action's side: a bug in the commit status")
def test_bug_in_the_commit_status_costs_no_annotations() -> None:
    scene = Scene(BrokenCommitStatus(), Passing.NONE)
    scene.publisher.pacing_seconds = 3600.0
    scene.feed(scene.lines.tests_of("failed", 120))
    scene.publisher.pacing_seconds = 0.0
    scene.end()
    assert (scene.publisher.commit_states[-1], sum(scene.publisher.sizes)) == (Conclusion.FAILURE, 120)
    assert isinstance(scene.sender.bug, ZeroDivisionError)
    assert scene.sender.error is None
    assert scene.saved[-1] == ("17", None)


def test_verdict_comes_first_with_the_failures() -> None:
    """The pacing delays what follows only."""
    scene = Scene(FakePublisher(pacing_seconds=120.0), Passing.NONE)
    scene.feed(scene.lines.tests_of("skipped", 60) + scene.lines.tests_of("failed", 30))
    scene.complete()
    scene.publisher.wait_for(1)
    ((run, annotations),) = scene.publisher.updates
    assert (run.status, run.conclusion) == (Status.COMPLETED, Conclusion.FAILURE)
    assert [annotation.title for annotation in annotations[:30]] == [f"a.py::t{n}" for n in range(61, 91)]
    scene.end(is_urgent=True)


def test_only_the_last_update_says_that_all_failures_are_annotated() -> None:
    scene = Scene(FakePublisher(), Passing.NONE)
    scene.publisher.pacing_seconds = 3600.0
    scene.feed(scene.lines.tests_of("failed", 120))
    scene.feed(scene.lines.tests_of("skipped", 20))
    with scene.sender.locked():  # no live update in between
        scene.publisher.pacing_seconds = 0.0
        scene.complete(is_urgent=True)
    assert scene.sender.join(HANG_SECONDS)
    completed = [run for run, _ in scene.publisher.updates if run.status is Status.COMPLETED]
    assert [run.identity.kind for run in completed] == [RunKind.TESTS, RunKind.TESTS, RunKind.COMPLETE]
    assert [run.output.summary for run in completed] == [
        "50 of 120, 20 wait",
        "100 of 120, 20 wait",
        "120 of 120, 0 wait",
    ]


LATE = replace(DONE, has_more=lambda: True)


@rule("Since when: GitHub is slow or refuses")
@pytest.mark.parametrize(
    ("content", "is_urgent", "others_seconds", "updates"),
    [
        pytest.param(DONE, False, 0.0, 1, id="nothing came after the tests"),
        pytest.param(LATE, False, 0.0, 2, id="something did"),
        pytest.param(LATE, False, 0.1, 2, id="there is room soon"),
        pytest.param(LATE, False, 600.0, 1, id="other jobs are busy"),
        pytest.param(LATE, True, 0.0, 1, id="the job is cancelled"),
    ],
)
def test_what_comes_after_the_tests_is_one_more_update(
    content: CompletedContent, *, is_urgent: bool, others_seconds: float, updates: int
) -> None:
    scene = Scene(FakePublisher())
    scene.publisher.others_seconds = others_seconds
    scene.sender.wait_until_created(FakeCancel(scene.clock))
    scene.complete(content, is_urgent=is_urgent)
    assert scene.sender.join(HANG_SECONDS)
    assert scene.publisher.sizes == [0] * updates
    assert scene.sender.error is None


def test_update_after_everything_may_fail() -> None:
    scene = Scene(RefusingAfterCompletion())
    scene.sender.wait_until_created(FakeCancel(scene.clock))
    scene.complete(LATE)
    assert scene.sender.join(HANG_SECONDS)
    assert (scene.publisher.sizes, scene.publisher.refused) == ([0], [()])
    assert (scene.sender.error, scene.sender.is_completed) == (None, True)


def test_check_run_without_more_annotations_is_completed_in_one_update() -> None:
    scene = Scene(FakePublisher(), Passing.NONE)
    scene.end()
    ((run, _),) = scene.publisher.updates
    assert run.identity.kind is RunKind.COMPLETE


@rule("GitHub's side: other jobs of the App come near GitHub's limits")
def test_busy_installation_costs_the_notices_that_the_completion_has_no_room_for() -> None:
    scene = Scene(FakePublisher(), Passing.NONE)
    scene.publisher.others_seconds = 600.0
    scene.feed(scene.lines.tests_of("failed", 60) + scene.lines.tests_of("skipped", 70))
    scene.publisher.wait_for(1)
    scene.end()
    assert scene.publisher.sizes == [50, 50]
    run, annotations = scene.publisher.updates[-1]
    assert run.identity.kind is RunKind.COMPLETE
    assert [annotation.title for annotation in annotations[9:11]] == ["a.py::t60", "a.py::t61"]


class BusyAfterCompletion(FakePublisher):
    """Is beside busy jobs from the completion on."""

    def update(self, published: Published, run: CheckRun, annotations: Sequence[Annotation]) -> None:
        super().update(published, run, annotations)
        self.others_seconds = 600.0 if run.status is Status.COMPLETED else 0.0


def test_notices_that_lose_their_room_after_the_completion_are_left_out_at_once() -> None:
    scene = Scene(BusyAfterCompletion(), Passing.NONE)
    scene.feed(scene.lines.tests_of("skipped", 120))
    scene.end()
    assert scene.publisher.sizes == [50, 0]
    assert [run.identity.kind for run, _ in scene.publisher.updates] == [RunKind.TESTS, RunKind.COMPLETE]


class PublisherWithSpentHour(FakePublisher):
    """Allows no more writes for half an hour once the check run is completed."""

    def update(self, published: Published, run: CheckRun, annotations: Sequence[Annotation]) -> None:
        super().update(published, run, annotations)
        self.pacing_seconds = 1610.0 if run.status is Status.COMPLETED else 0.0


@rule("GitHub's side: the job's own hourly number of writes is spent when its tests end")
def test_annotations_that_the_pacing_allows_too_late_are_given_up() -> None:
    scene = Scene(PublisherWithSpentHour(), Passing.NONE)
    with scene.sender.locked():
        scene.feed(scene.lines.tests_of("failed", 60))
        scene.complete()
    assert scene.sender.join(HANG_SECONDS)
    ((run, _),) = scene.publisher.updates
    assert (run.status, run.identity.kind, run.output.summary) == (
        Status.COMPLETED,
        RunKind.TESTS,
        "50 of 60, 0 wait",
    )
    assert scene.sender.is_completed
    assert str(scene.sender.error).startswith("GitHub's rate limits, or slow responses, leave no time")
    assert len(scene.sender.unsent(11)) == 10


def test_busy_installation_delays_live_updates_except_the_first_failure() -> None:
    scene = Scene(FakePublisher(), Passing.NONE)
    scene.publisher.others_seconds = 600.0
    scene.feed(scene.lines.tests_of("failed", 1))
    scene.publisher.wait_for(1)
    scene.clock.seconds += 500.0
    scene.feed(scene.lines.tests_of("failed", 60))
    scene.end(is_urgent=True)
    assert scene.publisher.statuses == [Status.IN_PROGRESS, Status.COMPLETED, Status.COMPLETED]


class PublisherCreatingLate(FakePublisher):
    """Creates the check run when it `may_create`, which the sender waits for."""

    def __init__(self) -> None:
        super().__init__()
        self.may_create = threading.Event()

    def create(self, run: CheckRun, current: CurrentUpdate | None = None) -> Published:
        assert self.may_create.wait(HANG_SECONDS)
        return super().create(run, current)


def test_nothing_waits_until_the_check_run_is_created() -> None:
    publisher = PublisherCreatingLate()
    scene = Scene(publisher)
    assert scene.saved == [("", OPEN)]
    scene.feed([*scene.lines.collected(2), *scene.lines.tests_of("failed", 2)])
    scene.complete()
    assert scene.saved == [("", OPEN), ("", DONE.run)]
    publisher.may_create.set()
    assert scene.sender.join(HANG_SECONDS)
    assert publisher.statuses == [Status.COMPLETED]
    assert publisher.titles == ["a.py::t1", "a.py::t2"]
    assert scene.saved == [("", OPEN), ("", DONE.run), ("17", DONE.run), ("17", None)]


class PublisherCreatingCompleted(PublisherCreatingLate):
    """Creates the check run as it is by then."""

    def __init__(self) -> None:
        super().__init__()
        self.creates_current = True


def test_run_whose_tests_have_ended_is_created_as_completed() -> None:
    publisher = PublisherCreatingCompleted()
    scene = Scene(publisher, Passing.NONE)
    scene.feed(scene.lines.tests_of("failed", 60))
    scene.complete()
    publisher.may_create.set()
    assert scene.sender.join(HANG_SECONDS)
    run, annotations = publisher.updates[0]
    assert publisher.created_as == (run, annotations)
    assert (run.status, run.output.summary, len(annotations)) == (Status.COMPLETED, "50 of 60, 0 wait", 50)
    assert (publisher.statuses, publisher.sizes) == ([Status.COMPLETED] * 2, [50, 10])
    assert publisher.commit_states == [Conclusion.FAILURE]
    assert scene.saved == [("", OPEN), ("", DONE.run), ("17", DONE.run), ("17", None)]


class PublisherAnsweringLate(FakePublisher):
    """Creates the check run as it is by then, and answers when it `may_answer`."""

    def __init__(self) -> None:
        super().__init__()
        self.creates_current = True
        self.was_asked, self.has_created, self.may_answer = (threading.Event() for _ in range(3))

    def create(self, run: CheckRun, current: CurrentUpdate | None = None) -> Published:
        assert self.was_asked.wait(HANG_SECONDS)
        published = super().create(run, current)
        self.has_created.set()
        assert self.may_answer.wait(HANG_SECONDS)
        return published


def test_completion_that_the_creation_carries_is_not_replaced() -> None:
    publisher = PublisherAnsweringLate()
    scene = Scene(publisher)
    scene.complete()
    publisher.was_asked.set()
    assert publisher.has_created.wait(HANG_SECONDS)
    assert scene.complete(CANCELLED, is_urgent=True) is DONE
    publisher.may_answer.set()
    assert scene.sender.join(HANG_SECONDS)
    assert [run.conclusion for run, _ in publisher.updates] == [Conclusion.FAILURE]


def test_run_created_without_results_is_completed_by_an_update() -> None:
    publisher = PublisherAnsweringLate()
    scene = Scene(publisher)
    publisher.was_asked.set()
    assert publisher.has_created.wait(HANG_SECONDS)
    scene.complete()
    publisher.may_answer.set()
    assert scene.sender.join(HANG_SECONDS)
    assert publisher.created_as == (OPEN, ())
    assert publisher.statuses == [Status.COMPLETED]


def test_creation_leaves_out_notices_that_have_no_room() -> None:
    publisher = PublisherCreatingCompleted()
    publisher.others_seconds = 600.0
    scene = Scene(publisher, Passing.NONE)
    scene.feed(scene.lines.tests_of("skipped", 70))
    scene.complete()
    publisher.may_create.set()
    assert scene.sender.join(HANG_SECONDS)
    assert publisher.sizes == [50]
    assert publisher.created_as == publisher.updates[0]


class PublisherBusyAfterCreation(PublisherCreatingCompleted):
    """Is beside busy jobs once it has created the check run."""

    def create(self, run: CheckRun, current: CurrentUpdate | None = None) -> Published:
        published = super().create(run, current)
        self.others_seconds = 600.0
        return published


def test_first_update_is_what_the_run_was_created_as() -> None:
    publisher = PublisherBusyAfterCreation()
    scene = Scene(publisher, Passing.NONE)
    scene.feed(scene.lines.tests_of("skipped", 70))
    scene.complete()
    publisher.may_create.set()
    assert scene.sender.join(HANG_SECONDS)
    assert publisher.created_as == publisher.updates[0]
    assert publisher.sizes == [50, 0]


class PublisherOutOfOrder(FakePublisher):
    """Refuses to create the check run until `works` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.attempts = 0
        self.was_tried = threading.Event()
        self.works = False

    def create(self, run: CheckRun, current: CurrentUpdate | None = None) -> Published:
        self.attempts += 1
        self.was_tried.set()
        if self.works:
            return super().create(run, current)
        error = PublishError("GitHub is down")
        error.is_temporary = True
        raise error


def test_creation_is_tried_again_at_the_end_of_the_tests() -> None:
    publisher = PublisherOutOfOrder()
    scene = Scene(publisher)
    assert publisher.was_tried.wait(HANG_SECONDS)
    publisher.works = True
    scene.end()
    assert (publisher.statuses, scene.log) == ([Status.COMPLETED], ["GitHub is down"])
    assert scene.saved[-1] == ("17", None)


def test_creation_is_not_tried_again_if_the_tests_wait_for_it() -> None:
    publisher = PublisherOutOfOrder()
    scene = Scene(publisher)
    assert publisher.was_tried.wait(HANG_SECONDS)
    scene.sender.wait_until_created(FakeCancel(scene.clock))
    assert publisher.attempts <= 2  # one may have begun before the tests waited
    assert scene.sender.published is None
    scene.end()
    assert scene.fallback.statuses == [Status.COMPLETED]


def test_bug_in_the_creation_neither_stops_the_tests_nor_hides() -> None:
    scene = Scene(BrokenCreation())
    scene.sender.wait_until_created(FakeCancel(scene.clock))
    scene.end()
    assert isinstance(scene.sender.bug, ZeroDivisionError)
    assert scene.fallback.statuses == [Status.COMPLETED]


@pytest.mark.parametrize("is_created_completed", [False, True])
def test_bug_in_the_final_output_completes_run_without_it(*, is_created_completed: bool) -> None:
    def output(progress: Progress) -> Output:
        raise ZeroDivisionError(progress)

    publisher = PublisherCreatingCompleted()
    publisher.creates_current = is_created_completed
    scene = Scene(publisher)
    scene.complete(replace(DONE, output=output))
    publisher.may_create.set()
    assert scene.sender.join(HANG_SECONDS)
    ((run, _),) = scene.publisher.updates
    assert (run.conclusion, run.output.title) == (Conclusion.FAILURE, "2 failed")
    assert "Some annotations could not be sent (a bug in this action)." in run.output.summary


def test_creation_that_fails_to_the_end_is_left_to_the_post_step() -> None:
    publisher = PublisherOutOfOrder()
    scene = Scene(publisher)
    assert publisher.was_tried.wait(HANG_SECONDS)
    scene.end()
    assert (publisher.updates, scene.fallback.statuses) == ([], [Status.COMPLETED])
    assert scene.sender.published is None
    assert scene.saved[-1] == ("", DONE.run)


@pytest.mark.parametrize("number", [0, 1, 49, 50, 51, 100, 101])
def test_notices_take_the_least_number_of_writes(number: int) -> None:
    scene = Scene(FakePublisher())
    scene.feed([*scene.lines.collected(number), *scene.lines.tests_of("passed", number)])
    scene.end()
    assert len(scene.publisher.sizes) == max(1, -(-number // 50))


def test_full_batches_within_interval_repeat_last_output() -> None:
    scene = Scene(FakePublisher())
    scene.feed([*scene.lines.collected(300), *scene.lines.test("failed")])
    scene.publisher.wait_for(1)
    scene.feed(scene.lines.tests_of("failed", 120))
    scene.publisher.wait_for(3)
    assert [run.output.title for run, _ in scene.publisher.updates] == ["1 of 300"] * 3
    scene.clock.seconds += 10
    scene.feed(scene.lines.tests_of("failed", 60))
    scene.publisher.wait_for(4)
    assert scene.publisher.updates[-1][0].output.title == "181 of 300"
    scene.end()
