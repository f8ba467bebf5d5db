"""The post step: completes a check run that the main step left in progress, killed or refused by GitHub."""

from __future__ import annotations

from collections.abc import Sequence

from ..translate.state import Unfinished
from ..words.check_run import CheckRun, Conclusion, Output, Published, Status
from ..words.ports import Clock, JobFiles, PublishError, Reader

_KILLED = (
    "The step that ran these tests was killed before it could conclude; what it had found until then stands below."
)
_REFUSED = "The last update could not be sent; the job summary and the JSON report have everything."


def finish(unfinished: Unfinished, job_status: str, publishers: Sequence[Reader], job: JobFiles, clock: Clock) -> None:
    """Complete it with the verdict, where that is known, and what it said last, unless it is completed already.

    `job_status` is ``job.status``: a cancelled job has cancelled its check, any other has failed it. It is tried
    with each of the publishers, one of which put it up. Raises the last one's `PublishError`.
    """
    error = PublishError("there are no credentials to complete it with.")
    for publisher in publishers:
        try:
            _complete(unfinished, job_status, publisher, job, clock)
        except PublishError as refused:
            error = refused
        else:
            return
    raise error


def _complete(unfinished: Unfinished, job_status: str, publisher: Reader, job: JobFiles, clock: Clock) -> None:
    published = Published(id=unfinished.id, page=unfinished.page)
    status, last = publisher.read(published)
    if status is Status.COMPLETED:
        return
    run = CheckRun(
        name=unfinished.name,
        head_sha=unfinished.head_sha,
        external_id=unfinished.external_id,
        details_url=unfinished.details_url,
        status=Status.COMPLETED,
        output=_output(unfinished, last),
        started_at=unfinished.started_at,
        completed_at=clock.now(),
        conclusion=_conclusion(unfinished, job_status),
    )
    publisher.update(published, run, ())
    job.log(f"Completed the check run that the main step left in progress: {published.page}")
    if not unfinished.conclusion:
        job.summary(run.output.summary)


def _conclusion(unfinished: Unfinished, job_status: str) -> Conclusion:
    if unfinished.conclusion:
        return Conclusion(unfinished.conclusion)
    return Conclusion.FAILURE if job_status == "failure" else Conclusion.CANCELLED


def _output(unfinished: Unfinished, last: Output) -> Output:
    if unfinished.conclusion:
        return Output(title=unfinished.title, summary=f"{_REFUSED}\n\n{last.summary}", text=last.text)
    title = f"killed · {last.title}" if last.title else "killed"
    return Output(title=title, summary=f"{_KILLED}\n\n{last.summary}", text=last.text)
