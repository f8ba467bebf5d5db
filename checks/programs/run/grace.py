"""Limit how long a cancelled job waits for requests."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import TypeVar

from ...core.model.ports import Cancellation

#: The runner kills the container 10 s after its first signal, and outputs are written after the upload:
#: https://github.com/actions/runner/blob/main/src/Runner.Sdk/ProcessInvoker.cs
ABANDON_UPLOAD_SECONDS = 9.0
#: Before the tests; leaves time for everything that follows.
_ABANDON_REQUEST_SECONDS = 4.0
_POLL_SECONDS = 0.1

T = TypeVar("T")


class AbandonedError(Exception):
    """The job was cancelled while waiting for a request."""


def abandon_on_cancel(
    work: Callable[[], T], cancel: Cancellation, after_seconds: float = _ABANDON_REQUEST_SECONDS
) -> T:
    """Return or raise what `work` does, in a thread of its own.

    Raises `AbandonedError` so many seconds after the job is cancelled. A request that hangs cannot be stopped: `work`
    continues in its thread, and must do no harm there.
    """
    result: Future[T] = Future()
    threading.Thread(target=_settle, args=(result, work), name="request", daemon=True).start()
    while not wait((result,), _POLL_SECONDS).done:
        if cancel.is_set() and cancel.seconds_ago() >= after_seconds:
            raise AbandonedError
    return result.result()


def has_abandoned_requests(cancel: Cancellation) -> bool:
    """Whether a cancelled job waits no longer for the requests before its tests."""
    return cancel.seconds_ago() >= _ABANDON_REQUEST_SECONDS


def _settle(result: Future[T], work: Callable[[], T]) -> None:
    try:
        result.set_result(work())
    except BaseException as error:  # noqa: BLE001 - raised again in the waiting thread
        result.set_exception(error)
