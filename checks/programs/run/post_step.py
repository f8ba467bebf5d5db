"""The post step: completes a check run that the main step left in progress, killed or refused by GitHub."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ...core.github.external_id import parse
from ...core.model.check_run import CheckRun, Conclusion, Output, Published, Status
from ...core.model.ports import CheckRunReader, Clock, JobFiles, PublishError
from ...core.rerun.buttons import buttons
from ...core.runner.post_step_state import PostStepState

_KILLED = (
    "The step that ran these tests was killed before it could conclude; what it had found until then stands below."
)
_REFUSED = "The last update could not be sent; the job summary and the JSON report have everything."


def finish(
    unfinished: PostStepState, job_status: str, publishers: Sequence[CheckRunReader], job: JobFiles, clock: Clock
) -> None:
    """Complete it with the verdict, where that is known, and what it said last, unless it is completed already.

    `job_status` is ``job.status``: a cancelled job has cancelled its check, any other has failed it. It is tried
    with each of the publishers, one of which put it up, or any of which may have. Raises the last one's
    `PublishError`.
    """
    error = None if publishers else PublishError("there are no credentials to complete it with.")
    for publisher in publishers:
        try:
            if _is_completed(unfinished, job_status, publisher, job, clock):
                return
        except PublishError as refused:
            error = refused
    if error is not None:
        raise error


def _is_completed(
    unfinished: PostStepState, job_status: str, publisher: CheckRunReader, job: JobFiles, clock: Clock
) -> bool:
    """Complete it, unless it is completed already; False where this publisher has none."""
    first = _first(unfinished)
    published = Published(id=unfinished.id, page=unfinished.page) if unfinished.id else publisher.find(first)
    if published is None:
        return False
    status, last = publisher.read(published)
    if status is Status.COMPLETED:
        return True
    run = replace(
        first,
        status=Status.COMPLETED,
        output=_output(unfinished, last),
        completed_at=clock.now(),
        conclusion=_conclusion(unfinished, job_status),
        actions=buttons(failed=_failed(unfinished)) if unfinished.has_buttons else (),
    )
    publisher.update(published, run, ())
    job.log(f"Completed the check run that the main step left in progress: {published.page}")
    if not unfinished.conclusion:
        job.summary(run.output.summary)
    return True


def _first(unfinished: PostStepState) -> CheckRun:
    """As it was put up."""
    return CheckRun(
        name=unfinished.name,
        head_sha=unfinished.head_sha,
        external_id=unfinished.external_id,
        details_url=unfinished.details_url,
        status=Status.IN_PROGRESS,
        output=Output(title="", summary=""),
        started_at=unfinished.started_at,
    )


def _failed(unfinished: PostStepState) -> bool:
    """Whether what failed is known; of tests that were killed it is not."""
    ours = parse(unfinished.external_id)
    return ours is not None and ours.counts.failed > 0


def _conclusion(unfinished: PostStepState, job_status: str) -> Conclusion:
    if unfinished.conclusion:
        return Conclusion(unfinished.conclusion)
    return Conclusion.FAILURE if job_status == "failure" else Conclusion.CANCELLED


def _output(unfinished: PostStepState, last: Output) -> Output:
    if unfinished.conclusion:
        return Output(title=unfinished.title, summary=f"{_REFUSED}\n\n{last.summary}", text=last.text)
    title = f"killed · {last.title}" if last.title else "killed"
    return Output(title=title, summary=f"{_KILLED}\n\n{last.summary}", text=last.text)
