"""Complete the results when pytest has finished."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from ..model.item import Item, Outcome, Stage
from ..model.session import Session
from .outcomes import with_lost_attempt


def completed_items(items: Mapping[int, Item], session: Session) -> Iterator[tuple[int, Item, list[Stage]]]:
    """Yield the tests that change, by number, with the failures that are new.

    A last attempt that was not repeated becomes an error. Failed subtests of repeated attempts fail after all if pytest
    still counts them: not every version of pytest-rerunfailures takes them back.
    """
    taken_back = sum(map(_is_taken_back, (stage for item in items.values() for stage in item.stages)))
    is_restored = taken_back > 0 and taken_back == session.unreported_failures
    for number, item in items.items():
        completed = with_lost_attempt(item)
        failures = [completed.stages[-2]] if completed is not item else []
        if is_restored and any(map(_is_taken_back, item.stages)):
            stages = [_restored(stage) for stage in completed.stages]
            failures += [new for new, old in zip(stages, completed.stages, strict=True) if new is not old]
            completed = replace(completed, stages=tuple(stages))
        if failures:
            yield number, completed, failures


def _is_taken_back(stage: Stage) -> bool:
    return stage.subtest is not None and stage.outcome is Outcome.RERUN


def _restored(stage: Stage) -> Stage:
    return replace(stage, outcome=Outcome.FAILED) if _is_taken_back(stage) else stage
