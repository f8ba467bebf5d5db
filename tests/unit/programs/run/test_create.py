"""Who puts the check run up, and what the post step is told of it."""

from __future__ import annotations

import threading
from dataclasses import replace

from checks.core.model.check_run import CheckRun, Published
from checks.core.model.ports import PublishError
from checks.programs.run.create import run_creator
from tests.support.fakes import FakeCancel, FakeClock, FakePublisher
from tests.support.rerun.check_runs import OPEN
from tests.support.waits import HANG_SECONDS

Saved = tuple[str, CheckRun | None]


class Putting:
    """`run_creator` with what it saves and warns of."""

    def __init__(self, *publishers: FakePublisher, run: CheckRun = OPEN, cancel: FakeCancel | None = None) -> None:
        self.saved: list[Saved] = []
        self.warnings: list[str] = []
        self.last = FakePublisher()
        cancel = cancel or FakeCancel(FakeClock())
        self.active_run = run_creator(publishers, self.last, save=self.save, warn=self.warnings.append, cancel=cancel)(
            run
        )

    def save(self, published: Published, run: CheckRun | None) -> None:
        self.saved.append((published.id, run))


class Unanswered(FakePublisher):
    """Puts it up, perhaps; nobody can tell."""

    def create(self, run: CheckRun) -> Published:
        super().create(run)
        error = PublishError("no answer")
        error.may_have_been_applied = True
        raise error


def test_state_is_saved_before_and_after_creation() -> None:
    putting = Putting(FakePublisher())
    assert putting.saved == [("", OPEN), ("17", OPEN)]


def test_next_publisher_creates_what_the_first_refuses() -> None:
    second = FakePublisher()
    putting = Putting(FakePublisher(refuses_create="not installed"), second)
    assert (putting.active_run.publisher, putting.active_run.may_exist_on_github) == (second, False)
    assert putting.warnings == ["not installed"]
    assert putting.saved[-1] == ("17", OPEN)


def test_post_step_has_nothing_to_do_if_all_publishers_refuse() -> None:
    putting = Putting(FakePublisher(refuses_create="not installed"))
    assert (putting.active_run.publisher, putting.active_run.may_exist_on_github) == (putting.last, False)
    assert putting.saved[-1] == ("", None)


def test_post_step_looks_for_run_that_may_exist() -> None:
    putting = Putting(Unanswered(), FakePublisher(refuses_create="read only"))
    assert (putting.active_run.publisher, putting.active_run.may_exist_on_github) == (putting.last, True)
    assert putting.saved[-1] == ("", OPEN)
    assert putting.warnings == ["no answer", "read only"]


class Hanging(FakePublisher):
    """Cancels the job that waits for its answer, and answers once nobody waits for it any more."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = FakeClock()
        self.cancel = FakeCancel(self.clock)
        self.is_given_up = threading.Event()

    def create(self, run: CheckRun) -> Published:
        self.cancel.set()
        self.clock.seconds += 4
        assert self.is_given_up.wait(HANG_SECONDS)
        return super().create(run)


def test_hanging_request_is_left_to_the_post_step() -> None:
    hanging, second = Hanging(), FakePublisher()
    putting = Putting(hanging, second, cancel=hanging.cancel)
    hanging.is_given_up.set()
    assert (putting.active_run.publisher, putting.active_run.may_exist_on_github) == (putting.last, True)
    assert putting.saved == [("", OPEN)]
    assert second.created == []
    assert putting.warnings == [
        "The job was cancelled before GitHub confirmed the check run. The post step looks for it and completes it."
    ]


def test_without_commit_no_publisher_is_asked() -> None:
    publisher = FakePublisher()
    putting = Putting(publisher, run=replace(OPEN, head_sha=""))
    assert putting.active_run.publisher is putting.last
    assert publisher.created == []
