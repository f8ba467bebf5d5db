"""Open the connections over which a job reads its base and what came before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ...adapters.github import base_runs, past_runs
from ...adapters.github.base_runs import GithubBaseRuns
from ...adapters.github.client import READ_PERMISSIONS, GithubApi
from ...adapters.github.past_runs import GithubPastRuns
from ...adapters.github.retrying import RetryPolicy
from ...core.inputs.job_inputs import JobInputs
from ...core.model.settings import Program
from ...core.runner import workflow_commands
from .dependencies import OpenBaseRuns, OpenPastRuns

RetryPolicyOf = Callable[[], RetryPolicy]


def base_opener(inputs: JobInputs, retry_policy: RetryPolicyOf, log: Callable[[str], None]) -> OpenBaseRuns | None:
    """Return what opens a connection of its own, with a read-only token, as a thread of its own uses it.

    None if nothing is read from the base. `log` writes to the job log.
    """
    if not (_compares(inputs) or (_can_read(inputs) and inputs.settings.quarantine)):
        return None
    return lambda is_cancelled: GithubBaseRuns(
        reading_api(inputs, retry_policy(), base_runs.SECONDS),
        lambda line: log(workflow_commands.inert(line)),
        is_cancelled,
    )


def past_opener(inputs: JobInputs, retry_policy: RetryPolicyOf, log: Callable[[str], None]) -> OpenPastRuns | None:
    """Return the same for earlier commits."""
    if not _compares(inputs):
        return None
    return lambda is_cancelled: GithubPastRuns(
        reading_api(inputs, retry_policy(), past_runs.SECONDS),
        lambda line: log(workflow_commands.inert(line)),
        is_cancelled,
    )


def _compares(inputs: JobInputs) -> bool:
    return _can_read(inputs) and inputs.settings.compare.is_on


def _can_read(inputs: JobInputs) -> bool:
    is_run = inputs.settings.program is Program.RUN and bool(inputs.context.repository)
    return is_run and bool(inputs.credentials.secrets)


def reading_api(inputs: JobInputs, retry_policy: RetryPolicy, seconds: int) -> GithubApi:
    """Return an API of its own with a token that can write nothing, for so many seconds."""
    hurried = replace(
        retry_policy, budget_seconds=seconds, answer_seconds=seconds, hurried_seconds=seconds, announce=lambda _: None
    )
    return GithubApi(
        inputs.credentials,
        repository=inputs.context.repository,
        api_url=inputs.context.api_url,
        retry_policy=hurried,
        permissions=READ_PERMISSIONS,
    )
