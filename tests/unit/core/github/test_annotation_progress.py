from __future__ import annotations

import pytest

from checks.core.github.annotation_progress import AnnotationProgress
from checks.core.model.check_run import Annotation, AnnotationLevel


def remarks(*lines: int) -> tuple[Annotation, ...]:
    level = AnnotationLevel.NOTICE
    return tuple(Annotation(path="a.py", line=line, level=level, title=f"t{line}", message="m") for line in lines)


BATCH = remarks(1, 2, 3, 4)


def mark_sent(progress: AnnotationProgress, size: int, *, is_mended: bool = False) -> None:
    part = progress.remaining(BATCH)[:size]
    progress.mark_sending(BATCH, part, is_mended=is_mended)


def test_all_of_new_batch_remains() -> None:
    assert AnnotationProgress(confirmed_count=7).remaining(BATCH) == BATCH


def test_applied_annotations_do_not_remain() -> None:
    progress = AnnotationProgress(confirmed_count=7)
    mark_sent(progress, 3)
    progress.mark_applied()
    assert progress.remaining(BATCH) == BATCH[3:]
    assert (progress.confirmed_count, progress.needs_count) == (10, False)


def test_refused_annotations_remain() -> None:
    progress = AnnotationProgress(confirmed_count=7)
    mark_sent(progress, 3)
    progress.mark_refused()
    assert progress.remaining(BATCH) == BATCH
    assert (progress.confirmed_count, progress.needs_count) == (7, False)


@pytest.mark.parametrize(("count", "remaining"), [(7, 4), (9, 4), (10, 1), (11, 1)])
def test_counting_settles_pending_annotations(count: int, remaining: int) -> None:
    progress = AnnotationProgress(confirmed_count=7)
    mark_sent(progress, 3)
    assert progress.needs_count
    progress.record_count(count)
    assert (len(progress.remaining(BATCH)), progress.confirmed_count, progress.needs_count) == (remaining, count, False)


def test_counting_never_lowers_confirmed_count() -> None:
    progress = AnnotationProgress(confirmed_count=7)
    progress.record_count(5)
    assert progress.confirmed_count == 7


def test_existing_run_needs_count_first() -> None:
    progress = AnnotationProgress()
    assert progress.needs_count
    progress.record_count(5)
    assert (progress.confirmed_count, progress.needs_count) == (5, False)


def test_progress_tracks_two_batches() -> None:
    progress = AnnotationProgress(confirmed_count=0)
    other = remarks(8, 9)
    mark_sent(progress, 3)
    progress.record_count(3)
    progress.mark_sending(other, progress.remaining(other), is_mended=False)
    progress.mark_applied()
    progress.mark_finished(other)
    assert progress.remaining(BATCH) == BATCH[3:]
    assert progress.remaining(other) == other  # finished: an equal batch is a new one


def test_locations_of_mended_and_left_out_are_recorded() -> None:
    progress = AnnotationProgress(confirmed_count=0)
    mark_sent(progress, 1)
    progress.mark_applied()
    mark_sent(progress, 1, is_mended=True)
    progress.record_count(2)
    progress.mark_left_out(BATCH)
    assert (progress.mended, progress.left_out) == (["a.py:2"], ["a.py:3"])
    assert (progress.remaining(BATCH), progress.confirmed_count) == (BATCH[3:], 2)
