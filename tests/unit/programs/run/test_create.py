"""Which publisher creates the check run, and what is saved for the post step."""

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


class Creation:
    """`run_creator` with what it saves and logs."""

    def __init__(self, *publishers: FakePublisher, run: CheckRun = OPEN, cancel: FakeCancel | None = None) -> None:
        self.saved: list[Saved] = []
        self.warnings: list[str] = []
        self.fallback = FakePublisher()
        cancel = cancel or FakeCancel(FakeClock())
        self.active_run = run_creator(
            publishers, self.fallback, save=self.save, warn=self.warnings.append, cancel=cancel
        )(run)

    def save(self, published: Published, run: CheckRun | None) -> None:
        self.saved.append((published.id, run))


class PublisherWithoutAnswer(FakePublisher):
    """Perhaps creates the run, but its answer is lost."""

    def create(self, run: CheckRun) -> Published:
        super().create(run)
        error = PublishError("no answer")
        error.may_have_been_applied = True
        raise error


def test_state_is_saved_before_and_after_creation() -> None:
    creation = Creation(FakePublisher())
    assert creation.saved == [("", OPEN), ("17", OPEN)]


def test_next_publisher_creates_what_the_first_refuses() -> None:
    second = FakePublisher()
    creation = Creation(FakePublisher(refuses_create="not installed"), second)
    assert (creation.active_run.publisher, creation.active_run.may_exist_on_github) == (second, False)
    assert creation.warnings == ["not installed"]
    assert creation.saved[-1] == ("17", OPEN)


def test_post_step_has_nothing_to_do_if_all_publishers_refuse() -> None:
    creation = Creation(FakePublisher(refuses_create="not installed"))
    assert (creation.active_run.publisher, creation.active_run.may_exist_on_github) == (creation.fallback, False)
    assert creation.saved[-1] == ("", None)


def test_post_step_looks_for_run_that_may_exist() -> None:
    creation = Creation(PublisherWithoutAnswer(), FakePublisher(refuses_create="read only"))
    assert (creation.active_run.publisher, creation.active_run.may_exist_on_github) == (creation.fallback, True)
    assert creation.saved[-1] == ("", OPEN)
    assert creation.warnings == ["no answer"]


def test_no_second_run_is_created_beside_one_that_may_exist() -> None:
    second = FakePublisher()
    creation = Creation(PublisherWithoutAnswer(), second)
    assert (creation.active_run.publisher, creation.active_run.may_exist_on_github) == (creation.fallback, True)
    assert second.created == []


class PublisherHangingOnCreation(FakePublisher):
    """Cancels the job that waits for its answer, and answers when it is too late."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = FakeClock()
        self.cancel = FakeCancel(self.clock)
        self.is_abandoned = threading.Event()

    def create(self, run: CheckRun) -> Published:
        self.cancel.set()
        self.clock.seconds += 4
        assert self.is_abandoned.wait(HANG_SECONDS)
        return super().create(run)


def test_hanging_request_is_left_to_the_post_step() -> None:
    hanging, second = PublisherHangingOnCreation(), FakePublisher()
    creation = Creation(hanging, second, cancel=hanging.cancel)
    hanging.is_abandoned.set()
    assert (creation.active_run.publisher, creation.active_run.may_exist_on_github) == (creation.fallback, True)
    assert creation.saved == [("", OPEN)]
    assert second.created == []
    assert creation.warnings == [
        "The job was cancelled before GitHub confirmed the check run. The post step looks for it and completes it."
    ]


def test_without_commit_no_publisher_is_asked() -> None:
    publisher = FakePublisher()
    creation = Creation(publisher, run=replace(OPEN, head_sha=""))
    assert creation.active_run.publisher is creation.fallback
    assert publisher.created == []
