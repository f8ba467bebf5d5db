"""The comment at the end of a job, whose check run is completed."""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Sequence
from functools import partial

from ...adapters.github.client import GithubApi
from ...adapters.github.comments import GithubComments
from ...core.comment.render import may_create
from ...core.github.external_id import is_same_run
from ...core.model.check_run import CheckRun, RemoteCheckRun, Status
from ...core.model.ports import Cancellation, JobFiles, PublishError
from ...core.model.settings import CommentMode
from ...core.runner import workflow_commands
from ..run.grace import ABANDON_UPLOAD_SECONDS
from .write import write_comment

#: For all requests, which the job waits for, also if it is being cancelled.
_SECONDS = ABANDON_UPLOAD_SECONDS

_NO_CHECK_RUN = (
    "Pull request {pull_request} gets no comment from this job, because the job has no check run on GitHub that the "
    "comment could show."
)


def write_job_comment(
    run: CheckRun, mode: CommentMode, apis: Iterable[GithubApi], cancel: Cancellation, job: JobFiles
) -> None:
    """Write the comment with the first of `apis` that has created the job's check run, or log why not; never raises."""
    seconds = _SECONDS - cancel.seconds_ago()
    try:
        if seconds > 0 and (reason := _write(run, mode, apis, seconds)):
            job.warn(reason)
    except Exception:  # noqa: BLE001 - costs the comment alone
        job.log(workflow_commands.bug(traceback.format_exc()))


def _write(run: CheckRun, mode: CommentMode, apis: Iterable[GithubApi], seconds: float) -> str:
    """Write the comment, or return why not."""
    number, reason = run.identity.pull_request, ""
    app_ids: set[str] = set()
    for api in apis:
        select = _Selection(run, frozenset(app_ids))
        until = api.retry_policy.clock.monotonic() + seconds
        try:
            write_comment(GithubComments(api, number, until=until), run.head_sha, select, partial(may_create, mode))
        except PublishError as error:
            if select.has_found_own:
                return str(error)
            reason = reason or str(error)
        if select.has_found_own:
            return ""
        app_ids.add(api.app_id)
    return reason or _NO_CHECK_RUN.format(pull_request=number)


class _Selection:
    """Selects the check runs of the App that has created the job's, which is among them; none if it is not completed.

    `app_ids` are those of Apps that were asked before: a token also finds their check runs.
    """

    def __init__(self, run: CheckRun, app_ids: frozenset[str]) -> None:
        self.has_found_own = False
        self._run = run
        self._app_ids = app_ids

    def __call__(self, runs: Sequence[RemoteCheckRun]) -> Sequence[RemoteCheckRun]:
        own = next((other for other in runs if is_same_run(self._run.identity, other.identity)), None)
        if own is None or self._app_ids.intersection(own.app):
            return ()
        self.has_found_own = True
        return [other for other in runs if other.app == own.app] if own.status is Status.COMPLETED else ()
