"""The post step: completes a check run that a killed main step left in progress."""

from __future__ import annotations

from ..translate.state import Unfinished
from ..words.check_run import CheckRun, Conclusion, Output, Published, Status
from ..words.ports import Clock, JobFiles, Reader

_SAID = "The step that ran these tests was killed before it could conclude; what it had found until then stands below."


def finish(unfinished: Unfinished, job_status: str, publisher: Reader, job: JobFiles, clock: Clock) -> None:
    """Complete it with what it said last, unless it is completed already.

    `job_status` is ``job.status``: a cancelled job has cancelled its check, any other has failed it. Raises
    `PublishError`.
    """
    published = Published(id=unfinished.id, page=unfinished.page)
    status, last = publisher.read(published)
    if status is Status.COMPLETED:
        return
    output = Output(title=_title(last.title), summary=f"{_SAID}\n\n{last.summary}", text=last.text)
    run = CheckRun(
        name=unfinished.name,
        head_sha=unfinished.head_sha,
        external_id=unfinished.external_id,
        details_url=unfinished.details_url,
        status=Status.COMPLETED,
        output=output,
        started_at=unfinished.started_at,
        completed_at=clock.now(),
        conclusion=_conclusion(job_status),
    )
    publisher.update(published, run, ())
    job.summary(f"{output.summary}\n")
    job.log(f"Completed the check run that the main step left in progress: {published.page}")


def _conclusion(job_status: str) -> Conclusion:
    return Conclusion.FAILURE if job_status == "failure" else Conclusion.CANCELLED


def _title(last: str) -> str:
    return f"killed · {last}" if last else "killed"
