"""The `Publisher` of a re-run: instead of putting up a check run it takes over the one that is queued for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ...core.github.external_id import RunKind, describe
from ...core.github.parse_run import parse_run
from ...core.model.check_run import Annotation, CheckRun, Output, Published
from ...core.model.ports import ForeignCheckRunError
from ...core.model.rerun import CategoryRerun
from ...core.rerun.claim import AlreadyClaimed, Claim, CreateNew, decide_claim
from .checks import GithubChecks
from .claim import RunClaimer
from .client import GithubApi  # the two are one outside thing: how to speak there, and what to say

_DUPLICATE = Output(title="Duplicate re-run request", summary="A newer check run of this name has the results.")


class ClaimingPublisher:
    """Takes over `wanted`, as the App; all else is as with `checks`. `log` is for people."""

    def __init__(
        self, api: GithubApi, checks: GithubChecks, category_rerun: CategoryRerun, log: Callable[[str], None]
    ) -> None:
        self.name = checks.name
        self._api = api
        self._checks = checks
        self._category_rerun = category_rerun
        self._log = log

    def create(self, run: CheckRun) -> Published:
        """Take the queued run over as `run`; put one up where a former attempt of this job had it.

        Raises `ForeignCheckRunError` where others have it, else `PublishError`.
        """
        until = self._api.retry_policy.until()
        existing_runs = [other for one in self._checks.existing_runs(run, until) if (other := parse_run(one))]
        match decide_claim(describe(run.external_id), self._category_rerun, existing_runs):
            case CreateNew():
                return self._checks.create(run)
            case AlreadyClaimed(reason=reason):
                raise ForeignCheckRunError(reason)
            case Claim(run=placeholder, duplicates=duplicates):
                published = Published(id=placeholder.id, page=placeholder.page)
                if not RunClaimer(self._api, RunKind.PLACEHOLDER, self._log).claim(placeholder.id, run, until):
                    raise ForeignCheckRunError("another job claimed the check run at the same time")
                for other in duplicates:
                    why_open = f"Check run {other.id}, a duplicate queued for the same re-run, could not be completed"
                    self._checks.close(other.id, _DUPLICATE, why_open=why_open, until=until)
                return published

    def update(self, published: Published, run: CheckRun, annotations: Sequence[Annotation]) -> None:
        """As the port says."""
        self._checks.update(published, run, annotations)

    def seconds_until_ready(self) -> float:
        """As the port says."""
        return self._checks.seconds_until_ready()
