"""Why a pull request has no comment, or one that is not up to date, in one line for users."""

from __future__ import annotations

from ..github.error_kind import ErrorKind, RequestFailure

_APP_REMEDY = (
    "The App cannot write comments on pull request {pull_request} of {repository} ({failure}). The check run is not "
    "affected. On the App's page, under Permissions & events, Repository permissions, set Pull requests to Read and "
    "write. Then accept the new permission in the repository owner's Settings, GitHub Apps, Configure."
)
_TOKEN_REMEDY = (
    "`github-token` cannot write comments on pull request {pull_request} of {repository} ({failure}). The check run is "  # noqa: S105 -- a sentence
    "not affected. Give the job `permissions: {{checks: write, pull-requests: write, contents: read}}`. Where tokens "
    "are always read-only (forks, Dependabot), only an App can write comments."
)
_OTHERWISE = (
    "The comment on pull request {pull_request} of {repository} could not be written ({failure}). The check run is not "
    "affected."
)
_LOCKED = (
    "The conversation of pull request {pull_request} of {repository} is locked ({failure}), so its comment was not "
    "written. The check run is not affected."
)


def sentence(
    kind: ErrorKind, failure: RequestFailure | str, *, repository: str, pull_request: int, is_app: bool
) -> str:
    """Return the line."""
    template = _OTHERWISE
    if "locked" in str(failure):
        template = _LOCKED
    elif kind is ErrorKind.PERMISSION:
        template = _APP_REMEDY if is_app else _TOKEN_REMEDY
    return template.format(failure=failure, repository=repository, pull_request=pull_request)
