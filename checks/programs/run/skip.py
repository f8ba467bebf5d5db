"""Ends a step for which there is nothing to do: the re-run is another job's."""

from __future__ import annotations

from ...core.model.check_run import Conclusion
from ...core.model.errors import ExitStatus
from ...core.model.ports import JobFiles
from ...core.model.session import Session
from ...core.runner.outputs import outputs
from ...core.text.escape import prose


def skip(name: str, reason: str, job: JobFiles) -> ExitStatus:
    """Say why the check `name` is not run here; `reason` is the end of a sentence."""
    sentence = f"{name} is not run here: {reason}."
    job.log(sentence)
    job.outputs(outputs(Session(), Conclusion.SKIPPED, None, report=""))
    job.summary(prose(sentence))
    return ExitStatus.PASSED
