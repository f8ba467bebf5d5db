"""An event of GitHub's -> what it wishes of us, if anything; `translate.decide` says what becomes of that.

https://docs.github.com/webhooks/webhook-events-and-payloads
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from ..github.parse_run import app_of, mapping, parse_run, seconds, text
from ..model.delivery import Delivery, DeliveryResult, DeliveryStatus
from ..model.rerun import RerunScope
from .intent_types import CommitPushed, Intent, Place, RerunRequested, SuiteRerequested, WorkflowRunCompleted

Payload = Mapping[str, Any]

_REPOSITORY = r"[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+"
_COMMIT = r"[0-9a-f]{40}"
_NO_COMMIT = "0" * 40
#: What comes with every App's webhook, and wants no more than a polite answer.
_POLITE = {
    "ping": "pong",
    "installation": "noted: what the App may do is looked up each time",
    "installation_repositories": "noted: what the App may do is looked up each time",
    "github_app_authorization": "noted",
    "issue_comment": "comment commands are not taken",
}


def parse_intent(delivery: Delivery, app_id: str) -> Intent | DeliveryResult:
    """What the event wishes of the App with that numeric id or client id; else why it is nothing to us."""
    payload, action = delivery.payload, text(delivery.payload, "action")
    name = f"{delivery.event}.{action}" if action else delivery.event
    if delivery.event in _POLITE:
        return _ignored(f"{name}: {_POLITE[delivery.event]}")
    parse, place = _WISHES.get(name), _place(payload)
    if parse is None:
        return _ignored(f"{name}: nothing is to be done about it")
    return _refused(f"{name}: it names no repository") if place is None else parse(payload, place, app_id)


def _button(payload: Payload, place: Place, app_id: str) -> Intent | DeliveryResult:
    which = text(mapping(payload, "requested_action"), "identifier")
    if which not in set(RerunScope):
        return _refused("the button's identifier is none of ours")
    return _rerun_requested(payload, place, app_id, RerunScope(which))


def _rerequested(payload: Payload, place: Place, app_id: str) -> Intent | DeliveryResult:
    return _rerun_requested(payload, place, app_id, None)


def _rerun_requested(payload: Payload, place: Place, app_id: str, button: RerunScope | None) -> Intent | DeliveryResult:
    """`button` is None for GitHub's own."""
    run = parse_run(mapping(payload, "check_run"))
    sender = _sender(payload)
    if run is None or not sender:
        return _refused("it names no check run, or nobody who asks")
    if app_id not in run.app:
        return _refused("the check run is another App's")
    return RerunRequested(place=place, sender=sender, run=run, which=button or RerunScope.ALL, is_native=button is None)


def _suite_rerequested(payload: Payload, place: Place, app_id: str) -> Intent | DeliveryResult:
    suite, sender = mapping(payload, "check_suite"), _sender(payload)
    head_sha, asked_at = text(suite, "head_sha"), seconds(suite.get("updated_at"))
    if not (re.fullmatch(_COMMIT, head_sha) and sender and asked_at):
        return _refused("it names no commit, nobody who asks, or not when")
    if app_id not in app_of(suite):
        return _refused("the check suite is another App's")
    return SuiteRerequested(
        place=place, sender=sender, head_sha=head_sha, head_branch=text(suite, "head_branch"), asked_at=asked_at
    )


def _commit_pushed(payload: Payload, place: Place, app_id: str) -> Intent | DeliveryResult:
    suite = mapping(payload, "check_suite")
    if app_id not in app_of(suite):
        return _refused("the check suite is another App's")
    requests = suite.get("pull_requests")
    first = requests[0] if isinstance(requests, list) and requests and isinstance(requests[0], Mapping) else {}
    base_sha = text(mapping(first, "base"), "sha") or text(suite, "before")
    head_sha = text(suite, "head_sha")
    if not re.fullmatch(_COMMIT, head_sha) or not re.fullmatch(_COMMIT, base_sha) or base_sha == _NO_COMMIT:
        return _ignored("check_suite.requested: it names no commit whose categories could be awaited")
    return CommitPushed(place=place, head_sha=head_sha, base_sha=base_sha)


def _workflow_run_completed(payload: Payload, place: Place, app_id: str) -> Intent | DeliveryResult:
    del app_id
    run = mapping(payload, "workflow_run")
    number, attempt = run.get("id"), run.get("run_attempt")
    if type(number) is not int:
        return _refused("it names no workflow run")
    is_dispatched = run.get("event") == "workflow_dispatch"
    # Of other events the title is anybody's: of a pull request, or of a commit.
    title = text(run, "display_title") if is_dispatched else ""
    commits = [text(run, "head_sha"), *re.findall(rf"\b{_COMMIT}\b", title)]
    return WorkflowRunCompleted(
        place=place,
        run_id=str(number),
        attempt=attempt if type(attempt) is int else 1,
        workflow=text(run, "path").partition("@")[0].rpartition("/")[2],
        conclusion=text(run, "conclusion"),
        commits=tuple(dict.fromkeys(commit for commit in commits if re.fullmatch(_COMMIT, commit))),
        page=text(run, "html_url"),
        dispatched_at=seconds(run.get("created_at")) if is_dispatched else 0.0,
    )


def _place(payload: Payload) -> Place | None:
    repository = text(mapping(payload, "repository"), "full_name")
    installation = mapping(payload, "installation").get("id")
    if not re.fullmatch(_REPOSITORY, repository):
        return None
    return Place(repository=repository, installation_id=installation if type(installation) is int else None)


def _sender(payload: Payload) -> str:
    login = text(mapping(payload, "sender"), "login")
    return login if re.fullmatch(r"[A-Za-z0-9_-]+(\[bot\])?", login) else ""


def _ignored(reason: str) -> DeliveryResult:
    return DeliveryResult(status=DeliveryStatus.IGNORED, reason=reason)


def _refused(reason: str) -> DeliveryResult:
    return DeliveryResult(status=DeliveryStatus.REFUSED, reason=reason)


_WISHES: Mapping[str, Callable[[Payload, Place, str], Intent | DeliveryResult]] = {
    "check_run.requested_action": _button,
    "check_run.rerequested": _rerequested,
    "check_suite.rerequested": _suite_rerequested,
    "check_suite.requested": _commit_pushed,
    "workflow_run.completed": _workflow_run_completed,
}
