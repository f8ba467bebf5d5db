"""How long a cancelled job waits for what it has begun."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import TypeVar

from ...core.model.ports import Cancellation

#: The runner kills the container 10 s after its first signal, and there is something to do after the upload:
#: https://github.com/actions/runner/blob/main/src/Runner.Sdk/ProcessInvoker.cs
ABANDON_UPLOAD_SECONDS = 9.0
#: A request before the tests leaves time for everything that follows it.
_ABANDON_REQUEST_SECONDS = 4.0
_POLL_SECONDS = 0.1

T = TypeVar("T")


class AbandonedError(Exception):
    """The job was cancelled while this was waited for."""


def abandon_on_cancel(work: Callable[[], T], cancel: Cancellation) -> T:
    """Return or raise what `work` does, which runs in a thread of its own.

    Raises `GivenUpError` once the job has been cancelled for some seconds. A request that hangs cannot be stopped:
    `work` goes on in its thread, and must do no harm there.
    """
    result: Future[T] = Future()
    threading.Thread(target=_settle, args=(result, work), name="request", daemon=True).start()
    while not wait((result,), _POLL_SECONDS).done:
        if cancel.seconds_ago() >= _ABANDON_REQUEST_SECONDS:
            raise AbandonedError
    return result.result()


def _settle(result: Future[T], work: Callable[[], T]) -> None:
    try:
        result.set_result(work())
    except BaseException as error:  # noqa: BLE001 - whatever it is, it is raised where it is waited for
        result.set_exception(error)
