"""The classic commit status that repeats a check run's state (input `commit-status`).

https://docs.github.com/rest/commits/statuses
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from ..model import limits
from ..model.check_run import CheckRun, Conclusion
from ..model.identity import RunKind
from ..text.ansi import visible
from ..text.truncate import truncate_characters
from .error_kind import ErrorKind, RequestFailure
from .payload import name, shown

_APP_REMEDY = (
    "The App cannot write commit statuses in {repository} ({failure}). The check run is not affected. On the App's "
    "page, under Permissions & events, Repository permissions, set Commit statuses to Read and write. Then accept the "
    "new permission in the repository owner's Settings, GitHub Apps, Configure."
)
_TOKEN_REMEDY = (
    "`github-token` cannot write commit statuses in {repository} ({failure}). The check run is not affected. Give the "  # noqa: S105 -- a sentence
    "job `permissions: {{checks: write, statuses: write, contents: read}}`."
)
_OTHERWISE = "The commit status “{context}” could not be set ({failure}). The check run is not affected."


class CommitState(StrEnum):
    """The state of a commit status."""

    PENDING = "pending"
    SUCCESS = "success"
    FAILURE = "failure"
    ERROR = "error"


_STATES = {
    Conclusion.SUCCESS: CommitState.SUCCESS,
    Conclusion.NEUTRAL: CommitState.SUCCESS,
    Conclusion.SKIPPED: CommitState.SUCCESS,
    Conclusion.FAILURE: CommitState.FAILURE,
    Conclusion.TIMED_OUT: CommitState.FAILURE,
    Conclusion.ACTION_REQUIRED: CommitState.ERROR,
    Conclusion.CANCELLED: CommitState.ERROR,
}


def state(run: CheckRun) -> CommitState:
    """Return the state that repeats the check run's: `PENDING` until it is completed, or a person has decided it."""
    waits_for_person = run.identity.kind is RunKind.MANUAL and run.conclusion is Conclusion.ACTION_REQUIRED
    return CommitState.PENDING if run.conclusion is None or waits_for_person else _STATES[run.conclusion]


def context(run: CheckRun) -> str:
    """Return the name of the status. It is not the check's, as GitHub would require both under one name."""
    return f"status: {name(run)}"


def body(run: CheckRun, page: str) -> dict[str, Any]:
    """Return the body that creates the status. `page` is the check run's; without it the status has no link."""
    description = truncate_characters(shown(run.output.title), limits.STATUS_DESCRIPTION_CHARACTERS)
    fields = {"state": state(run).value, "context": context(run), "description": description}
    return {**fields, **({"target_url": visible(page)} if page else {})}


def sentence(kind: ErrorKind, failure: RequestFailure | str, run: CheckRun, repository: str, *, is_app: bool) -> str:
    """Return one line for users: why there is no status, and how to get it."""
    template = _OTHERWISE
    if kind is ErrorKind.PERMISSION:
        template = _APP_REMEDY if is_app else _TOKEN_REMEDY
    return template.format(failure=failure, repository=repository, context=context(run))
