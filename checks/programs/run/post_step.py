"""The post step: complete a check run that the main step left in progress."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from ...core.model.check_run import CheckRun, Conclusion, Output, Published, Status
from ...core.model.ports import CheckRunReader, Clock, JobFiles, PublishError
from ...core.rerun.buttons import buttons
from ...core.runner.post_step_state import PostStepState
from .create import STARTING

_KILLED = "The step that ran these tests was killed before it finished. The results so far are below."
_REFUSED = "The last update could not be sent. The job summary and the JSON report have all results."


def finish(
    state: PostStepState, job_status: str, publishers: Sequence[CheckRunReader], job: JobFiles, clock: Clock
) -> None:
    """Complete the check run with the verdict, if it is known, and its last output, unless it is completed already.

    Ends its commit status in both cases. `job_status` is ``job.status``: without a verdict, ``failure`` makes the check
    `failure`, anything else `cancelled`.

    Tries each publisher, since any of them may have created the run. If none has and the verdict is known, the first
    that can creates it. Raises the last one's `PublishError`, and as `GithubChecks.create` does.
    """
    if not publishers:
        raise PublishError("no credentials are set to complete it.")
    run = created_run(state)

    def find(publisher: CheckRunReader) -> Published | None:
        return Published(id=state.id, page=state.page) if state.id else publisher.find(run)

    def complete(publisher: CheckRunReader, published: Published) -> None:
        status, last_output = publisher.read(published)
        completed_run = _completed_run(state, job_status, clock.now(), last_output)
        if status is not Status.COMPLETED:
            _update(publisher, published, completed_run, state, job)
        elif not state.conclusion:  # somebody else's, unknown here
            return
        publisher.set_commit_status(published, completed_run)

    errors: list[PublishError] = []
    if _use_first(publishers, find, complete, errors):
        return
    # A re-run's check run was queued by the receiver, which completes it.
    may_create = state.conclusion and not (state.id or state.identity.earlier)
    if may_create and not any(error.is_temporary for error in errors):
        errors.clear()
        if _use_first(publishers, lambda publisher: publisher.create(run), complete, errors):
            return
    if errors:
        raise errors[-1]


def _update(
    publisher: CheckRunReader, published: Published, run: CheckRun, state: PostStepState, job: JobFiles
) -> None:
    publisher.update(published, run, ())
    job.log(f"Completed the check run that the main step left in progress: {published.page}")
    if state.has_job_summary and not state.conclusion:
        job.summary(run.output.summary)


def _use_first(
    publishers: Sequence[CheckRunReader],
    get: Callable[[CheckRunReader], Published | None],
    complete: Callable[[CheckRunReader, Published], None],
    errors: list[PublishError],
) -> bool:
    """Complete the check run of the first publisher that has one; return whether any has. Append to `errors`."""
    for publisher in publishers:
        try:
            if (published := get(publisher)) is not None:
                complete(publisher, published)
                return True
        except PublishError as error:
            errors.append(error)
    return False


def _completed_run(state: PostStepState, job_status: str, now: float, last_output: Output) -> CheckRun:
    """Return the completed check run."""
    return replace(
        created_run(state),
        status=Status.COMPLETED,
        output=_output(state, last_output),
        completed_at=now,
        conclusion=_conclusion(state, job_status),
        actions=buttons(failed=_has_failures(state)) if state.has_buttons else (),
    )


def created_run(state: PostStepState) -> CheckRun:
    """Return the check run as it was created."""
    return CheckRun(
        name=state.name,
        head_sha=state.head_sha,
        identity=state.identity,
        details_url=state.details_url,
        status=Status.IN_PROGRESS,
        output=Output(title=state.title, summary=""),
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
        has_results = last_output.summary not in (STARTING.summary, state.title)
        summary = f"{_REFUSED}\n\n{last_output.summary}" if has_results else _REFUSED
        return Output(title=state.title, summary=summary, text=last_output.text)
    title = f"killed · {last_output.title}" if last_output.title else "killed"
    return Output(title=title, summary=f"{_KILLED}\n\n{last_output.summary}", text=last_output.text)
