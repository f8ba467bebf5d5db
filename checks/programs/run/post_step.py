"""The post step: complete a check run that the main step left in progress."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ...core.model.check_run import CheckRun, Conclusion, Output, Published, Status
from ...core.model.ports import CheckRunReader, Clock, JobFiles, PublishError
from ...core.rerun.buttons import buttons
from ...core.runner.post_step_state import PostStepState

_KILLED = "The step that ran these tests was killed before it finished. The results so far are below."
_REFUSED = "The last update could not be sent. The job summary and the JSON report have all results."


def finish(
    state: PostStepState, job_status: str, publishers: Sequence[CheckRunReader], job: JobFiles, clock: Clock
) -> None:
    """Complete the check run with the verdict, if it is known, and its last output, unless it is completed already.

    `job_status` is ``job.status``: without a verdict, ``failure`` makes the check `failure`, anything else `cancelled`.
    Tries each publisher, since any of them may have created the run. Raises the last one's `PublishError`.
    """
    error = None if publishers else PublishError("no credentials are set to complete it.")
    for publisher in publishers:
        try:
            if _complete(state, job_status, publisher, job, clock):
                return
        except PublishError as failure:
            error = failure
    if error is not None:
        raise error


def _complete(state: PostStepState, job_status: str, publisher: CheckRunReader, job: JobFiles, clock: Clock) -> bool:
    """Return whether this publisher has the check run, which is completed then."""
    initial_run = _initial_run(state)
    published = Published(id=state.id, page=state.page) if state.id else publisher.find(initial_run)
    if published is None:
        return False
    status, last_output = publisher.read(published)
    if status is Status.COMPLETED:
        return True
    run = replace(
        initial_run,
        status=Status.COMPLETED,
        output=_output(state, last_output),
        completed_at=clock.now(),
        conclusion=_conclusion(state, job_status),
        actions=buttons(failed=_has_failures(state)) if state.has_buttons else (),
    )
    publisher.update(published, run, ())
    job.log(f"Completed the check run that the main step left in progress: {published.page}")
    if not state.conclusion:
        job.summary(run.output.summary)
    return True


def _initial_run(state: PostStepState) -> CheckRun:
    """Return the check run as it was created."""
    return CheckRun(
        name=state.name,
        head_sha=state.head_sha,
        identity=state.identity,
        details_url=state.details_url,
        status=Status.IN_PROGRESS,
        output=Output(title="", summary=""),
        started_at=state.started_at,
    )


def _has_failures(state: PostStepState) -> bool:
    """Whether what failed is known; of tests that were killed it is not."""
    return state.identity.counts.failed > 0


def _conclusion(state: PostStepState, job_status: str) -> Conclusion:
    if state.conclusion:
        return Conclusion(state.conclusion)
    return Conclusion.FAILURE if job_status == "failure" else Conclusion.CANCELLED


def _output(state: PostStepState, last_output: Output) -> Output:
    if state.conclusion:
        return Output(title=state.title, summary=f"{_REFUSED}\n\n{last_output.summary}", text=last_output.text)
    title = f"killed · {last_output.title}" if last_output.title else "killed"
    return Output(title=title, summary=f"{_KILLED}\n\n{last_output.summary}", text=last_output.text)
