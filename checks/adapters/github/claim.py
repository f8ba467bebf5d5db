"""Claims a queued check run: writes to it, then reads it back, as GitHub has no conditional write."""

from __future__ import annotations

from collections.abc import Callable

from ...core.github import payload
from ...core.model.check_run import CheckRun
from ...core.model.identity import RunKind
from ...core.model.ports import PublishError
from .client import GithubApi
from .retrying import Request
from .runs import CheckRuns

#: By then, any other job that claims the run at the same time has written to it.
_SETTLING_SECONDS = 1.0
_ATTEMPTS = 3


class RunClaimer:
    """Claims runs that are queued as `kind`. `log` writes to the job log."""

    def __init__(self, api: GithubApi, kind: RunKind, log: Callable[[str], None]) -> None:
        self._api = api
        self._kind = kind
        self._log = log

    def claim(self, run_id: str, run: CheckRun, until: float) -> bool:
        """Write `run` to the queued run, and return whether that remains. Raises `PublishError` if it cannot write.

        If another job writes at the same time, the last writer has the run. The receiver may write the workflow run
        that it started; that is overwritten.
        """
        runs = CheckRuns(self._api)
        request = Request(method="PATCH", path=runs.path(run_id), body=payload.update(run, ()))
        for _ in range(_ATTEMPTS):
            self._api.ask(request, until=until)
            self._api.retry_policy.wait(_SETTLING_SECONDS)
            try:
                other = runs.get(run_id, until=until).identity
            except PublishError as error:  # it is written: giving it up now would leave it in progress
                self._log(f"Cannot verify that no other job claimed the same check run: {error}")
                return True
            if other == run.identity:
                return True
            if other is None or other.kind is not self._kind:
                return False
        return True
