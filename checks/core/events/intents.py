"""Parsing webhook events into intents. `core.rerun.decide` decides what to do about them.

https://docs.github.com/webhooks/webhook-events-and-payloads
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from ..github.parse_run import app_of, mapping, parse_run, seconds, text, workflow_file
from ..model.check_run import RemoteCheckRun
from ..model.delivery import Delivery, DeliveryResult, DeliveryStatus
from ..model.intents import (
    CommitPushed,
    ForkUpdated,
    Intent,
    RepositoryRef,
    RerunRequested,
    SuiteRerequested,
    VerdictRequested,
    WorkflowRunCompleted,
)
from ..model.manual import VerdictAction
from ..model.rerun import RerunScope
from .comment_intent import parse_comment_event

Payload = Mapping[str, Any]

_REPOSITORY = r"[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+"
_COMMIT = r"[0-9a-f]{40}"
_NO_COMMIT = "0" * 40
#: The triggers whose workflow runs report on their own commit.
_EVENTS_OF_COMMITS = frozenset({"push", "pull_request", "pull_request_target", "merge_group"})
#: A workflow run that has lost a job does not end like this.
_PASSING = frozenset({"success", "neutral", "skipped"})
_BRANCH = r"[\w./#@+=,-]+"
#: Events that need no action, and the reason to answer with.
_ACKNOWLEDGED = {
    "ping": "pong",
    "installation": "noted; permissions are looked up for each event",
    "installation_repositories": "noted; permissions are looked up for each event",
    "github_app_authorization": "noted",
}


def parse_intent(delivery: Delivery, app_id: str) -> Intent | DeliveryResult:
    """Return what the event asks of the App `app_id` (numeric id or client id), or why there is nothing to do."""
    payload, action = delivery.payload, text(delivery.payload, "action")
    name = f"{delivery.event}.{action}" if action else delivery.event
    if delivery.event in _ACKNOWLEDGED:
        return _ignored(f"{name}: {_ACKNOWLEDGED[delivery.event]}")
    parser, repository_ref = _PARSERS.get(name), _parse_repository(payload)
    if parser is None:
        reason = "only new comments have commands" if delivery.event == "issue_comment" else "this event is not handled"
        return _ignored(f"{name}: {reason}")
    if not _can_be_encoded(payload):
        return _unreadable(f"{name}: a text in the payload has half of a surrogate pair")
    if repository_ref is None:
        return _unreadable(f"{name}: the payload names no repository")
    return parser(payload, repository_ref, app_id)


def lacks_client_id(payload: Payload) -> bool:
    """Whether the payload has an App's numeric id, but no client id, as from some Enterprise Servers."""
    apps = (app_of(mapping(payload, key)) for key in ("check_run", "check_suite"))
    return any(number and not client_id for number, client_id in apps)


def _parse_button(payload: Payload, repository_ref: RepositoryRef, app_id: str) -> Intent | DeliveryResult:
    identifier = text(mapping(payload, "requested_action"), "identifier")
    click = _parse_click(payload, app_id)
    if isinstance(click, DeliveryResult):
        return click
    run, sender = click
    if identifier in set(VerdictAction):
        if not run.is_manual:
            return _refused("the button is that of a manual check, and this check run is of tests")
        return VerdictRequested(
            repository_ref=repository_ref, sender=sender, run=run, action=VerdictAction(identifier), is_native=False
        )
    if identifier not in set(RerunScope):
        return _refused("the button's identifier is unknown")
    if run.is_manual:
        return _refused("it is the button of tests, and a manual check has none")
    return RerunRequested(
        repository_ref=repository_ref, sender=sender, run=run, scope=RerunScope(identifier), is_native=False
    )


