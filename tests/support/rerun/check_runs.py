"""A check run, open and completed, annotations for it, and a check run as the API returns it."""

from __future__ import annotations

from dataclasses import replace

from checks.core.model.check_run import (
    Annotation,
    AnnotationLevel,
    CheckRun,
    Conclusion,
    Output,
    RemoteCheckRun,
    Status,
)
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
#: Queued by this App.
REMOTE = RemoteCheckRun(
    id="8",
    app=("4711", "Iv23liOctopus"),
    name="pytest (unit)",
    head_sha="a" * 40,
    head_branch="main",
    identity=None,
    status=Status.QUEUED,
    conclusion=None,
    output=Output(title="", summary=""),
    started_at=0.0,
    page="",
)


def remarks(*lines: int) -> tuple[Annotation, ...]:
    level = AnnotationLevel.FAILURE
    return tuple(Annotation(path="a.py", line=line, level=level, title=f"t{line}", message="m") for line in lines)
