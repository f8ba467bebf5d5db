"""Reads and writes the comments of a pull request: https://docs.github.com/rest/issues/comments."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any, TypeVar

from ...core.comment.decide import Comment, CommentChange, CreateComment, DeleteComment, UpdateComment
from ...core.comment.refusal import sentence
from ...core.github.error_kind import ErrorKind
from ...core.github.parse_run import app_of, mapping, text
from ...core.model.check_run import RemoteCheckRun
from ...core.model.ports import PublishError
from .client import COMMENT_PERMISSIONS, GithubApi
from .retrying import RefusedError, Request
from .runs import CheckRuns

_PER_PAGE = 100
#: The author of what is written with a job's own token.
_ACTIONS_BOT = "github-actions[bot]"
_OTHER_AUTHOR = (
    "No comment was written on pull request {pull_request}: with `github-token`, its author has to be "
    "github-actions[bot], so that later jobs find it again. Use the job's own token, or an App."
)

T = TypeVar("T")


class GithubComments:
    """The `CommentedPullRequest` with this number, with a token of its own in the case of an App.

    Reads are retried until `until`, on the monotonic clock. Writes are sent once, as the comments show what became of
    them. Errors are about the comment.
    """

    def __init__(self, api: GithubApi, pull_request: int, *, until: float) -> None:
        self._given_api = api
        self._pull_request = pull_request
        self._until = until
        self._comments = f"/repos/{api.repository}/issues/comments"
        self._of_pull_request = f"/repos/{api.repository}/issues/{pull_request}/comments"

    @cached_property
    def _api(self) -> GithubApi:
        return self._given_api.with_permissions(COMMENT_PERMISSIONS)

    def runs(self, commit: str) -> tuple[RemoteCheckRun, ...]:
        """See `CommentedPullRequest.runs`. The job's own may have a newer one of its name, so all are read."""
        runs = self._explained(lambda: CheckRuns(self._api).of_commit(commit, {"filter": "all"}, until=self._until))
        return tuple(run for run in runs if run.identity is not None)

    def comments(self) -> tuple[Comment, ...]:
        """See `CommentedPullRequest.comments`."""
        return tuple(map(self._parse, self._listed(self._of_pull_request, {})))

    def head(self) -> str:
        """See `CommentedPullRequest.head`."""
        path = f"/repos/{self._api.repository}/pulls/{self._pull_request}"
        request = Request(method="GET", path=path, keys=("head",))
        return text(mapping(self._ask(request, self._until), "head"), "sha")

    def write(self, change: CommentChange) -> None:
        """See `CommentedPullRequest.write`."""
        match change:
            case CreateComment(body=body):
                self._create(body)
            case UpdateComment(id=number, body=body):
                self._change(Request(method="PATCH", path=f"{self._comments}/{number}", body={"body": body}))
            case DeleteComment(id=number):
                self._change(Request(method="DELETE", path=f"{self._comments}/{number}"))

    def remaining_seconds(self) -> float:
        """See `CommentedPullRequest.remaining_seconds`."""
        return self._until - self._now()

    def _listed(self, path: str, query: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
        """Yield the objects of all pages."""
        page = 1
        while True:
            paged: dict[str, str | int] = {**query, "per_page": _PER_PAGE, "page": page}
            part = self._ask(Request(method="GET", path=path, query=paged, shape=list), self._until)
            yield from (data for data in part if isinstance(data, Mapping))
            if len(part) < _PER_PAGE:
                return
            page += 1

    def _create(self, body: str) -> None:
        request = Request(method="POST", path=self._of_pull_request, body={"body": body}, keys=("id",))
        created = self._parse(self._ask(request, self._now()))
        if not created.is_own_author:  # each job would create another one
            self.write(DeleteComment(id=created.id))
            raise PublishError(_OTHER_AUTHOR.format(pull_request=self._pull_request))

    def _change(self, request: Request) -> None:
        """Change a comment, unless somebody has deleted it."""
        try:
            self._ask(request, self._now())
        except RefusedError as error:
            if error.error_kind is not ErrorKind.NOT_FOUND:
                raise

    def _parse(self, data: Mapping[str, Any]) -> Comment:
        return Comment(id=str(data.get("id")), body=text(data, "body"), is_own_author=self._is_own_author(data))

    def _is_own_author(self, data: Mapping[str, Any]) -> bool:
        """Whether the App itself, or the job's token, has written the comment: not a person through the App."""
        user, app = mapping(data, "user"), app_of({"app": data.get("performed_via_github_app")})
        if text(user, "type") != "Bot":
            return False
        return bool(app[0]) and self._api.is_own(app) if self._api.app_id else text(user, "login") == _ACTIONS_BOT

    def _ask(self, request: Request, until: float) -> Any:
        return self._explained(lambda: self._api.ask(request, until=until).data)

    def _explained(self, call: Callable[[], T]) -> T:
        try:
            return call()
        except RefusedError as error:
            line = sentence(
                error.error_kind,
                error.failure or str(error),
                repository=self._api.repository,
                pull_request=self._pull_request,
                is_app=bool(self._api.app_id),
            )
            raise RefusedError(
                error.error_kind, line, failure=error.failure, may_have_been_applied=error.may_have_been_applied
            ) from error

    def _now(self) -> float:
        return self._api.retry_policy.clock.monotonic()