def _parse_rerequested(payload: Payload, repository_ref: RepositoryRef, app_id: str) -> Intent | DeliveryResult:
    """Parse a click on GitHub's own button, which asks again for a manual check's verdict."""
    click = _parse_click(payload, app_id)
    if isinstance(click, DeliveryResult):
        return click
    run, sender = click
    if run.is_manual:
        return VerdictRequested(
            repository_ref=repository_ref, sender=sender, run=run, action=VerdictAction.UNDO, is_native=True
        )
    return RerunRequested(repository_ref=repository_ref, sender=sender, run=run, scope=RerunScope.ALL, is_native=True)


def _parse_click(payload: Payload, app_id: str) -> tuple[RemoteCheckRun, str] | DeliveryResult:
    """Return the check run of the App that was clicked, and the login of who clicked."""
    run, sender = parse_run(mapping(payload, "check_run")), _parse_sender(payload)
    if run is None or not run.name or not re.fullmatch(_COMMIT, run.head_sha) or not sender:
        return _unreadable("the payload names no check run or no sender")
    if app_id not in run.app:
        return _other_app(run.app, "the check run belongs to another App")
    return run, sender


def _parse_suite_rerequested(payload: Payload, repository_ref: RepositoryRef, app_id: str) -> Intent | DeliveryResult:
    suite, sender = mapping(payload, "check_suite"), _parse_sender(payload)
    head_sha, asked_at = text(suite, "head_sha"), seconds(suite.get("updated_at"))
    if not (re.fullmatch(_COMMIT, head_sha) and sender and asked_at):
        return _unreadable("the payload names no commit, no sender or no time")
    if app_id not in app_of(suite):
        return _other_app(app_of(suite), "the check suite belongs to another App")
    return SuiteRerequested(
        repository_ref=repository_ref,
        sender=sender,
        head_sha=head_sha,
        head_branch=text(suite, "head_branch"),
        asked_at=asked_at,
    )


def _parse_push(payload: Payload, repository_ref: RepositoryRef, app_id: str) -> Intent | DeliveryResult:
    suite = mapping(payload, "check_suite")
    if app_id not in app_of(suite):
        return _other_app(app_of(suite), "the check suite belongs to another App")
    pull_requests = suite.get("pull_requests")
    pull_request = (
        pull_requests[0]
        if isinstance(pull_requests, list) and pull_requests and isinstance(pull_requests[0], Mapping)
        else {}
    )
    commits = text(mapping(pull_request, "base"), "sha"), text(suite, "before")
    base_sha = next((sha for sha in commits if re.fullmatch(_COMMIT, sha) and sha != _NO_COMMIT), "")
    default_branch = text(mapping(payload, "repository"), "default_branch")
    base = base_sha or (f"heads/{default_branch}" if re.fullmatch(_BRANCH, default_branch) else "")
    head_sha = text(suite, "head_sha")
    if not re.fullmatch(_COMMIT, head_sha) or not base:
        return _ignored("check_suite.requested: the payload names no head commit or no base commit")
    return CommitPushed(repository_ref=repository_ref, head_sha=head_sha, base=base)


def _parse_workflow_run(payload: Payload, repository_ref: RepositoryRef, app_id: str) -> Intent | DeliveryResult:
    del app_id
    run = mapping(payload, "workflow_run")
    run_id, attempt = run.get("id"), run.get("run_attempt")
    if type(run_id) is not int:
        return _unreadable("the payload names no workflow run")
    is_dispatched = run.get("event") == "workflow_dispatch"
    # For other triggers anyone may have written the title: it is that of a pull request or commit.
    title = text(run, "display_title") if is_dispatched else ""
    named_commits = re.findall(rf"\b{_COMMIT}\b", title)
    commits = [text(run, "head_sha"), *named_commits]
    is_elsewhere = _may_report_elsewhere(run) and not named_commits
    return WorkflowRunCompleted(
        repository_ref=repository_ref,
        run_id=str(run_id),
        attempt=attempt if type(attempt) is int else 1,
        workflow=workflow_file(run),
        conclusion=text(run, "conclusion"),
        commits=tuple(dict.fromkeys(commit for commit in commits if re.fullmatch(_COMMIT, commit))),
        page=text(run, "html_url"),
        dispatched_at=seconds(run.get("created_at")) if is_dispatched else 0.0,
        searched_since=seconds(run.get("created_at")) if is_elsewhere else 0.0,
    )


