"""The answer to a comment with commands: Markdown that mentions nobody but its author."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..comment.decide import Comment
from ..comment.render import checks_table
from ..model.check_run import RemoteCheckRun
from ..model.delivery import DeliveryResult, DeliveryStatus
from ..model.limits import COMMENT_CHARACTERS
from ..text.commits import short_commit
from ..text.escape import code_span, one_line, prose
from ..text.join import paragraphs
from ..text.truncate import truncate_characters
from .command import CommentCommand, ParsedComment, Verb
from .parse import MAX_COMMANDS

_MARKER = "<!-- pytest-check-runs answer 1 {comment_id} -->"
_LINE_CHARACTERS = 200
_REASON_CHARACTERS = 1_000
#: Says nothing about the repository.
WITHOUT_ACCESS = "Only people with write access to this repository can use `/check`."
_HELP = """\
Commands, one per line:

- `/check pass NAME [reason]` passes a check that a person decides
- `/check fail NAME [reason]` fails it
- `/check rerun NAME [failed|all]` runs tests again, or asks for a verdict again
- `/check list` shows the checks of the last commit
- `/check help` shows this

`NAME` is the name of a check or its category. Put it in quotation marks if text follows that may belong to it. `@` \
and the first 7 digits of a commit may follow, as in `/check pass NAME @c0ffee1`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandOutcome:
    """What became of a command."""

    command: CommentCommand
    result: DeliveryResult

    @property
    def is_done(self) -> bool:
        """Whether the command was carried out."""
        return self.result.status is DeliveryStatus.DONE


def outcome_parts(parsed: ParsedComment, outcomes: Sequence[CommandOutcome], *, head: str, new_head: str) -> list[str]:
    """Return what there is to say, as paragraphs; nothing if everything was done.

    `head` is the commit on which it was done, and `new_head` the last commit of the pull request since then.
    """
    verbs = {command.verb for command in parsed.commands}
    has_questions = not verbs.isdisjoint({Verb.LIST, Verb.HELP})
    is_done = all(outcome.is_done for outcome in outcomes) and not parsed.surplus
    if is_done and head == new_head and not has_questions:
        return []
    return [
        "\n".join(map(_outcome_line, outcomes)),
        _surplus(parsed.surplus),
        _moved(head, new_head) if head != new_head else "",
        _HELP if Verb.HELP in verbs or None in verbs else "",
    ]


def checks_list(runs: Iterable[RemoteCheckRun], commit: str) -> list[str]:
    """Return the list of a commit's checks, as paragraphs."""
    return [f"Checks of {code_span(short_commit(commit))}:", *checks_table(runs, COMMENT_CHARACTERS // 2)]


def render(parts: Iterable[str], author: str, comment_id: str) -> str:
    """Return the comment that says these paragraphs to the author of a comment."""
    return paragraphs([f"@{author}", *parts, _marker(comment_id)])


def answers(comments: Iterable[Comment], comment_id: str) -> list[Comment]:
    """Return the comments that answer this one, oldest first. People can quote their last line, which tells them."""
    marker = _marker(comment_id)
    found = (comment for comment in comments if comment.is_own_author and comment.body.rstrip().endswith(f"\n{marker}"))
    return sorted(found, key=lambda comment: int(comment.id))


def _outcome_line(outcome: CommandOutcome) -> str:
    line = code_span(truncate_characters(one_line(outcome.command.line), _LINE_CHARACTERS))
    reason = truncate_characters(outcome.result.reason, _REASON_CHARACTERS)
    return f"- {'✅' if outcome.is_done else '❌'} {line}: {prose(reason)}"


def _surplus(surplus: int) -> str:
    return f"A comment has at most {MAX_COMMANDS} commands. Not carried out: the other {surplus:,}." if surplus else ""


def _moved(commit: str, head: str) -> str:
    return (
        f"Commit {code_span(short_commit(commit))} has what you asked for. The pull request has new commits since: "
        f"its last one is {code_span(short_commit(head))}, which was not touched."
    )


def _marker(comment_id: str) -> str:
    return _MARKER.format(comment_id=comment_id)
