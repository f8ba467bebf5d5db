"""Carries out the commands of a comment, and answers it once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ...adapters.github.retrying import RefusedError
from ...core.comment.conversation import Conversation
from ...core.comment.decide import CreateComment, DeleteComment
from ...core.comment_commands import answer
from ...core.comment_commands.command import Verb
from ...core.github.error_kind import ErrorKind
from ...core.model.delivery import DeliveryResult, DeliveryStatus
from ...core.model.intents import CommentPosted
from ...core.model.ports import Clock, PublishError
from ...core.rerun.permission import sender_refusal
from ...core.rerun.repository import RepositoryFor, RerunRepository
from ..rerun.start import RATE_LIMITED, SPARE_WRITES, WRITES_TO_START, RerunStarter
from .commands import Commands

#: Anybody can write comments, and the rate limits are for those who may do something.
_NO_ROOM = "no answer, because the rate limits leave little room"
#: For the first command, and for the answer.
_WRITES = 2


@dataclass(frozen=True, kw_only=True)
class CommentResponder:
    """Handles comments, each of which may come any number of times.

    Check runs show which commands were carried out, and an answer that the comment was answered. So a delivery that
    comes again continues what was interrupted.
    """

    repository_for: RepositoryFor
    clock: Clock

    def respond(self, comment: CommentPosted) -> DeliveryResult:
        """Carry out the commands and answer. Raises `PublishError`; then the event can be given again."""
        with self.repository_for(comment.repository_ref, _WRITES) as repository:
            commands = _begin(comment, repository, self.clock)
            if isinstance(commands, DeliveryResult):
                return commands
            if problem := commands.carry_out():
                return problem
            if not commands.is_queued:
                return _answer(comment, commands)
        with self.repository_for(comment.repository_ref, 0) as repository:
            problem = commands.start(RerunStarter(repository, self.clock))
            return problem or _answer(comment, commands)


def _begin(comment: CommentPosted, repository: RerunRepository, clock: Clock) -> Commands | DeliveryResult:
    """Return the commands of a person who may write them, or else the result."""
    conversation = repository.conversation(comment.number)
    try:
        settled = _settled_result(comment, conversation)
    except RefusedError as error:
        if error.error_kind is not ErrorKind.PERMISSION:
            raise
        # Left for later, comments of anybody would keep a poll from what comes after them.
        return _result(DeliveryStatus.REFUSED, str(error))
    if settled:
        return settled
    if not repository.can_write(_WRITES + WRITES_TO_START):
        return RATE_LIMITED
    permission = repository.permission(comment.sender)
    if refusal := sender_refusal(comment.sender, permission):
        if not repository.has_room(1 + SPARE_WRITES):
            return _result(DeliveryStatus.REFUSED, refusal, _NO_ROOM)
        body = answer.render([answer.WITHOUT_ACCESS], comment.sender, comment.comment_id)
        return _result(DeliveryStatus.REFUSED, refusal, _sent(lambda: _write_answer(comment, conversation, body)))
    return Commands(comment, permission, repository, conversation, clock)


def _settled_result(comment: CommentPosted, conversation: Conversation) -> DeliveryResult | None:
    """Return why nothing is left to do; None if the comment is as it was posted and has no answer."""
    current = conversation.comment(comment.comment_id)
    if current is None:
        return _result(DeliveryStatus.IGNORED, "the comment was deleted")
    if current.updated_at > current.created_at or current.body != comment.body or current.author != comment.sender:
        return _result(DeliveryStatus.IGNORED, "the comment was edited, so its commands do not count")
    if answer.answers(conversation.comments_since(comment.created_at), comment.comment_id):
        return _result(DeliveryStatus.DONE, "the comment was answered before")
    return None


def _answer(comment: CommentPosted, commands: Commands) -> DeliveryResult:
    """Answer with a reaction, or with a comment if there is anything to say. The commands count, not the answer."""
    conversation = commands.conversation
    parsed, outcomes, head = commands.parsed, commands.outcomes, commands.head
    new_head = conversation.pull_request().head if commands.has_changed_head else head
    parts = answer.outcome_parts(parsed, outcomes, head=head, new_head=new_head)
    if any(command.verb is Verb.LIST for command in parsed.commands):
        parts += answer.checks_list(commands.runs(head), head)
    if parts:
        body = answer.render(parts, comment.sender, comment.comment_id)
        note = _sent(lambda: _write_answer(comment, conversation, body))
    else:
        note = _sent(lambda: conversation.react(comment.comment_id))
    is_done = all(outcome.is_done for outcome in outcomes) and not parsed.surplus
    reasons = [f"{outcome.command.verb or 'unknown'}: {outcome.result.reason}" for outcome in outcomes]
    return _result(DeliveryStatus.DONE if is_done else DeliveryStatus.REFUSED, *reasons, note)


def _write_answer(comment: CommentPosted, conversation: Conversation, body: str) -> None:
    """Write the answer, unless another receiver was faster: of several answers, the first one remains."""
    conversation.write(CreateComment(body=body))
    answers = answer.answers(conversation.comments_since(comment.created_at), comment.comment_id)
    for duplicate in answers[1:]:
        conversation.write(DeleteComment(id=duplicate.id))


def _sent(send: Callable[[], None]) -> str:
    """Send an answer. Return why GitHub does not accept it; if that may change, raise the error."""
    try:
        send()
    except PublishError as error:
        if error.is_temporary or error.may_have_been_applied:
            raise
        return str(error)
    return ""


def _result(status: DeliveryStatus, *sentences: str) -> DeliveryResult:
    return DeliveryResult(status=status, reason="; ".join(filter(None, sentences)))