def _parse_pull_request(payload: Payload, repository_ref: RepositoryRef, app_id: str) -> Intent | DeliveryResult:
    """Parse a pull request's new commit. The head's repository is null if the fork was deleted."""
    del app_id
    pull_request = mapping(payload, "pull_request")
    head, base, number = mapping(pull_request, "head"), mapping(pull_request, "base"), pull_request.get("number")
    head_sha, base_sha = text(head, "sha"), text(base, "sha")
    own_id, head_id = (mapping(owner, key).get("id") for owner, key in ((payload, "repository"), (head, "repo")))
    is_deleted = "repo" in head and head["repo"] is None
    if not (re.fullmatch(_COMMIT, head_sha) and re.fullmatch(_COMMIT, base_sha) and type(number) is int):
        return _unreadable("the payload names no pull request, no head commit or no base commit")
    if type(own_id) is not int or not (is_deleted or type(head_id) is int):
        return _unreadable("the payload does not say whether the pull request comes from a fork")
    if head_id == own_id:
        return _ignored("pull_request: it does not come from a fork, so its own job creates manual checks")
    return ForkUpdated(repository_ref=repository_ref, pull_request=number, head_sha=head_sha, base_sha=base_sha)


def _parse_comment(payload: Payload, repository_ref: RepositoryRef, app_id: str) -> Intent | DeliveryResult:
    del app_id
    return parse_comment_event(payload, repository_ref, _parse_sender(payload))


def _may_report_elsewhere(run: Payload) -> bool:
    """Whether a job that was lost may have reported on a commit that the event does not name."""
    return text(run, "event") not in _EVENTS_OF_COMMITS and text(run, "conclusion") not in _PASSING


def _parse_repository(payload: Payload) -> RepositoryRef | None:
    repository = text(mapping(payload, "repository"), "full_name")
    installation = mapping(payload, "installation").get("id")
    if not re.fullmatch(_REPOSITORY, repository):
        return None
    return RepositoryRef(
        full_name=repository,
        installation_id=installation if type(installation) is int else None,
        id=str(mapping(payload, "repository").get("id", "")),
    )


def _parse_sender(payload: Payload) -> str:
    login = text(mapping(payload, "sender"), "login")
    return login if re.fullmatch(r"[A-Za-z0-9_-]+(\[bot\])?", login) else ""


def _ignored(reason: str) -> DeliveryResult:
    return DeliveryResult(status=DeliveryStatus.IGNORED, reason=reason)


def _refused(reason: str) -> DeliveryResult:
    return DeliveryResult(status=DeliveryStatus.REFUSED, reason=reason)


def _other_app(app: tuple[str, str], reason: str) -> DeliveryResult:
    return _refused(reason) if any(app) else _unreadable("the payload names no App")


def _unreadable(reason: str) -> DeliveryResult:
    return DeliveryResult(status=DeliveryStatus.UNREADABLE, reason=reason)


def _can_be_encoded(payload: Payload) -> bool:
    """Whether all texts are valid: JSON can escape half of a surrogate pair, which no request can contain."""
    try:
        json.dumps(payload, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


_PARSERS: Mapping[str, Callable[[Payload, RepositoryRef, str], Intent | DeliveryResult]] = {
    "check_run.requested_action": _parse_button,
    "check_run.rerequested": _parse_rerequested,
    "check_suite.rerequested": _parse_suite_rerequested,
    "check_suite.requested": _parse_push,
    "workflow_run.completed": _parse_workflow_run,
    "issue_comment.created": _parse_comment,
    **{
        f"{event}.{action}": _parse_pull_request
        for event in ("pull_request", "pull_request_target")
        for action in ("opened", "reopened", "synchronize")
    },
}
#: Events that may ask for something. The delivery log holds all events that the App is subscribed to.
INTENT_EVENTS = frozenset(_PARSERS)
