"""Tells the user's mistakes where they are looked for: in the log, in the job summary, and in a check run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ...core.model.check_run import CheckRun, Conclusion, Output, Status
from ...core.model.errors import ExitStatus, Problem
from ...core.model.ports import JobFiles, PublishError
from ...core.model.session import Session
from ...core.runner import workflow_commands
from ...core.runner.outputs import outputs
from ...core.text.escape import prose
from ...core.verdict.titles import pluralize
from ..wiring import Step
from .create import PutUp
from .grace import GivenUpError, in_time

_GIVEN_UP = "The job was cancelled before GitHub confirmed that the check run is completed. The post step completes it."


def refuse(problems: Sequence[Problem], first: CheckRun, put_up: PutUp, step: Step) -> ExitStatus:
    """Complete a check run as `action_required` with all mistakes at once; `first` is what it would have been."""
    job = step.files
    title = problems[0].title or pluralize(len(problems), "wrong input")
    summary = "\n".join(["Nothing was run.", "", *(f"- {prose(str(problem))}" for problem in problems)])
    for problem in problems:
        job.log(workflow_commands.error(str(problem), title=first.name))
    done = replace(
        first,
        status=Status.COMPLETED,
        conclusion=Conclusion.ACTION_REQUIRED,
        completed_at=first.started_at,
        output=Output(title=title, summary=summary),
    )
    link = put_up(first)
    published = link.published if link.published.id else None
    if published is not None or link.is_doubtful:
        step.save(link.published, done)
    try:
        in_time(lambda: link.publisher.update(link.published, done, ()), step.cancel)
    except (PublishError, GivenUpError) as error:
        job.log(workflow_commands.warning(str(error) or _GIVEN_UP))
    else:
        if published is not None:
            step.save(published, None)
    job.outputs(outputs(Session(), Conclusion.ACTION_REQUIRED, published, report=""))
    job.summary(f"## {prose(first.name)}\n\n**{title}**\n\n{summary}")
    return ExitStatus.USAGE


def skip(name: str, reason: str, job: JobFiles) -> ExitStatus:
    """Say why the check `name` is not run here; `reason` is the end of a sentence."""
    sentence = f"{name} is not run here: {reason}."
    job.log(sentence)
    job.outputs(outputs(Session(), Conclusion.SKIPPED, None, report=""))
    job.summary(prose(sentence))
    return ExitStatus.PASSED
