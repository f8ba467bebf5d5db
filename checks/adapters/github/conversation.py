"""Reads the comments of a pull request for commands, and answers: https://docs.github.com/rest/issues/comments."""

from __future__ import annotations

from datetime import UTC, datetime

from ...core.comment.conversation import PostedComment, PullRequest
from ...core.comment.decide import Comment
from ...core.github.error_kind import ErrorKind
from ...core.github.parse_run import mapping, seconds, text
from .comments import GithubComments
from .retrying import RefusedError, Request


class GithubConversation(GithubComments):
    """A `Conversation`. Its errors are about the comments, as those of `GithubComments`."""

    def comment(self, comment_id: str) -> PostedComment | None:
        """See `Conversation.comment`."""
        try:
            data = self._ask(Request(method="GET", path=f"{self._comments}/{comment_id}", keys=("id",)), self._until)
        except RefusedError as error:
            if error.error_kind is not ErrorKind.NOT_FOUND:
                raise
            return None
        return PostedComment(
            body=text(data, "body"),
            author=text(mapping(data, "user"), "login"),
            created_at=seconds(data.get("created_at")),
            updated_at=seconds(data.get("updated_at")),
        )

    def comments_since(self, since: float) -> tuple[Comment, ...]:
        """See `Conversation.comments_since`."""
        query = {"since": datetime.fromtimestamp(since, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}
        return tuple(map(self._parse, self._listed(self._of_pull_request, query)))

    def pull_request(self) -> PullRequest:
        """See `Conversation.pull_request`."""
        data = self._ask(Request(method="GET", path=self._path, keys=("head", "state")), self._until)
        head = mapping(data, "head")
        repository, base_repository = mapping(head, "repo"), mapping(mapping(data, "base"), "repo")
        is_fork = repository.get("id") != base_repository.get("id")
        return PullRequest(
            head=text(head, "sha"),
            is_open=data["state"] == "open",
            pushed_at=seconds(repository.get("pushed_at")) if is_fork else 0.0,
        )

    def commits(self) -> tuple[str, ...]:
        """See `Conversation.commits`."""
        return tuple(text(data, "sha") for data in self._listed(f"{self._path}/commits", {}))

    def react(self, comment_id: str) -> None:
        """See `Conversation.react`. GitHub answers with success, too, if the comment has the reaction."""
        path = f"{self._comments}/{comment_id}/reactions"
        self._ask(Request(method="POST", path=path, body={"content": "+1"}), self._now())

    @property
    def _path(self) -> str:
        return f"/repos/{self._api.repository}/pulls/{self._pull_request}"
