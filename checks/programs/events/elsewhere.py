"""Finds the commit on which a workflow run has reported, if the event of its end does not name it.

A job that a comment or another workflow has started reports on a commit of its own choice. Check runs cannot be looked
up by their identity, but the App's delivery log has the event of their creation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from ...core.github.parse_run import mapping, parse_run
from ...core.model.delivery import LoggedDelivery
from ...core.model.intents import WorkflowRunCompleted
from ...core.model.ports import DeliveryLog, PublishError

#: Five pages of the log.
_MAX_LOGGED = 500
_MAX_PAYLOADS = 20


def find_commit(intent: WorkflowRunCompleted, deliveries: DeliveryLog, is_over: Callable[[], bool]) -> str:
    """Return the commit of a check run that the workflow run created; empty if the log does not show it.

    The check runs created first, when the workflow run began, come first. Raises `PublishError` if the time is over.
    """
    logged = [
        entry
        for entry in _in_time(islice(deliveries.since(intent.searched_since), _MAX_LOGGED), is_over)
        if (entry.event, entry.repository_id) == ("check_run.created", intent.repository_ref.id)
    ]
    for entry in _in_time(logged[: -_MAX_PAYLOADS - 1 : -1], is_over):
        run = parse_run(mapping(deliveries.delivery(entry).payload, "check_run"))
        if run and run.identity and run.identity.run_id == intent.run_id:
            return run.head_sha
    return ""


def _in_time(entries: Iterable[LoggedDelivery], is_over: Callable[[], bool]) -> Iterator[LoggedDelivery]:
    """Yield the entries. Each may take a request."""
    for entry in entries:
        if is_over():
            raise PublishError("The delivery log could not be searched in time.")
        yield entry
