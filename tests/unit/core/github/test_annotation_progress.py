from __future__ import annotations

import pytest

from checks.core.github.annotation_progress import AnnotationProgress
from checks.core.model.check_run import Annotation, AnnotationLevel


def remarks(*lines: int) -> tuple[Annotation, ...]:
    level = AnnotationLevel.NOTICE
    return tuple(Annotation(path="a.py", line=line, level=level, title=f"t{line}", message="m") for line in lines)


BATCH = remarks(1, 2, 3, 4)


def sent(delivery: AnnotationProgress, size: int, *, is_mended: bool = False) -> None:
    part = delivery.left(BATCH)[:size]
    delivery.sends(BATCH, part, is_mended=is_mended)


def test_a_new_batch_is_to_be_sent_whole() -> None:
    assert AnnotationProgress(arrived=7).left(BATCH) == BATCH


def test_what_landed_is_not_left() -> None:
    delivery = AnnotationProgress(arrived=7)
    sent(delivery, 3)
    delivery.landed()
    assert delivery.left(BATCH) == BATCH[3:]
    assert (delivery.arrived, delivery.needs_look) == (10, False)


def test_what_was_refused_is_left() -> None:
    delivery = AnnotationProgress(arrived=7)
    sent(delivery, 3)
    delivery.refused()
    assert delivery.left(BATCH) == BATCH
    assert (delivery.arrived, delivery.needs_look) == (7, False)


@pytest.mark.parametrize(("there", "left"), [(7, 4), (9, 4), (10, 1), (11, 1)])
def test_of_what_is_in_doubt_a_look_tells(there: int, left: int) -> None:
    delivery = AnnotationProgress(arrived=7)
    sent(delivery, 3)
    assert delivery.needs_look
    delivery.saw(there)
    assert (len(delivery.left(BATCH)), delivery.arrived, delivery.needs_look) == (left, there, False)


def test_a_look_never_takes_back_what_arrived_for_certain() -> None:
    delivery = AnnotationProgress(arrived=7)
    delivery.saw(5)
    assert delivery.arrived == 7


def test_a_run_that_somebody_else_put_up_is_looked_at_first() -> None:
    delivery = AnnotationProgress()
    assert delivery.needs_look
    delivery.saw(5)
    assert (delivery.arrived, delivery.needs_look) == (5, False)


def test_two_batches_may_be_under_way() -> None:
    delivery = AnnotationProgress(arrived=0)
    other = remarks(8, 9)
    sent(delivery, 3)
    delivery.saw(3)
    delivery.sends(other, delivery.left(other), is_mended=False)
    delivery.landed()
    delivery.finished(other)
    assert delivery.left(BATCH) == BATCH[3:]
    assert delivery.left(other) == other  # finished: an equal batch is another


def test_places_of_what_was_mended_and_left_out_are_kept() -> None:
    delivery = AnnotationProgress(arrived=0)
    sent(delivery, 1)
    delivery.landed()
    sent(delivery, 1, is_mended=True)
    delivery.saw(2)
    delivery.leaves_out(BATCH)
    assert (delivery.mended, delivery.left_out) == (["a.py:2"], ["a.py:3"])
    assert (delivery.left(BATCH), delivery.arrived) == (BATCH[3:], 2)
