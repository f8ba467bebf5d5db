"""A `Publisher` for re-runs: claims the check run that is queued for this job instead of creating one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ...core.model.check_run import Annotation, CheckRun, Output, Published
from ...core.model.identity import RunKind
from ...core.model.ports import CurrentUpdate, ForeignCheckRunError, Urgency
from ...core.model.rerun import CategoryRerun
from ...core.rerun.claim import AlreadyClaimed, Claim, CreateNew, decide_claim
from .checks import GithubChecks
from .claim import RunClaimer
from .client import GithubApi
from .workflow_runs import read_workflow_run

_DUPLICATE = Output(title="Duplicate re-run request", summary="A newer check run of this name has the results.")


class ClaimingPublisher:
    """Claims the run that waits for `category_rerun`; updates it as `checks` does. `log` writes to the job log."""

    def __init__(
        self, api: GithubApi, checks: GithubChecks, category_rerun: CategoryRerun, log: Callable[[str], None]
    ) -> None:
        self.name = checks.name
        self._api = api
        self._checks = checks
        self._category_rerun = category_rerun
        self._log = log

    def create(self, run: CheckRun, current: CurrentUpdate | None = None) -> Published:
        """Claim the queued run. Create one if an earlier attempt of this job had claimed it.

        Raises `ForeignCheckRunError` if another job has claimed it, and `PublishError`.
        """
        until = self._api.retry_policy.until()
        match self._decide_claim(run, until):
            case CreateNew():
                return self._checks.create(run, current)
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

    def _decide_claim(self, run: CheckRun, until: float) -> Claim | CreateNew | AlreadyClaimed:
        existing_runs = self._checks.existing_runs(run, until)
        decision = decide_claim(run.identity, self._category_rerun, existing_runs)
        if not isinstance(decision, AlreadyClaimed) or not decision.run_id:
            return decision
        other = read_workflow_run(self._api, decision.run_id, until=until)
        if other is not None and not other.is_over:
            return decision
        return decide_claim(run.identity, self._category_rerun, existing_runs, {decision.run_id})

    def update(self, published: Published, run: CheckRun, annotations: Sequence[Annotation]) -> None:
        """See `GithubChecks.update`."""
        self._checks.update(published, run, annotations)

    def set_commit_status(self, published: Published, run: CheckRun) -> bool:
        """See `GithubChecks.set_commit_status`."""
        return self._checks.set_commit_status(published, run)

    def seconds_until_ready(self, urgency: Urgency) -> float:
        """See `GithubChecks.seconds_until_ready`."""
        return self._checks.seconds_until_ready(urgency)
