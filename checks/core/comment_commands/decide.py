"""A command about a check and the check's runs -> what to do.

A command is about the check run that its author can have seen: one that was created before the comment. GitHub's times
are whole seconds, so a run of the same second counts as later.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..manual.decide import decide_request
from ..manual.record import record_of_run
from ..manual.runs import verdict_sentence
from ..model.check_run import CheckRun, RemoteCheckRun, Status
from ..model.delivery import DeliveryResult, DeliveryStatus
from ..model.manual import VerdictAction, VerdictRequest
from ..model.rerun import RerunScope
from ..rerun.shared_dispatch import waiting_for_dispatch
from ..text.commits import short_commit
from .command import SCOPES, Verb
from .names import AmbiguousName, KnownCheck, NamedCheck, Resolution

ACTIONS: dict[Verb | None, VerdictAction] = {Verb.PASS: VerdictAction.PASS, Verb.FAIL: VerdictAction.FAIL}
_DECIDED_BY_TESTS = "this check is decided by its tests; use `/check rerun`"
_SCOPE_UNKNOWN = "after the name, `failed` or `all` may follow, and nothing else"
_PUSHED = "somebody has pushed to the fork, whose last commit here is {}"
_NOTHING_FAILED = "it has no failed tests to re-run; use `all`"


@dataclass(frozen=True, slots=True, kw_only=True)
class RerunTarget:
    """A check run to re-run, and which of its tests."""

    run: RemoteCheckRun
    scope: RerunScope


def name_refusal(resolution: Resolution, commit: str) -> str:
    """Return why the name selects no check of the commit; empty if it selects one."""
    if isinstance(resolution, NamedCheck):
        return ""
    if isinstance(resolution, AmbiguousName):
        names = " or ".join(map(_code, resolution.names))
        remedy = "put the name in quotation marks" if resolution.needs_quotes else "write the check's name exactly"
        return f"this may be {names}: {remedy}"
    nearest = f"; the nearest names: {', '.join(map(_code, resolution.nearest))}" if resolution.nearest else ""
    return f"commit {short_commit(commit)} has no check of this name{nearest}"


def verb_refusal(verb: Verb | None, check: KnownCheck, rest: str) -> str:
    """Return why the verb does not fit the check or the text after its name; empty if it does."""
    if verb in (Verb.PASS, Verb.FAIL):
        return "" if check.is_manual else _DECIDED_BY_TESTS
    return _SCOPE_UNKNOWN if rest and rest.casefold() not in SCOPES else ""


def decide_verdict(
    request: VerdictRequest,
    runs: Sequence[RemoteCheckRun],
    *,
    posted_at: float,
    pushed_at: float,
    names_commit: bool,
) -> CheckRun | DeliveryResult:
    """Return the run to create for a request about a manual check, or the result if no run is created.

    `runs` are those of the check on its commit, newest last, at least one. `names_commit`: whether the comment names
    the commit, so that its author does not speak of the pull request's latest one. `pushed_at` is that of the
    `PullRequest`; 0.0 if all of the commit's digits are named. With an earlier push, or another pull request, an
    outsider can make a check older than the comment, and finds commits with the same first digits.
    """
    newest = runs[-1]
    decision = decide_request(request, newest, runs)
    if isinstance(decision, DeliveryResult):
        return decision
    if pushed_at >= posted_at:
        return _refused(_new_commits(newest.head_sha, _PUSHED))
    if newest.started_at < posted_at:
        return decision
    record = record_of_run(newest)
    if names_commit and (record is None or record.request is None or record.request.at < posted_at):
        return decision
    if not names_commit and all(run.started_at >= posted_at for run in runs):
        return _refused(_new_commits(newest.head_sha))
    state = verdict_sentence(record, newest.head_sha) if record else ""
    return _refused(f"the check has changed since your comment: {state}. Comment again if you still want this")


def decide_rerun(
    runs: Sequence[RemoteCheckRun], scope_text: str, *, posted_at: float, names_commit: bool
) -> RerunTarget | DeliveryResult:
    """Return the run to re-run, or the refusal. `runs` are those of the check on its commit, newest last."""
    target = next((run for run in reversed(runs) if run.started_at < posted_at), None)
    if target is None and names_commit:
        target = runs[0]
    if target is None:
        return _refused(_new_commits(runs[-1].head_sha))
    if waiting_for_dispatch([target]):  # nobody has started it: the same request again does
        earlier = target.identity.earlier if target.identity else ""
        target = next((run for run in runs if run.id == earlier), target)
    if target.status is not Status.COMPLETED:
        return _refused(f"it is {target.status.value.replace('_', ' ')} now; re-run it when it has completed")
    has_failed = target.identity is not None and target.identity.counts.failed > 0
    scope = SCOPES.get(scope_text.casefold(), RerunScope.FAILED if has_failed else RerunScope.ALL)
    if scope is RerunScope.FAILED and not has_failed:
        return _refused(_NOTHING_FAILED)
    return RerunTarget(run=target, scope=scope)


def _new_commits(commit: str, sign: str = "this check of {} is newer") -> str:
    return (
        f"new commits since your comment: {sign.format(short_commit(commit))}. Look at it and comment again, "
        f"or name the commit that you mean, as in `@{short_commit(commit)}`"
    )


def _code(name: str) -> str:
    return f"`{name}`"


def _refused(reason: str) -> DeliveryResult:
    return DeliveryResult(status=DeliveryStatus.REFUSED, reason=reason)
