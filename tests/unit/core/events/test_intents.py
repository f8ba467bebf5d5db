"""Parsing events in GitHub's format into intents, and which events are ignored or refused."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.core.events.intents import lacks_client_id, parse_intent
from checks.core.github.external_id import parse
from checks.core.github.parse_run import parse_run, seconds
from checks.core.model.check_run import Conclusion, Output, RemoteCheckRun, Status
from checks.core.model.delivery import Delivery, DeliveryResult, DeliveryStatus
from checks.core.model.intents import (
    CommitPushed,
    RepositoryRef,
    RerunRequested,
    SuiteRerequested,
    WorkflowRunCompleted,
)
from checks.core.model.rerun import RerunScope
from tests.support.rules import rule

Payload = dict[str, Any]
HEAD, BASE, NO_COMMIT = "a" * 40, "b" * 40, "0" * 40
CLIENT_ID = "Iv23liOctopus"
APP = {"id": 4711, "client_id": CLIENT_ID, "slug": "octo-checks", "owner": {"login": "octo", "type": "Organization"}}
REPOSITORY_REF = RepositoryRef(full_name="octo/demo", installation_id=42)
COMMON: Payload = {
    "repository": {"id": 1, "name": "demo", "full_name": "octo/demo", "owner": {"login": "octo"}, "fork": False},
    "installation": {"id": 42, "node_id": "MDIz"},
    "sender": {"login": "octocat", "id": 583231, "type": "User"},
}
RUN: Payload = {
    "id": 4811,
    "name": "pytest (unit)",
    "head_sha": HEAD,
    "external_id": "pcr/2;tests.yml;17;1;pytest;unit;complete;;;3.940",
    "url": "https://api.github.test/repos/octo/demo/check-runs/4811",
    "html_url": "https://github.test/octo/demo/runs/4811",
    "details_url": "https://github.test/octo/demo/actions/runs/17/job/5",
    "status": "completed",
    "conclusion": "failure",
    "started_at": "2026-01-02T03:04:05Z",
    "completed_at": "2026-01-02T03:05:05Z",
    "output": {"title": "3 failed", "summary": "s", "text": None, "annotations_count": 3, "annotations_url": "…"},
    "check_suite": {"id": 99, "head_branch": "feature", "head_sha": HEAD, "status": "completed", "app": APP},
    "app": APP,
    "pull_requests": [],
}
SUITE: Payload = {
    "id": 99,
    "head_branch": "feature",
    "head_sha": HEAD,
    "status": "queued",
    "conclusion": None,
    "before": BASE,
    "after": HEAD,
    "created_at": "2026-01-02T03:00:00Z",
    "updated_at": "2026-01-02T03:06:00Z",
    "app": APP,
    "pull_requests": [],
}
ENDED: Payload = {
    "id": 17,
    "name": "tests",
    "path": ".github/workflows/tests.yml@refs/heads/main",
    "head_sha": HEAD,
    "head_branch": "feature",
    "display_title": "Fix it",
    "run_attempt": 2,
    "status": "completed",
    "conclusion": "cancelled",
    "html_url": "https://github.test/octo/demo/actions/runs/17",
}
PARSED_RUN = RemoteCheckRun(
    id="4811",
    app=("4711", CLIENT_ID),
    name="pytest (unit)",
    head_sha=HEAD,
    head_branch="feature",
    identity=parse(str(RUN["external_id"])),
    status=Status.COMPLETED,
    conclusion=Conclusion.FAILURE,
    output=Output(title="3 failed", summary="s"),
    started_at=1767323045.0,
    page="https://github.test/octo/demo/runs/4811",
    details_url=str(RUN["details_url"]),
)
PRESSED = {"action": "requested_action", "check_run": RUN, "requested_action": {"identifier": "rerun-failed"}, **COMMON}
RERUN = {"action": "rerequested", "check_run": RUN, **COMMON}
SUITE_RERUN = {"action": "rerequested", "check_suite": SUITE, **COMMON}
PUSH = {"action": "requested", "check_suite": SUITE, **COMMON}
COMPLETED = {"action": "completed", "workflow_run": ENDED, "workflow": {"id": 3, "path": "…"}, **COMMON}
EVENTS: dict[str, Payload] = {
    "check_run.requested_action": PRESSED,
    "check_run.rerequested": RERUN,
    "check_suite.rerequested": SUITE_RERUN,
    "check_suite.requested": PUSH,
    "workflow_run.completed": COMPLETED,
}


def intent(event: str, payload: Payload, app_id: str = CLIENT_ID) -> object:
    return parse_intent(Delivery(guid="guid", event=event.partition(".")[0], payload=payload), app_id)


def changed(payload: Payload, *path: str | int, to: object) -> Payload:
    """Return a copy with another value at `path`; `...` removes it."""
    copy = deepcopy(payload)
    inner: Any = copy
    for key in path[:-1]:
        inner = inner[key]
    if to is ...:
        del inner[path[-1]]
    else:
        inner[path[-1]] = to
    return copy


@pytest.mark.parametrize("app_id", ["4711", CLIENT_ID])
@pytest.mark.parametrize("identifier", RerunScope)
def test_own_button_requests_its_scope(identifier: RerunScope, app_id: str) -> None:
    payload = changed(PRESSED, "requested_action", "identifier", to=identifier.value)
    expected = RerunRequested(
        repository_ref=REPOSITORY_REF, sender="octocat", run=PARSED_RUN, scope=identifier, is_native=False
    )
    assert intent("check_run", payload, app_id) == expected


@rule("A click: GitHub's own link of a check")
def test_rerequested_run_requests_all_tests() -> None:
    expected = RerunRequested(
        repository_ref=REPOSITORY_REF, sender="octocat", run=PARSED_RUN, scope=RerunScope.ALL, is_native=True
    )
    assert intent("check_run", RERUN) == expected


@pytest.mark.parametrize(("raw", "branch"), [("feature", "feature"), (None, ""), (..., "")])
def test_suite_rerequest_has_commit_branch_and_time(raw: object, branch: str) -> None:
    payload = changed(SUITE_RERUN, "check_suite", "head_branch", to=raw)
    expected = SuiteRerequested(
        repository_ref=REPOSITORY_REF, sender="octocat", head_sha=HEAD, head_branch=branch, asked_at=1767323160.0
    )
    assert intent("check_suite", payload) == expected


@pytest.mark.parametrize(
    ("requests", "before", "base"),
    [
        pytest.param([], BASE, BASE, id="a push onto a known commit"),
        pytest.param([{"number": 7, "base": {"ref": "main", "sha": "c" * 40}}], BASE, "c" * 40, id="a pull request"),
        pytest.param([{"base": {"sha": "c" * 40}}, {"base": {"sha": "d" * 40}}], BASE, "c" * 40, id="the first of two"),
        pytest.param([{"base": None}], BASE, BASE, id="a pull request without base"),
        pytest.param([None], BASE, BASE, id="a pull request that is null"),
        pytest.param(None, BASE, BASE, id="no pull requests"),
        pytest.param({"number": 7}, BASE, BASE, id="a mapping for a list"),
        pytest.param("7", BASE, BASE, id="a text for a list"),
        pytest.param([{"base": {"sha": "c" * 40}}], NO_COMMIT, "c" * 40, id="a new branch with a pull request"),
    ],
)
def test_push_has_head_and_base_commit(requests: object, before: str, base: str) -> None:
    payload = changed(changed(PUSH, "check_suite", "pull_requests", to=requests), "check_suite", "before", to=before)
    assert intent("check_suite", payload) == CommitPushed(repository_ref=REPOSITORY_REF, head_sha=HEAD, base=base)


@pytest.mark.parametrize(
    ("branch", "base"),
    [("main", "heads/main"), ("release/1.x", "heads/release/1.x"), ("haupt-ä", "heads/haupt-ä")],
)
@pytest.mark.parametrize("before", [NO_COMMIT, None, "HEAD"])
def test_first_push_of_a_branch_is_based_on_the_default_branch(branch: str, base: str, before: str | None) -> None:
    first_push = changed(PUSH, "check_suite", "before", to=before)
    result = intent("check_suite", changed(first_push, "repository", "default_branch", to=branch))
    assert result == CommitPushed(repository_ref=REPOSITORY_REF, head_sha=HEAD, base=base)


@pytest.mark.parametrize(
    ("path", "to"),
    [
        pytest.param(("before",), NO_COMMIT, id="a new branch, and no default branch"),
        pytest.param(("before",), None, id="no base"),
        pytest.param(("before",), "HEAD", id="a base that is no commit"),
        pytest.param(("head_sha",), None, id="no head"),
        pytest.param(("head_sha",), f"{HEAD}\n", id="a head with a line end"),
    ],
)
def test_push_without_base_or_head_is_ignored(path: tuple[str], to: object) -> None:
    result = intent("check_suite", changed(PUSH, "check_suite", *path, to=to))
    assert isinstance(result, DeliveryResult)
    assert result.status is DeliveryStatus.IGNORED


@pytest.mark.parametrize(
    ("path", "to", "commits"),
    [
        pytest.param(("display_title",), "Fix it", (HEAD,), id="its own"),
        pytest.param(("display_title",), f"tests of {BASE}", (HEAD, BASE), id="and the one it was started for"),
        pytest.param(("display_title",), f"{BASE} {HEAD} {BASE}", (HEAD, BASE), id="each once"),
        pytest.param(("display_title",), f"{BASE}0 {HEAD[1:]}", (HEAD,), id="no part of another word"),
        pytest.param(("display_title",), None, (HEAD,), id="no title"),
        pytest.param(("head_sha",), "../..", (), id="no commit"),
    ],
)
def test_completed_workflow_run_has_its_commits(path: tuple[str], to: object, commits: tuple[str, ...]) -> None:
    dispatched = changed(COMPLETED, "workflow_run", "event", to="workflow_dispatch")
    result = intent("workflow_run", changed(dispatched, "workflow_run", *path, to=to))
    assert isinstance(result, WorkflowRunCompleted)
    assert replace(result, dispatched_at=0.0) == WorkflowRunCompleted(
        repository_ref=REPOSITORY_REF,
        run_id="17",
        attempt=2,
        workflow="tests.yml",
        conclusion="cancelled",
        commits=commits,
        page="https://github.test/octo/demo/actions/runs/17",
    )


@pytest.mark.parametrize("event", ["pull_request", "push", None])
def test_title_counts_only_for_workflow_dispatch(event: str | None) -> None:
    payload = changed(COMPLETED, "workflow_run", "event", to=event)
    result = intent("workflow_run", changed(payload, "workflow_run", "display_title", to=f"Re-run on {BASE}"))
    assert isinstance(result, WorkflowRunCompleted)
    assert result.commits == (HEAD,)


@pytest.mark.parametrize(
    ("event", "conclusion", "title", "is_searched"),
    [
        ("issue_comment", "failure", "Fix it", True),
        ("workflow_run", "cancelled", BASE, True),
        ("schedule", "timed_out", "tests", True),
        ("workflow_dispatch", "failure", "tests", True),
        ("workflow_dispatch", "failure", f"Re-run on {BASE}", False),
        ("issue_comment", "success", "Fix it", False),
        ("push", "failure", "Fix it", False),
        ("pull_request", "failure", "Fix it", False),
        ("merge_group", "cancelled", "Fix it", False),
    ],
)
def test_search_for_a_run_elsewhere_begins_at_its_start(
    event: str, conclusion: str, title: str, *, is_searched: bool
) -> None:
    changes = {
        "event": event,
        "conclusion": conclusion,
        "display_title": title,
        "created_at": "2026-01-02T03:00:00Z",
    }
    result = intent("workflow_run", {**COMPLETED, "workflow_run": {**ENDED, **changes}})
    assert isinstance(result, WorkflowRunCompleted)
    assert result.searched_since == (1_767_322_800.0 if is_searched else 0.0)


@pytest.mark.parametrize(
    ("event", "created_at", "dispatched_at"),
    [
        ("workflow_dispatch", "2026-01-01T00:00:07Z", 1_767_225_607.0),
        ("push", "2026-01-01T00:00:07Z", 0.0),
        ("workflow_dispatch", None, 0.0),
    ],
)
def test_dispatch_time_is_read_for_dispatches_only(event: str, created_at: object, dispatched_at: float) -> None:
    payload = changed(
        changed(COMPLETED, "workflow_run", "event", to=event), "workflow_run", "created_at", to=created_at
    )
    result = intent("workflow_run", payload)
    assert isinstance(result, WorkflowRunCompleted)
    assert result.dispatched_at == dispatched_at


@pytest.mark.parametrize(
    ("path", "workflow"),
    [
        (".github/workflows/tests.yml", "tests.yml"),
        (".github/workflows/tests.yml@main", "tests.yml"),
        ("dynamic/pages/pages-build-deployment", "pages-build-deployment"),
        ("", ""),
        (None, ""),
    ],
)
def test_workflow_is_named_by_its_file(path: object, workflow: str) -> None:
    result = intent("workflow_run", changed(COMPLETED, "workflow_run", "path", to=path))
    assert isinstance(result, WorkflowRunCompleted)
    assert result.workflow == workflow


def test_missing_run_attempt_means_first_attempt() -> None:
    result = intent("workflow_run", changed(COMPLETED, "workflow_run", "run_attempt", to=...))
    assert isinstance(result, WorkflowRunCompleted)
    assert result.attempt == 1


@pytest.mark.parametrize("installation", [..., None, {}, {"id": None}, {"id": "42"}, {"id": True}])
def test_missing_installation_is_parsed_as_none(installation: object) -> None:
    result = intent("check_run", changed(RERUN, "installation", to=installation))
    assert isinstance(result, RerunRequested)
    assert result.repository_ref == RepositoryRef(full_name="octo/demo", installation_id=None)


_REFUSED = [
    *(
        (event, ("repository", "full_name"), to)
        for event in EVENTS
        for to in (None, "", "demo", "octo/demo/x", "o o/d")
    ),
    *((event, ("repository",), to) for event in EVENTS for to in (..., None)),
    *(
        (event, path, to)
        for event in ("check_run.requested_action", "check_run.rerequested")
        for path, to in [
            (("check_run",), ...),
            (("check_run", "id"), "4811"),
            (("check_run", "id"), True),
            (("check_run", "name"), None),
            (("check_run", "head_sha"), None),
            (("check_run", "app", "id"), 1),
            (("check_run", "app"), None),
            (("sender",), ...),
            (("sender", "login"), ""),
            (("sender", "login"), "../octocat"),
            (("sender", "login"), "octocat\n"),
        ]
    ),
    *(
        ("check_suite.rerequested", path, to)
        for path, to in [
            (("check_suite",), ...),
            (("check_suite", "head_sha"), "HEAD"),
            (("check_suite", "updated_at"), None),
            (("check_suite", "updated_at"), "yesterday"),
            (("check_suite", "app", "id"), 1),
            (("check_suite", "app"), None),
            (("sender", "login"), None),
        ]
    ),
    ("check_suite.requested", ("check_suite", "app", "id"), 1),
    ("workflow_run.completed", ("workflow_run",), ...),
    ("workflow_run.completed", ("workflow_run", "id"), "17"),
    *(
        ("check_run.requested_action", ("requested_action", "identifier"), to)
        for to in ("", "RERUN-ALL", "rerun-all ", "deploy", None, 1, [], ["rerun-all"])
    ),
    ("check_run.requested_action", ("requested_action",), ...),
]


@pytest.mark.parametrize(
    ("event", "path", "to"), _REFUSED, ids=[f"{event}-{'.'.join(path)}-{to!r}" for event, path, to in _REFUSED]
)
def test_malformed_event_or_other_app_is_refused(event: str, path: tuple[str, ...], to: object) -> None:
    payload = changed(EVENTS[event], *path, to=to)
    is_readable = path[-2:] == ("app", "id") or path[0] == "requested_action"
    if path[-2:] == ("app", "id"):
        payload = changed(payload, *path[:-1], "client_id", to="Iv23liAnother")
    result = intent(event, payload)
    assert isinstance(result, DeliveryResult)
    assert result.status is (DeliveryStatus.REFUSED if is_readable else DeliveryStatus.UNREADABLE)
    assert result.reason


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("half", ["\ud800", "branch\udfff"])
def test_half_of_a_surrogate_pair_is_unreadable(event: str, half: str) -> None:
    result = intent(event, {**EVENTS[event], "ref": {"names": [half]}})
    assert isinstance(result, DeliveryResult)
    assert result.status is DeliveryStatus.UNREADABLE
    assert "half of a surrogate pair" in result.reason


def test_whole_surrogate_pair_is_readable() -> None:
    assert intent("check_run", {**RERUN, "ref": "\U0001f600"}) == intent("check_run", RERUN)


@pytest.mark.parametrize("event", ["check_run.requested_action", "check_run.rerequested", "check_suite.rerequested"])
def test_payload_without_client_id_is_known_by_number(event: str) -> None:
    key = event.partition(".")[0]
    payload = changed(EVENTS[event], key, "app", "client_id", to=...)
    assert lacks_client_id(payload)
    assert not lacks_client_id(EVENTS[event])
    assert not isinstance(intent(event, payload, "4711"), DeliveryResult)


def test_payload_without_app_does_not_lack_client_id() -> None:
    assert not lacks_client_id(COMPLETED)
    assert not lacks_client_id({})


@pytest.mark.parametrize("app_id", ["", "None", "471", "iv23lioctopus"])
@pytest.mark.parametrize("event", [event for event in EVENTS if event != "workflow_run.completed"])
def test_event_for_other_app_id_is_refused(event: str, app_id: str) -> None:
    without = EVENTS[event] | {
        key: {**EVENTS[event][key], "app": {}} for key in EVENTS[event] if key.startswith("check")
    }
    payload = without if app_id in ("", "None") else EVENTS[event]
    result = intent(event, payload, app_id or "4711")
    assert isinstance(result, DeliveryResult)
    assert result.status is (DeliveryStatus.UNREADABLE if payload is without else DeliveryStatus.REFUSED)


@pytest.mark.parametrize(
    ("event", "payload", "reason"),
    [
        ("ping", {"zen": "Keep it logically awesome.", "hook_id": 1}, "ping: pong"),
        ("installation", {"action": "created"}, "installation.created: noted"),
        ("installation", {"action": "suspend"}, "installation.suspend: noted"),
        ("installation_repositories", {"action": "added"}, "installation_repositories.added: noted"),
        ("github_app_authorization", {"action": "revoked"}, "github_app_authorization.revoked: noted"),
        ("issue_comment", {"action": "created", **COMMON}, "issue_comment.created: it is not in a pull request"),
        ("issue_comment", {"action": "edited", **COMMON}, "issue_comment.edited: only new comments have commands"),
        ("check_run", {**RERUN, "action": "created"}, "check_run.created: this event is not handled"),
        ("check_run", {**RERUN, "action": "completed"}, "check_run.completed: this event is not handled"),
        ("check_run", {key: RERUN[key] for key in RERUN if key != "action"}, "check_run: this event is not handled"),
        ("check_suite", {**PUSH, "action": "completed"}, "check_suite.completed: this event is not handled"),
        ("workflow_run", {**COMPLETED, "action": "requested"}, "workflow_run.requested: this event is not handled"),
        ("push", COMMON, "push: this event is not handled"),
        ("security_advisory", {"action": "published"}, "security_advisory.published: this event is not handled"),
        ("", {}, ": this event is not handled"),
    ],
)
def test_other_events_are_ignored_by_name(event: str, payload: Payload, reason: str) -> None:
    result = intent(event, payload)
    assert isinstance(result, DeliveryResult)
    assert result.status is DeliveryStatus.IGNORED
    assert result.reason.startswith(reason)


@pytest.mark.parametrize(
    ("login", "is_known"),
    [("octocat", True), ("dependabot[bot]", True), ("octo_corp", True), ("a-b-1", True), ("a/b", False), ("é", False)],
)
def test_sender_must_have_valid_login(login: str, is_known: bool) -> None:
    result = intent("check_run", changed(RERUN, "sender", "login", to=login))
    assert isinstance(result, RerunRequested) is is_known


@pytest.mark.parametrize(
    ("key", "raw", "attribute", "value"),
    [
        ("status", "queued", "status", Status.QUEUED),
        ("status", "in_progress", "status", Status.IN_PROGRESS),
        ("status", "waiting", "status", Status.QUEUED),  # GitHub Actions has further values for its own runs
        ("status", None, "status", Status.QUEUED),
        ("status", [], "status", Status.QUEUED),
        ("conclusion", "stale", "conclusion", None),
        ("conclusion", None, "conclusion", None),
        ("conclusion", {}, "conclusion", None),
        ("external_id", None, "identity", None),
        ("external_id", "deploy-17", "identity", None),
        ("output", None, "output", Output(title="", summary="")),
        ("output", {"title": None, "summary": 5, "text": []}, "output", Output(title="", summary="")),
        ("check_suite", None, "head_branch", ""),
        ("check_suite", {"id": 99, "head_branch": None}, "head_branch", ""),
        ("app", None, "app", ("", "")),
        ("started_at", None, "started_at", 0.0),
        ("html_url", None, "page", ""),
    ],
)
def test_malformed_optional_run_fields_get_defaults(key: str, raw: object, attribute: str, value: object) -> None:
    run = parse_run({**RUN, key: raw})
    assert run is not None
    assert getattr(run, attribute) == value


@pytest.mark.parametrize(
    ("timestamp", "expected"),
    [
        ("2026-01-02T03:04:05Z", 1767323045.0),
        ("2026-01-02T04:04:05+01:00", 1767323045.0),
        ("0001-01-01T00:00:00", 0.0),
        ("soon", 0.0),
        ("", 0.0),
        (None, 0.0),
        (1767323045, 0.0),
    ],
)
def test_timestamp_is_parsed_to_seconds(timestamp: object, expected: float) -> None:
    assert seconds(timestamp) == expected


MALFORMED = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=50)
    | st.sampled_from([HEAD, "octo/demo"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)


def _paths(value: object, *before: str | int) -> list[tuple[str | int, ...]]:
    """Yield the paths of all nested values."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path for key, inner in pairs for path in [(*before, key), *_paths(inner, *before, key)]]


@rule("A click: any field of an event has any value")
@given(st.data(), st.sampled_from(sorted(EVENTS)), MALFORMED, MALFORMED)
def test_malformed_field_never_raises(data: st.DataObject, event: str, first: object, second: object) -> None:
    payload = EVENTS[event]
    for malformed in (first, second):
        payload = changed(payload, *data.draw(st.sampled_from(_paths(payload))), to=malformed)
    assert intent(event, payload) is not None


@given(
    st.text(max_size=20) | st.sampled_from(sorted(EVENTS)), st.dictionaries(st.text(max_size=12), MALFORMED, max_size=4)
)
def test_arbitrary_payload_never_raises(event: str, payload: Payload) -> None:
    assert isinstance(intent(event, payload), DeliveryResult)


@given(st.dictionaries(st.sampled_from(sorted(RUN)), MALFORMED))
def test_arbitrary_run_object_never_raises(result: Payload) -> None:
    run = parse_run({**RUN, **result})
    assert run is None or run.id.lstrip("-").isdigit()
