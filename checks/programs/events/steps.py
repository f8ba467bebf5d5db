"""The steps that act on events inside a workflow: on that of the workflow itself, and on those of the delivery log."""

from __future__ import annotations

from ...adapters.github.client import AppApi
from ...adapters.github.deliveries import GithubDeliveries
from ...core.events.intent_types import RepositoryRef
from ...core.model.delivery import Delivery, DeliveryResult, DeliveryStatus
from ...core.model.errors import CheckError, ExitStatus, Problem
from ...core.model.limits import WRITES_PER_POLL
from ...core.model.ports import PublishError
from ...core.runner import workflow_commands
from ..wiring import Step
from .poll import LOG_SECONDS, Poll
from .receiver import AppReceiver
from .repositories import RepositoryPool

#: For all that a step does; a scheduled workflow comes again.
STEP_SECONDS = 600.0
#: For one event: long enough for a rate limit that asks for a minute.
EVENT_SECONDS = 90.0
#: A delivery may be logged after it was made, and clocks differ.
_OVERLAP_SECONDS = 900.0
_NO_APP = Problem(
    what="Inputs `app-id` and `private-key`",
    why="they are empty, and only the App itself can act on its re-run buttons.",
    remedy="Set both, as in the workflow that runs the tests.",
)


def respond_step(step: Step) -> ExitStatus:
    """Act on the event of this workflow run. Raises `CheckError` where there is no App."""
    receiver = _create_receiver(step, _create_repositories(step))
    delivery = Delivery(guid=step.context.run_id, event=step.context.event, payload=step.event)
    result = receiver(delivery, step.clock.monotonic() + STEP_SECONDS)
    step.files.log(workflow_commands.inert(f"{step.context.event}: {result.status.value}, {result.reason}"))
    problem = "This event could not be handled. Re-run this job." if result.status is DeliveryStatus.LATER else ""
    return _exit_status(problem, step)


def poll_step(step: Step) -> ExitStatus:
    """Act on the deliveries that no receiver has taken. Raises `CheckError` where there is no App."""
    repositories, end = _create_repositories(step), step.clock.monotonic() + STEP_SECONDS
    receiver, retry_policy = _create_receiver(step, repositories), step.retry_policy()

    def respond(delivery: Delivery) -> DeliveryResult:
        return receiver(delivery, min(end, step.clock.monotonic() + EVENT_SECONDS))

    poll = Poll(
        deliveries=GithubDeliveries(AppApi(step.credentials, api_url=step.context.api_url, retry_policy=retry_policy)),
        respond=respond,
        is_over=lambda: step.cancel.is_set() or step.clock.monotonic() >= end,
        jitter=retry_policy.jitter(),
        log=lambda text: step.files.log(workflow_commands.inert(text)),
        queues_at_push=step.settings.queue_at_push,
    )
    deferred = poll.run(_last_success_time(step, repositories, end))
    return _exit_status(
        f"Deliveries left for the next poll, which covers the same period: {deferred:,}." if deferred else "", step
    )


def _create_repositories(step: Step) -> RepositoryPool:
    if not step.credentials.private_key:
        raise CheckError(_NO_APP)
    return RepositoryPool(step.credentials, step.context.api_url, step.clock, step.cancel.wait, WRITES_PER_POLL)


def _create_receiver(step: Step, repositories: RepositoryPool) -> AppReceiver:
    return AppReceiver(
        app_id=step.credentials.app_id,
        repositories=repositories,
        clock=step.clock,
        queues_at_push=step.settings.queue_at_push,
    )


def _last_success_time(step: Step, repositories: RepositoryPool, end: float) -> float:
    """When the last poll began that left nothing; where that is not known, all that the log has."""
    oldest, context = step.clock.now() - LOG_SECONDS, step.context
    if not (context.repository and context.workflow):
        return oldest
    try:
        with repositories.open_until(end)(
            RepositoryRef(full_name=context.repository, installation_id=None), 0
        ) as repository:
            last = repository.last_success(context.workflow.rpartition("/")[2])
    except PublishError as error:
        step.warn(f"Reading the whole delivery log, because the last successful poll is unknown: {error}")
        return oldest
    return max(oldest, last - _OVERLAP_SECONDS)


def _exit_status(problem: str, step: Step) -> ExitStatus:
    if problem:
        step.files.log(workflow_commands.error(problem))
    return ExitStatus.FAILED if problem else ExitStatus.PASSED
