"""Open GitHub's API for a program that only reads, outside of a job."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping

from ..adapters.github import network
from ..adapters.github.client import GithubApi
from ..adapters.github.retrying import RetryPolicy
from ..adapters.runner.job_files import RunnerFiles
from ..adapters.system.clock import SystemClock
from ..adapters.system.signals import Cancel
from ..core.inputs.github_access import GithubAccess
from ..core.pytest_process.environment import network_variables
from ..core.runner import workflow_commands

#: For all requests together.
BUDGET_SECONDS = 300.0


def open_api(
    access: GithubAccess,
    permissions: Mapping[str, str],
    environ: Mapping[str, str],
    files: RunnerFiles,
    on_request: Callable[[str], None],
) -> GithubApi:
    """Return the API; as the App, its token has these permissions. Waits are said in the log of `files`.

    From now on, signals end the program. `on_request` receives a line for each request.
    """
    network.use(network_variables(environ))
    cancel = Cancel()
    cancel.install()
    policy = RetryPolicy(
        clock=SystemClock(),
        wait=cancel.wait,
        is_cancelled=cancel.is_set,
        jitter=random.SystemRandom().random,
        budget_seconds=BUDGET_SECONDS,
        debug=on_request,
        announce=lambda sentence: files.log(workflow_commands.inert(sentence)),
    )
    return GithubApi(
        access.credentials,
        repository=access.repository,
        api_url=access.api_url,
        retry_policy=policy,
        permissions=permissions,
    )
