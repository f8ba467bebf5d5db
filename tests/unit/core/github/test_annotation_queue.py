from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from checks.core.github.annotation_queue import AnnotationQueue
from checks.core.model.check_run import Annotation, AnnotationLevel
from checks.core.model.limits import ANNOTATIONS_PER_REQUEST, CAUSES_ANNOTATED_BEYOND, FAILURES_ANNOTATED
from tests.support.fakes import MemorySpool
from tests.support.rules import rule


def annotation(level: AnnotationLevel, title: str = "", path: str = "a.py") -> Annotation:
    return Annotation(path=path, line=1, level=level, title=title, message="m")


FAILURE = annotation(AnnotationLevel.FAILURE)
NOTICE = annotation(AnnotationLevel.NOTICE)
WARNING = annotation(AnnotationLevel.WARNING)


def queue_with(*annotations: Annotation, max_others: int = 1000) -> AnnotationQueue:
    queue = AnnotationQueue(MemorySpool(), max_others)
    for item in annotations:
        queue.put(item)
    return queue


def test_failures_are_taken_first_and_each_kind_in_its_order() -> None:
    levels = [AnnotationLevel.NOTICE, AnnotationLevel.FAILURE, AnnotationLevel.WARNING, AnnotationLevel.FAILURE]
    queue = queue_with(*(annotation(level, str(n)) for n, level in enumerate(levels)))
    assert [item.title for item in queue.take()] == ["1", "3", "0", "2"]
    assert len(queue) == 0


@rule("Causes: where only some failures are shown")
def test_first_failure_of_each_cause_is_taken_first() -> None:
    causes = [1, 1, 2, 1, 0, 2, 0]
    queue = queue_with(*(replace(FAILURE, title=str(n), cause=cause) for n, cause in enumerate(causes)))
    assert [item.title for item in queue.take()] == ["0", "2", "4", "6", "1", "3", "5"]


@pytest.mark.parametrize("number", [ANNOTATIONS_PER_REQUEST - 1, ANNOTATIONS_PER_REQUEST, ANNOTATIONS_PER_REQUEST + 1])
def test_take_returns_at_most_one_request(number: int) -> None:
    queue = queue_with(*[NOTICE] * number)
    assert len(queue.take()) == min(number, ANNOTATIONS_PER_REQUEST)
    assert len(queue) == max(0, number - ANNOTATIONS_PER_REQUEST)


@rule("Limits: annotations in a request")
@pytest.mark.parametrize(
    ("number", "sizes"),
    [(0, []), (1, [1]), (49, [49]), (50, [50]), (51, [50, 1]), (100, [50, 50]), (101, [50, 50, 1])],
)
def test_all_annotations_are_taken_in_requests_of_fifty(number: int, sizes: list[int]) -> None:
    notices = [annotation(AnnotationLevel.NOTICE, str(n)) for n in range(number)]
    queue = queue_with(*notices)
    taken = [*iter(queue.take, ())]
    assert [len(batch) for batch in taken] == sizes
    assert [notice for batch in taken for notice in batch] == notices


@pytest.mark.parametrize(("number", "beyond"), [(2, 0), (3, 0), (4, 1)])
def test_notices_and_warnings_share_a_limit_without_failures(number: int, beyond: int) -> None:
    queue = queue_with(*[FAILURE] * 5, *[NOTICE, WARNING, NOTICE, WARNING][:number], max_others=3)
    assert (queue.others_beyond, len(queue)) == (beyond, 5 + min(number, 3))


@rule("Annotations: failures beyond 5,000")
def test_failures_beyond_the_limit_are_counted_by_file() -> None:
    failure = replace(FAILURE, cause=1)
    queue = queue_with(*[failure] * FAILURES_ANNOTATED)
    assert queue.failures_beyond == {}
    for path in ("a.py", "b.py", "b.py"):
        queue.put(replace(failure, path=path))
    assert queue.failures_beyond == {"a.py": 1, "b.py": 2}
    assert len(queue) == FAILURES_ANNOTATED


@rule("Annotations: failures beyond 5,000 that are the first of their cause")
@pytest.mark.parametrize("causes", [range(2, 1_000), [0] * 998], ids=["causes", "unfinished"])
def test_first_failure_of_a_cause_is_queued_beyond_the_limit(causes: Sequence[int]) -> None:
    queue = queue_with(*[replace(FAILURE, cause=1)] * FAILURES_ANNOTATED)
    for number, cause in enumerate(causes):
        queue.put(replace(FAILURE, title=str(number), cause=cause))
        queue.put(replace(FAILURE, cause=1))
    assert len(queue) == FAILURES_ANNOTATED + CAUSES_ANNOTATED_BEYOND
    assert queue.failures_beyond == {"a.py": 2 * 998 - CAUSES_ANNOTATED_BEYOND}
    assert [item.title for item in queue.take()][:3] == ["", "0", "1"]
