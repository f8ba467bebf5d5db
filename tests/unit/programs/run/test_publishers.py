from __future__ import annotations

import pytest

from checks.core.model.ports import PublishError
from checks.programs.run.publishers import CopyingPublisher
from tests.support.fakes import FakePublisher
from tests.support.rerun.check_runs import DONE, OPEN, remarks


def test_copy_has_retried_annotations_once() -> None:
    primary, copy = FakePublisher(), FakePublisher()
    warnings: list[str] = []
    publisher = CopyingPublisher(primary, copy, warn=warnings.append)
    published = publisher.create(OPEN)
    primary.refuses_update = "not now"
    with pytest.raises(PublishError):
        publisher.update(published, OPEN, remarks(1, 2))
    primary.refuses_update = ""
    publisher.update(published, DONE, remarks(1, 2))
    publisher.update(published, DONE, remarks(1, 2))  # an equal batch is a different one
    assert primary.titles == ["t1", "t2", "t1", "t2"]
    assert copy.titles == ["t1", "t2", "t1", "t2"]
    assert (copy.statuses[-1], warnings) == (DONE.status, [])


def test_failing_copy_warns_once_and_spares_the_primary() -> None:
    primary, copy = FakePublisher(), FakePublisher(refuses_update="disk full")
    warnings: list[str] = []
    publisher = CopyingPublisher(primary, copy, warn=warnings.append)
    published = publisher.create(OPEN)
    publisher.update(published, OPEN, remarks(1))
    publisher.update(published, DONE, remarks(2))
    assert primary.titles == ["t1", "t2"]
    assert warnings == ["disk full"]


def test_copy_of_a_run_created_as_completed_is_completed_by_the_update() -> None:
    primary, copy = FakePublisher(), FakePublisher()
    primary.creates_current = True
    publisher = CopyingPublisher(primary, copy, warn=lambda _: None)
    published = publisher.create(OPEN, lambda _: (DONE, remarks(1)))
    assert (primary.created_as, copy.created) == ((DONE, remarks(1)), [OPEN])
    publisher.update(published, DONE, remarks(1))
    assert (copy.statuses, copy.titles) == ([DONE.status], ["t1"])
