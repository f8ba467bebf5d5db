"""Steps of a workflow that act on events: `respond` on the workflow's own, `poll` on those of the delivery log."""

from __future__ import annotations

from ...adapters.github.client import AppApi
from ...adapters.github.deliveries import GithubDeliveries
from ...core.model.delivery import Delivery, DeliveryResult, DeliveryStatus
from ...core.model.errors import CheckError, ExitStatus, Problem
from ...core.model.intents import RepositoryRef
from ...core.model.limits import WRITES_PER_POLL
from ...core.model.ports import PublishError
from ...core.redaction.redactor import Redactor
from ...core.runner import workflow_commands
from ..wiring import Wiring
from .poll import LOG_SECONDS, Poll
from .receiver import AppReceiver
from .repositories import RepositoryPool

#: For the whole step: a scheduled workflow runs again.
STEP_SECONDS = 600.0
#: For one event: enough to wait a minute for a rate limit.
EVENT_SECONDS = 90.0
#: Deliveries may be logged late, and clocks differ.
_OVERLAP_SECONDS = 900.0
_NO_APP = Problem(
    what="Inputs `app-id` and `private-key`",
    why="they are not set, and only the App can act on its re-run buttons.",
    remedy="Set both, as in the workflow that runs the tests.",
)


def respond_step(wiring: Wiring) -> ExitStatus:
    """Act on the event of this workflow run. Raises `CheckError` without an App."""
    receiver, context = _create_receiver(wiring, _create_repositories(wiring)), wiring.inputs.context
    delivery = Delivery(guid=context.run_id, event=context.event, payload=wiring.inputs.event)
    result = receiver(delivery, wiring.clock.monotonic() + STEP_SECONDS)
    wiring.files.log(workflow_commands.inert(f"{context.event}: {result.status.value}, {result.reason}"))
    problem = "This event could not be handled. Re-run this job." if result.status is DeliveryStatus.LATER else ""
    return _exit_status(problem, wiring)


def poll_step(wiring: Wiring) -> ExitStatus:
    """Act on the deliveries that no receiver accepted. Raises `CheckError` without an App."""
    repositories, end = _create_repositories(wiring), wiring.clock.monotonic() + STEP_SECONDS
    receiver, retry_policy, inputs = _create_receiver(wiring, repositories), wiring.retry_policy(), wiring.inputs

    redact = Redactor(wiring.secrets)

    def respond(delivery: Delivery) -> DeliveryResult:
        return receiver(delivery, min(end, wiring.clock.monotonic() + EVENT_SECONDS))

    def revisit(delivery: Delivery) -> DeliveryResult:
        return receiver.revisit(delivery, min(end, wiring.clock.monotonic() + EVENT_SECONDS))

    poll = Poll(
        deliveries=GithubDeliveries(
            AppApi(inputs.credentials, api_url=inputs.context.api_url, retry_policy=retry_policy)
        ),
        respond=respond,
        revisit=revisit,
        is_over=lambda: wiring.cancel.is_set() or wiring.clock.monotonic() >= end,
        jitter=retry_policy.jitter(),
        log=lambda text: wiring.files.log(workflow_commands.inert(redact(text))),
        queues_at_push=inputs.settings.queue_at_push,
    )
    deferred = poll.run(_last_success_time(wiring, repositories, end))
    return _exit_status(
        f"Deliveries left for the next poll, which covers the same period: {deferred:,}." if deferred else "", wiring
    )


def _create_repositories(wiring: Wiring) -> RepositoryPool:
    credentials = wiring.inputs.credentials
    if not credentials.private_key:
        raise CheckError(_NO_APP)
    return RepositoryPool(credentials, wiring.inputs.context.api_url, wiring.clock, wiring.cancel.wait, WRITES_PER_POLL)


def _create_receiver(wiring: Wiring, repositories: RepositoryPool) -> AppReceiver:
    inputs = wiring.inputs
    return AppReceiver(
        app_id=inputs.credentials.app_id,
        repositories=repositories,
        clock=wiring.clock,
        queues_at_push=inputs.settings.queue_at_push,
    )


def _last_success_time(wiring: Wiring, repositories: RepositoryPool, end: float) -> float:
    """Return when the last complete poll began, in seconds since the epoch; if unknown, when the log begins."""
    oldest, context = wiring.clock.now() - LOG_SECONDS, wiring.inputs.context
    if not (context.repository and context.workflow):
        return oldest
    try:
        with repositories.open_until(end)(
            RepositoryRef(full_name=context.repository, installation_id=None), 0
        ) as repository:
            last = repository.last_success(context.workflow.rpartition("/")[2])
    except PublishError as error:
        wiring.warn(f"Reading the whole delivery log, because the last successful poll is unknown: {error}")
        return oldest
    return max(oldest, last - _OVERLAP_SECONDS)


def _exit_status(problem: str, wiring: Wiring) -> ExitStatus:
    if problem:
        wiring.files.log(workflow_commands.error(problem))
    return ExitStatus.FAILED if problem else ExitStatus.PASSED
