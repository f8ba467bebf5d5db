"""Which publisher creates the check run."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks.core.model.check_run import CheckRun, Published, Status
from checks.core.model.errors import CheckError, Problem
from checks.core.model.ports import CurrentUpdate, PublishError
from checks.programs.run.create import CheckRunCreator
from tests.support.fakes import FakePublisher
from tests.support.rerun.check_runs import OPEN


class Creation:
    """A `CheckRunCreator` with what it logs, and what it creates."""

    def __init__(self, *publishers: FakePublisher, run: CheckRun = OPEN, may_wait: bool = False) -> None:
        self.warnings: list[str] = []
        self.fallback = FakePublisher(run_id="")
        self.creator = CheckRunCreator(publishers=publishers, fallback=self.fallback, warn=self.warnings.append)
        self.active_run = self.creator.create(run, may_wait=lambda: may_wait)

    @property
    def result(self) -> tuple[object, bool]:
        assert self.active_run is not None
        return self.active_run.publisher, self.active_run.is_unsettled


class Raising(FakePublisher):
    """Raises `error` instead of creating the run."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    def create(self, run: CheckRun, current: CurrentUpdate | None = None) -> Published:
        del current
        self.created.append(run)
        raise self.error


def failure(text: str, *, is_temporary: bool = False, may_have_been_applied: bool = False) -> PublishError:
    error = PublishError(text)
    error.is_temporary, error.may_have_been_applied = is_temporary, may_have_been_applied
    return error


def test_next_publisher_creates_what_the_first_refuses() -> None:
    second = FakePublisher()
    creation = Creation(FakePublisher(refuses_create="not installed"), second)
    assert creation.result == (second, False)
    assert creation.warnings == ["not installed"]


def test_fallback_is_used_if_all_publishers_refuse() -> None:
    creation = Creation(FakePublisher(refuses_create="not installed"), FakePublisher(refuses_create="read only"))
    assert creation.result == (creation.fallback, False)
    assert creation.warnings == ["not installed", "read only"]


def test_run_that_may_exist_is_not_created_again_by_another_publisher() -> None:
    second = FakePublisher()
    creation = Creation(Raising(failure("no answer", may_have_been_applied=True)), second)
    assert creation.result == (creation.fallback, True)
    assert (creation.warnings, second.created) == (["no answer"], [])


def test_only_the_publisher_of_a_run_that_may_exist_is_asked_again() -> None:
    down = Raising(failure("no answer", is_temporary=True, may_have_been_applied=True))
    second = FakePublisher()
    creation = Creation(down, second, may_wait=True)
    down.error = failure("refused")
    active_run = creation.creator.create(OPEN)
    assert active_run is not None
    assert (active_run.is_unsettled, len(down.created), second.created) == (True, 2, [])


def test_temporary_failure_is_left_to_a_later_attempt() -> None:
    down = Raising(failure("down", is_temporary=True))
    creation = Creation(down, may_wait=True)
    assert creation.active_run is None
    assert creation.creator.create(OPEN) is not None
    assert (len(down.created), creation.warnings) == (2, ["down"])


def test_temporary_failure_at_the_end_is_left_to_the_post_step() -> None:
    creation = Creation(Raising(failure("down", is_temporary=True)))
    assert creation.result == (creation.fallback, True)


def test_mistake_in_the_workflow_is_kept_and_no_other_publisher_asked() -> None:
    problem = Problem(what="two jobs", why="one name", remedy="rename")
    second = FakePublisher()
    creation = Creation(Raising(CheckError(problem)), second)
    assert creation.result == (creation.fallback, False)
    assert creation.active_run is not None
    assert (creation.active_run.problems, second.created) == ((problem,), [])


def test_without_commit_no_publisher_is_asked() -> None:
    publisher = FakePublisher()
    creation = Creation(publisher, run=replace(OPEN, head_sha=""))
    assert creation.result == (creation.fallback, False)
    assert publisher.created == []


def test_every_publisher_may_create_what_is_current() -> None:
    done = replace(OPEN, status=Status.COMPLETED), ()
    refusing, second = Raising(failure("not installed")), FakePublisher()
    second.creates_current = True
    creator = CheckRunCreator(publishers=[refusing, second], fallback=FakePublisher(), warn=lambda _: None)
    assert creator.create(OPEN, lambda _: done) is not None
    assert second.created_as == done


class BrokenByCurrent(FakePublisher):
    """Raises an unexpected error for what is current."""

    def create(self, run: CheckRun, current: CurrentUpdate | None = None) -> Published:
        if current is not None:
            raise ZeroDivisionError
        return super().create(run)


def test_bug_in_what_is_current_leaves_the_run() -> None:
    publisher = BrokenByCurrent()
    creator = CheckRunCreator(publishers=[publisher], fallback=FakePublisher(run_id=""), warn=lambda _: None)
    with pytest.raises(ZeroDivisionError):
        creator.create(OPEN, lambda _: (OPEN, ()))
    assert creator.create_despite_bug(OPEN).publisher is publisher


def test_bug_in_the_creation_is_left_to_the_post_step() -> None:
    fallback = FakePublisher(run_id="")
    creator = CheckRunCreator(publishers=[Raising(ZeroDivisionError())], fallback=fallback, warn=lambda _: None)
    active_run = creator.create_despite_bug(OPEN)
    assert (active_run.publisher, active_run.is_unsettled) == (fallback, True)
