"""Taking over a queued check run: GitHub does not compare before it writes, so that a look afterwards must tell."""

from __future__ import annotations

from collections.abc import Callable

from ...core.github import payload
from ...core.github.external_id import RunKind, parse
from ...core.model.check_run import CheckRun
from .client import GithubApi  # the two are one outside thing: how to speak there, and what to say
from .retrying import RefusedError, Request

#: After which whoever else took the run over at the same time has written that into it.
_SETTLING_SECONDS = 1.0
_ATTEMPTS = 3


class RunClaimer:
    """Takes runs over that are queued as `kind`; `log` is for people."""

    def __init__(self, api: GithubApi, kind: RunKind, log: Callable[[str], None]) -> None:
        self._api = api
        self._kind = kind
        self._log = log

    def claim(self, run_id: str, run: CheckRun, until: float) -> bool:
        """Write `run` into the queued one, and look whether that stays. Raises `RefusedError` of the writing.

        Another job may write itself into it at the same time: the last one has it. The receiver may write into it
        which workflow run it has started: that is written over.
        """
        path = f"/repos/{self._api.repository}/check-runs/{run_id}"
        request = Request(method="PATCH", path=path, body=payload.update(run, ()))
        for _ in range(_ATTEMPTS):
            self._api.ask(request, until=until)
            self._api.retry_policy.wait(_SETTLING_SECONDS)
            try:
                external_id = self._api.ask(Request(method="GET", path=path), until=until).data.get("external_id") or ""
            except RefusedError as error:  # what is written is written: to leave it would leave it in progress
                self._log(f"Cannot verify that no other job claimed the same check run: {error}")
                return True
            if external_id == payload.external_id(run):
                return True
            other = parse(external_id)
            if other is None or other.kind is not self._kind:
                return False
        return True
