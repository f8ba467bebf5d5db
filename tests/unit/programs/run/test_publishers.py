from __future__ import annotations

import pytest

from checks.core.model.ports import PublishError
from checks.programs.run.publishers import CopyingPublisher
from tests.support.fakes import FakePublisher
from tests.support.rerun.check_runs import DONE, OPEN, remarks


def test_copy_has_retried_annotations_once() -> None:
    first, copy = FakePublisher(), FakePublisher()
    warnings: list[str] = []
    both = CopyingPublisher(first, copy, warn=warnings.append)
    published = both.create(OPEN)
    first.refuses_update = "not now"
    with pytest.raises(PublishError):
        both.update(published, OPEN, remarks(1, 2))
    first.refuses_update = ""
    both.update(published, DONE, remarks(1, 2))
    both.update(published, DONE, remarks(1, 2))  # an equal batch is another
    assert first.titles == ["t1", "t2", "t1", "t2"]
    assert copy.titles == ["t1", "t2", "t1", "t2"]
    assert (copy.statuses[-1], warnings) == (DONE.status, [])


def test_failing_copy_warns_once_and_spares_the_primary() -> None:
    first, copy = FakePublisher(), FakePublisher(refuses_update="disk full")
    warnings: list[str] = []
    both = CopyingPublisher(first, copy, warn=warnings.append)
    published = both.create(OPEN)
    both.update(published, OPEN, remarks(1))
    both.update(published, DONE, remarks(2))
    assert first.titles == ["t1", "t2"]
    assert warnings == ["disk full"]
