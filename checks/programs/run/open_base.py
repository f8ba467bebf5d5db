"""Open the connection over which a job reads its base."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ...adapters.github.base_runs import SECONDS, GithubBaseRuns
from ...adapters.github.client import READ_PERMISSIONS, GithubApi
from ...adapters.github.retrying import RetryPolicy
from ...core.inputs.job_inputs import JobInputs
from ...core.model.settings import Program
from ...core.runner import workflow_commands
from .dependencies import IsCancelled, OpenBaseRuns


def base_opener(
    inputs: JobInputs, retry_policy: Callable[[], RetryPolicy], log: Callable[[str], None]
) -> OpenBaseRuns | None:
    """Return what opens a connection of its own, with a read-only token, as a thread of its own uses it.

    None if nothing is read from the base. `log` writes to the job log.
    """
    settings, context, credentials = inputs.settings, inputs.context, inputs.credentials
    is_run = settings.program is Program.RUN and bool(context.repository)
    if not (is_run and (settings.compare.is_on or settings.quarantine) and credentials.secrets):
        return None

    def open_base_runs(is_cancelled: IsCancelled) -> GithubBaseRuns:
        hurried = replace(
            retry_policy(),
            budget_seconds=SECONDS,
            answer_seconds=SECONDS,
            hurried_seconds=SECONDS,
            announce=lambda _: None,
        )
        api = GithubApi(
            credentials,
            repository=context.repository,
            api_url=context.api_url,
            retry_policy=hurried,
            permissions=READ_PERMISSIONS,
        )
        return GithubBaseRuns(api, lambda line: log(workflow_commands.inert(line)), is_cancelled)

    return open_base_runs
