"""A check run, open and completed, and annotations for it."""

from __future__ import annotations

from dataclasses import replace

from checks.core.model.check_run import Annotation, AnnotationLevel, CheckRun, Conclusion, Output, Status
from checks.core.model.identity import Identity

OPEN = CheckRun(
    name="pytest",
    head_sha="c" * 40,
    identity=Identity(),
    details_url="",
    status=Status.IN_PROGRESS,
    output=Output(title="", summary=""),
    started_at=0.0,
)
DONE = replace(
    OPEN,
    status=Status.COMPLETED,
    conclusion=Conclusion.FAILURE,
    completed_at=9.0,
    output=Output(title="2 failed", summary="| failed |"),
)
CANCELLED = replace(DONE, conclusion=Conclusion.CANCELLED)


def remarks(*lines: int, level: AnnotationLevel = AnnotationLevel.FAILURE) -> tuple[Annotation, ...]:
    return tuple(Annotation(path="a.py", line=line, level=level, title=f"t{line}", message="m") for line in lines)
