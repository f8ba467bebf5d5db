"""The commands of one comment: looks up what each is about, has it decided, and carries it out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...core.comment.conversation import Conversation
from ...core.comment_commands.answer import CommandOutcome
from ...core.comment_commands.command import CommentCommand, Verb
from ...core.comment_commands.decide import ACTIONS, decide_verdict, name_refusal, verb_refusal
from ...core.comment_commands.names import (
    KnownCheck,
    NamedCheck,
    Resolution,
    either,
    known_checks,
    mentioned_commit,
    resolve,
)
from ...core.comment_commands.parse import parse_comment
from ...core.manual.decide_event import CreateManualRuns
from ...core.model.check_run import CheckRun, RemoteCheckRun
from ...core.model.delivery import DeliveryResult, DeliveryStatus
from ...core.model.intents import CommentPosted
from ...core.model.manual import VerdictAction, VerdictRequest, VerdictSource
from ...core.model.ports import Clock
from ...core.rerun.repository import RerunRepository
from ...core.text.commits import short_commit
from ..manual.write import ManualRunWriter
from ..rerun.start import RerunStarter
from .reruns import RerunCommand, Reruns

_UNKNOWN = "this is not a command"
_CLOSED = "the pull request is closed"
_SUPERSEDED = "a later command of this comment about the same check counts"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Selected:
    """What a command is about. `rest` is the text after the name; `named` what the comment names the commit by.

    `action` is what it does if the check is manual.
    """

    action: VerdictAction
    commit: str
    check: KnownCheck
    rest: str
    named: str

    @property
    def names_commit(self) -> bool:
        """Whether the comment names the commit."""
        return bool(self.named)


class Commands:
    """Carries out the commands of a comment in one repository; `permission` is its author's.

    The results may come from an earlier delivery. Every method may raise `PublishError`.
    """

    def __init__(
        self,
        comment: CommentPosted,
        permission: str,
        repository: RerunRepository,
        conversation: Conversation,
        clock: Clock,
    ) -> None:
        self.parsed = parse_comment(comment.body)
        self._comment = comment
        self._repository = repository
        self.conversation = conversation
        self._clock = clock
        self._pull_request = conversation.pull_request()
        self._commits: tuple[str, ...] = ()
        self._runs: dict[str, tuple[RemoteCheckRun, ...]] = {}
        self._selected: dict[int, _Selected] = {}
        self._results: dict[int, DeliveryResult] = {}
        self._reruns = Reruns(comment, permission, repository, clock)

    @property
    def head(self) -> str:
        """The last commit of the pull request, as the commands know it."""
        return self._pull_request.head

    @property
    def has_changed_head(self) -> bool:
        """Whether something was done on that commit because no command names another."""
        done = (index for index, result in self._all_results.items() if result.status is DeliveryStatus.DONE)
        return any(not self._selected[index].names_commit for index in done)

    @property
    def outcomes(self) -> list[CommandOutcome]:
        """What became of the commands, except of those that only ask."""
        return [
            CommandOutcome(command=self.parsed.commands[index], result=result)
            for index, result in sorted(self._all_results.items())
        ]

    @property
    def _all_results(self) -> dict[int, DeliveryResult]:
        return {**self._results, **self._reruns.results}

    def runs(self, commit: str) -> tuple[RemoteCheckRun, ...]:
        """Return the App's check runs on a commit, oldest first; while commands are carried out, those before them."""
        if commit not in self._runs:
            self._runs[commit] = self._repository.runs(commit)
        return self._runs[commit]

    def carry_out(self) -> DeliveryResult | None:
        """Carry out all commands; re-runs are only queued. Return why the rest has to wait, if it does."""
        for index, command in enumerate(self.parsed.commands):
            if command.verb not in (Verb.LIST, Verb.HELP):
                self._select(index, command)
        last = {(selected.commit, selected.check.name): index for index, selected in self._selected.items()}
        for index, selected in self._selected.items():
            if last[selected.commit, selected.check.name] != index:
                self._results[index] = DeliveryResult(status=DeliveryStatus.DONE, reason=_SUPERSEDED)
            elif not selected.check.is_manual:
                self._reruns.add(index, self._rerun_command(selected))
            elif reason := self._decide(index, selected):
                return reason
        problem = self._reruns.queue()
        self._runs.clear()
        return problem

    @property
    def is_queued(self) -> bool:
        """Whether re-runs wait to be started."""
        return self._reruns.is_queued

    def start(self, starter: RerunStarter) -> DeliveryResult | None:
        """Start the queued re-runs. Return why some have to wait, if they do."""
        return self._reruns.start(starter)

    def _select(self, index: int, command: CommentCommand) -> None:
        """Find out what the command is about, or why nothing can be done about it."""
        selected: _Selected | str = _UNKNOWN if command.verb is None else command.problem
        if not self._pull_request.is_open and command.verb is not None:
            selected = _CLOSED
        selected = selected or self._find(command)
        if isinstance(selected, str):
            self._results[index] = DeliveryResult(status=DeliveryStatus.REFUSED, reason=selected)
        else:
            self._selected[index] = selected

    def _find(self, command: CommentCommand) -> _Selected | str:
        """Return the check and the commit that a command names, or why it is refused."""
        resolution = self._resolve(command)
        if not isinstance(resolution, NamedCheck):
            return name_refusal(resolution, self.head)
        commit = self.head
        if resolution.commit:
            commits = self._find_commits(resolution.commit)
            if len(commits) != 1:
                how = "begins several commits" if commits else "is not a commit"
                return f"`{resolution.commit}` {how} of this pull request"
            commit = commits[0]
        if not self._named(commit, resolution.check.name):
            return f"commit {short_commit(commit)} has no check of this name"
        refusal = verb_refusal(command.verb, resolution.check, resolution.rest)
        return refusal or _Selected(
            action=ACTIONS.get(command.verb, VerdictAction.UNDO),
            commit=commit,
            check=resolution.check,
            rest=resolution.rest,
            named=resolution.commit,
        )

    def _resolve(self, command: CommentCommand) -> Resolution:
        """Return the check that the command names on the last commit, or on the one that follows the name.

        Only that one may have a longer name, which must not decide about a check with a shorter one.
        """
        resolution = resolve(command, known_checks(self.runs(self.head)))
        beginning = mentioned_commit(command)
        if not beginning or (isinstance(resolution, NamedCheck) and resolution.commit):
            return resolution
        for commit in self._find_commits(beginning):
            other = resolve(command, known_checks(self.runs(commit)))
            if isinstance(other, NamedCheck) and other.commit == beginning:
                return either(resolution, other)
        return resolution

    def _find_commits(self, beginning: str) -> list[str]:
        """Return the commits of the pull request whose ids begin so."""
        self._commits = self._commits or (*self.conversation.commits(), self.head)
        return [commit for commit in dict.fromkeys(self._commits) if commit.startswith(beginning)]

    def _named(self, commit: str, name: str) -> tuple[RemoteCheckRun, ...]:
        return tuple(run for run in self.runs(commit) if run.name == name)

    def _decide(self, index: int, selected: _Selected) -> DeliveryResult | None:
        """Carry out a command about a manual check. Return why it has to wait, if it does."""
        comment, action = self._comment, selected.action
        request = VerdictRequest(
            action=action,
            by=comment.sender,
            at=self._repository.now(),
            source=VerdictSource.COMMENT,
            event=comment.comment_id,
            page=comment.page,
            reason="" if action is VerdictAction.UNDO else selected.rest,
        )
        runs = self._named(selected.commit, selected.check.name)
        decision = decide_verdict(
            request,
            runs,
            posted_at=comment.created_at,
            pushed_at=0.0 if selected.named == selected.commit else self._pull_request.pushed_at,
            names_commit=selected.names_commit,
        )
        result = self._results[index] = self._write(decision, runs)
        return result if result.status is DeliveryStatus.LATER else None

    def _write(self, decision: CheckRun | DeliveryResult, runs: Sequence[RemoteCheckRun]) -> DeliveryResult:
        writer = ManualRunWriter(self._repository, self._clock)
        if isinstance(decision, DeliveryResult):
            if decision.status is DeliveryStatus.DONE:
                writer.show(runs)
            return decision
        reason = f"{decision.output.title} ({short_commit(decision.head_sha)})"
        result = DeliveryResult(status=DeliveryStatus.DONE, reason=reason)
        return writer.write(CreateManualRuns(runs=(decision,), result=result))

    def _rerun_command(self, selected: _Selected) -> RerunCommand:
        return RerunCommand(
            runs=self.runs(selected.commit),
            name=selected.check.name,
            scope=selected.rest,
            names_commit=selected.names_commit,
        )
