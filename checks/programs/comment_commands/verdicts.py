"""Creates the check run of a verdict, and says the same in its commit status and in the pull request's comment."""

from __future__ import annotations

from ...core.model.check_run import CheckRun
from ...core.model.delivery import DeliveryResult, DeliveryStatus
from ...core.model.ports import PublishError
from ...core.rerun.repository import RerunRepository
from ...core.text.commits import short_commit
from ..comment.write import write_comment
from ..rerun.start import RATE_LIMITED


def write_verdict(run: CheckRun, repository: RerunRepository) -> DeliveryResult:
    """Create the run. Raises `PublishError`; the status and the comment matter less than the run."""
    if not repository.can_write(2 if run.identity.has_commit_status else 1):
        return RATE_LIMITED
    notes = [repository.set_commit_status(repository.create(run), run)]
    if run.identity.pull_request:
        try:
            write_comment(repository.commented(run.identity.pull_request), run.head_sha)
        except PublishError as error:
            notes.append(str(error))
    sentence = f"{run.output.title} ({short_commit(run.head_sha)})"
    return DeliveryResult(status=DeliveryStatus.DONE, reason="; ".join(filter(None, [sentence, *notes])))
