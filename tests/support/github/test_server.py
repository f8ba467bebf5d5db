"""The fake GitHub server follows GitHub's limits and rules."""

from __future__ import annotations

import hmac
import json
import math
import socket
import subprocess
import sys
import threading
import time
from base64 import b64decode
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import pairwise
from pathlib import Path
from typing import Any

import jwt
import pytest
import requests

from tests.support.fakes import FakeClock
from tests.support.github.deliveries import Hook, signatures
from tests.support.github.responses import timestamp
from tests.support.github.server import REPOSITORY, Fault, GithubServer, Limits
from tests.support.github.statuses import MOST_PER_CONTEXT
from tests.support.github.world import App, rsa_key
from tests.support.waits import HANG_SECONDS

RUNS = f"/repos/{REPOSITORY}/check-runs"
SHA = "c0ffee" + "0" * 34
OUTPUT = {"title": "t", "summary": "s"}
NEW = {"name": "pytest", "head_sha": SHA}
ANNOTATION = {"path": "a.py", "start_line": 1, "end_line": 1, "annotation_level": "notice", "message": "m"}
STATUSES = f"/repos/{REPOSITORY}/statuses/{SHA}"
DISPATCHES = f"/repos/{REPOSITORY}/actions/workflows/tests.yml/dispatches"
LOG = "/app/hook/deliveries"
ACTION = {"label": "l", "description": "d", "identifier": "i"}


class ApiClient:
    """A plain HTTP client."""

    def __init__(self, server: GithubServer) -> None:
        self.server = server
        self.session = requests.Session()
        self.token = ""
        self.answer = requests.Response()

    def ask(self, method: str, path: str, body: Any = None, token: str | None = None) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {self.token if token is None else token}"}
        url = path if path.startswith("http") else self.server.url + path
        self.answer = answer = self.session.request(method, url, json=body, headers=headers, timeout=HANG_SECONDS)
        return answer.status_code, answer.json() if answer.content else None

    def may(self, **permissions: str) -> None:
        """Use a new token of the App with these permissions."""
        self.token = self.server.world.grant(self.server.app, {REPOSITORY}, permissions).value

    def pages(self, path: str, token: str | None = None) -> Iterator[Any]:
        """Return all pages, following the ``Link`` headers."""
        while path:
            yield self.ask("GET", path, token=token)[1]
            path = self.answer.links.get("next", {}).get("url", "")

    def create(self, **changes: Any) -> tuple[int, Any]:
        return self.ask("POST", RUNS, NEW | changes)

    def annotate(self, *annotations: dict[str, Any]) -> int:
        status, run = self.create()
        assert status == 201
        body = {"output": OUTPUT | {"annotations": list(annotations)}}
        return self.ask("PATCH", f"{RUNS}/{run['id']}", body)[0]

    def jwt(self, **changes: Any) -> str:
        now = int(self.server.now())
        claims = {"iss": str(self.server.app.id), "iat": now - 60, "exp": now + 540} | changes
        return jwt.encode(
            {k: v for k, v in claims.items() if v is not None}, rsa_key(self.server.app.key_name), "RS256"
        )


@pytest.fixture
def client(github: GithubServer) -> Iterator[ApiClient]:
    client = ApiClient(github)
    client.token = github.world.actions_token(REPOSITORY)
    with client.session:
        yield client


@pytest.mark.parametrize(
    ("output", "status"),
    [
        pytest.param({"title": "t" * 254}, 201, id="title-254"),
        pytest.param({"title": "t" * 255}, 201, id="title-255"),
        pytest.param({"title": "t" * 256}, 422, id="title-256"),
        pytest.param({"summary": "s" * 65_534}, 201, id="summary-65534"),
        pytest.param({"summary": "s" * 65_535}, 201, id="summary-65535"),
        pytest.param({"summary": "s" * 65_536}, 422, id="summary-65536"),
        pytest.param({"summary": "é" * 32_767 + "s"}, 201, id="summary-in-bytes-65535"),
        pytest.param({"summary": "é" * 32_768}, 422, id="summary-in-bytes-65536"),
        pytest.param({"text": "s" * 65_535}, 201, id="text-65535"),
        pytest.param({"text": "s" * 65_536}, 422, id="text-65536"),
        pytest.param({"title": None}, 422, id="title-null"),
        pytest.param({"summary": ""}, 422, id="summary-empty"),
    ],
)
def test_output_within_its_limits_is_taken(client: ApiClient, output: dict[str, Any], status: int) -> None:
    assert client.create(output=OUTPUT | output)[0] == status


@pytest.mark.parametrize("missing", ["title", "summary"])
def test_output_needs_title_and_summary(client: ApiClient, missing: str) -> None:
    assert client.create(output={key: text for key, text in OUTPUT.items() if key != missing})[0] == 422


@pytest.mark.parametrize(("number", "status"), [(49, 200), (50, 200), (51, 422)])
def test_fifty_annotations_a_request(client: ApiClient, number: int, status: int) -> None:
    assert client.annotate(*[ANNOTATION] * number) == status


@pytest.mark.parametrize(
    ("change", "status"),
    [
        pytest.param({"message": "m" * 65_535}, 200, id="message-65535"),
        pytest.param({"message": "m" * 65_536}, 200, id="message-65536"),
        pytest.param({"message": "m" * 65_537}, 422, id="message-65537"),
        pytest.param({"message": "é" * 32_769}, 422, id="message-in-bytes"),
        pytest.param({"message": ""}, 422, id="message-empty"),
        pytest.param({"raw_details": "m" * 65_536}, 200, id="details-65536"),
        pytest.param({"raw_details": "m" * 65_537}, 422, id="details-65537"),
        pytest.param({"title": "t" * 255}, 200, id="title-255"),
        pytest.param({"title": "t" * 256}, 422, id="title-256"),
        pytest.param({"start_line": 0}, 422, id="line-0"),
        pytest.param({"start_line": "1"}, 422, id="line-as-text"),
        pytest.param({"start_line": 2}, 422, id="ends-before-it-starts"),
        pytest.param({"end_line": 2}, 200, id="two-lines"),
        pytest.param({"start_column": 3, "end_column": 4}, 200, id="columns-on-one-line"),
        pytest.param({"start_column": 3, "end_line": 2}, 422, id="columns-on-two-lines"),
        pytest.param({"annotation_level": "error"}, 422, id="unknown-level"),
        *(pytest.param({key: None}, 422, id=f"no-{key}") for key in ANNOTATION),
    ],
)
def test_an_annotation_within_its_limits_is_taken(client: ApiClient, change: dict[str, Any], status: int) -> None:
    annotation = {key: value for key, value in (ANNOTATION | change).items() if value is not None}
    assert client.annotate(annotation) == status


@pytest.mark.parametrize(
    ("actions", "status"),
    [
        pytest.param([ACTION] * 2, 201, id="2"),
        pytest.param([ACTION] * 3, 201, id="3"),
        pytest.param([ACTION] * 4, 422, id="4"),
        *(
            pytest.param([ACTION | {key: "x" * (limit + more)}], 422 if more > 0 else 201, id=f"{key}-{limit + more}")
            for key, limit in (("label", 20), ("description", 40), ("identifier", 20))
            for more in (-1, 0, 1)
        ),
        pytest.param([{"label": "l"}], 422, id="incomplete"),
    ],
)
def test_actions_within_their_limits_are_taken(client: ApiClient, actions: list[Any], status: int) -> None:
    assert client.create(actions=actions)[0] == status


@pytest.mark.parametrize(
    ("change", "status"),
    [
        *(
            pytest.param({"conclusion": conclusion}, 201, id=conclusion)
            for conclusion in (
                "action_required",
                "cancelled",
                "failure",
                "neutral",
                "skipped",
                "success",
                "timed_out",
            )
        ),
        pytest.param({"conclusion": "stale"}, 422, id="stale-is-githubs"),
        pytest.param({"status": "completed"}, 422, id="completed-without-conclusion"),
        pytest.param({"status": "pending"}, 422, id="unknown-status"),
        pytest.param({"name": ""}, 422, id="empty-name"),
        pytest.param({"head_sha": "c0ffee"}, 422, id="short-commit"),
        pytest.param({"details_url": "ftp://example.org"}, 422, id="details-url"),
        pytest.param({"started_at": "yesterday"}, 422, id="time"),
        pytest.param({"started_at": "2026-01-01T00:00:00Z"}, 201, id="utc"),
        pytest.param({"external_id": "x" * 255}, 201, id="external-id-255"),
        pytest.param({"external_id": "x" * 256}, 422, id="external-id-256"),
    ],
)
def test_a_run_within_its_limits_is_taken(client: ApiClient, change: dict[str, Any], status: int) -> None:
    assert client.create(**change)[0] == status


def test_a_refusal_reads_as_githubs(client: ApiClient) -> None:
    status, body = client.create(output=OUTPUT | {"annotations": [ANNOTATION] * 51})
    assert (status, body["status"]) == (422, "422")
    assert body["message"] == "Invalid request.\n\nNo more than 50 items are allowed; 51 were supplied."
    assert body["documentation_url"].startswith("https://docs.github.com/")


def test_a_conclusion_completes(client: ApiClient) -> None:
    _, run = client.create(conclusion="success")
    assert run["status"] == "completed"
    assert run["completed_at"]


def test_lenient_server_allows_line_0_column_0_and_an_empty_summary(client: ApiClient, github: GithubServer) -> None:
    github.world.is_lenient = True
    assert client.annotate(ANNOTATION | {"start_line": 0, "end_line": 0, "start_column": 0, "end_column": 0}) == 200
    assert client.create(output=OUTPUT | {"summary": ""})[0] == 201
    assert client.annotate(ANNOTATION | {"start_line": -1}) == 422


def test_an_update_replaces_output_and_appends_annotations(client: ApiClient, github: GithubServer) -> None:
    _, run = client.create(output=OUTPUT | {"text": "first", "annotations": [ANNOTATION]})
    path = f"{RUNS}/{run['id']}"
    client.ask(
        "PATCH", path, {"output": {"title": "2", "summary": "2", "annotations": [ANNOTATION | {"path": "b.py"}]}}
    )
    client.ask("PATCH", path, {"status": "in_progress"})
    _, run = client.ask("GET", path)
    assert (run["output"]["title"], run["output"]["text"], run["output"]["annotations_count"]) == ("2", None, 2)
    assert [annotation["path"] for annotation in github.annotations()] == ["a.py", "b.py"]


def test_annotations_come_in_pages(client: ApiClient, github: GithubServer) -> None:
    client.annotate(*(ANNOTATION | {"start_line": line, "end_line": line} for line in range(1, 36)))
    path = f"{RUNS}/{github.run['id']}/annotations"
    pages = [client.ask("GET", f"{path}{query}")[1] for query in ("", "?page=2", "?per_page=20&page=2", "?page=3")]
    assert [(len(page), page[0]["start_line"] if page else None) for page in pages] == [
        (30, 1),
        (5, 31),
        (15, 21),
        (0, None),
    ]


def test_the_runs_of_a_commit_are_filtered(client: ApiClient, github: GithubServer) -> None:
    for name in ("pytest", "lint", "pytest"):
        client.create(name=name)
    client.create(head_sha="f" * 40)
    github.world.install(App(id=1, client_id="Iv1.other", slug="other"))
    path = f"/repos/{REPOSITORY}/commits/{SHA}/check-runs"
    oldest, lint, newest = (run["id"] for run in github.runs[:3])
    for query, found in (
        ("?filter=all", [newest, lint, oldest]),
        ("?filter=all&check_name=pytest", [newest, oldest]),
        ("?check_name=pytest", [newest]),
        ("?filter=all&per_page=1&page=2", [lint]),
        ("?app_id=15368&check_name=lint", [lint]),
        ("?app_id=1", []),
    ):
        _, body = client.ask("GET", path + query)
        assert [run["id"] for run in body["check_runs"]] == found, query
    assert client.ask("GET", path + "?filter=all&per_page=1")[1]["total_count"] == 3


def test_a_jobs_token_makes_runs_of_github_actions(client: ApiClient) -> None:
    _, run = client.create()
    assert (run["app"]["id"], run["app"]["slug"]) == (15368, "github-actions")


def test_a_read_only_token_may_look_but_not_write(client: ApiClient, github: GithubServer) -> None:
    client.create()
    client.token = github.world.actions_token(REPOSITORY, checks="read")
    assert client.ask("GET", f"{RUNS}/{github.run['id']}")[0] == 200
    status, body = client.create()
    assert (status, body["message"]) == (403, "Resource not accessible by integration")


def test_only_the_app_that_made_a_run_may_change_it(client: ApiClient, github: GithubServer) -> None:
    client.create()
    _, granted = client.ask("POST", f"/app/installations/{github.installation.id}/access_tokens", {}, client.jwt())
    status, body = client.ask("PATCH", f"{RUNS}/{github.run['id']}", {"output": OUTPUT}, granted["token"])
    assert status == 403
    assert "can only be modified by the GitHub App that created it" in body["message"]


def test_bad_and_expired_tokens_get_401(client: ApiClient, github: GithubServer) -> None:
    assert client.ask("POST", RUNS, NEW, "ghs_wrong")[0] == 401
    github.clock_ahead_seconds = 3599
    assert client.create()[0] == 201
    github.clock_ahead_seconds = 3601
    assert client.create()[0] == 401


def test_another_repository_is_not_found(client: ApiClient) -> None:
    assert client.ask("POST", "/repos/octo/other/check-runs", NEW)[0] == 404


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        pytest.param({}, 200, id="numeric-id"),
        pytest.param({"iss": App().client_id}, 200, id="client-id"),
        pytest.param({"iss": "99"}, 404, id="unknown-app"),
        pytest.param({"iat": None}, 401, id="no-iat"),
        pytest.param({"exp": None}, 401, id="no-exp"),
        pytest.param({"exp": 1}, 401, id="expired"),
    ],
)
def test_a_jwt_must_say_who_and_when(client: ApiClient, changes: dict[str, Any], status: int) -> None:
    assert client.ask("GET", f"/repos/{REPOSITORY}/installation", token=client.jwt(**changes))[0] == status


@pytest.mark.parametrize(
    ("claim", "seconds", "status"),
    [("exp", 598, 200), ("exp", 605, 401), ("exp", -1, 401), ("iat", -1, 200), ("iat", 5, 401)],
)
def test_a_jwt_lives_ten_minutes_at_most(client: ApiClient, claim: str, seconds: int, status: int) -> None:
    token = client.jwt(**{claim: int(time.time()) + seconds})
    assert client.ask("GET", f"/repos/{REPOSITORY}/installation", token=token)[0] == status


def test_a_jwt_of_another_key_gets_401(client: ApiClient, github: GithubServer) -> None:
    now = int(time.time())
    forged = jwt.encode({"iss": str(github.app.id), "iat": now, "exp": now + 60}, rsa_key("another"), "RS256")
    status, body = client.ask("GET", f"/repos/{REPOSITORY}/installation", token=forged)
    assert (status, body["message"]) == (401, "A JSON web token could not be decoded")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 201),
        ({"permissions": {"checks": "write"}, "repositories": ["demo"]}, 201),
        ({"permissions": {"checks": "read"}}, 201),
        ({"permissions": {"actions": "write"}}, 422),
        ({"repositories": ["other"]}, 422),
    ],
)
def test_a_token_is_narrowed_but_never_widened(
    client: ApiClient, github: GithubServer, body: dict[str, Any], status: int
) -> None:
    path = f"/app/installations/{github.installation.id}/access_tokens"
    got, granted = client.ask("POST", path, body, client.jwt())
    assert got == status
    if status == 201:
        assert granted["permissions"] == body.get("permissions", github.installation.permissions)


def test_a_repository_without_the_app_has_no_installation(client: ApiClient) -> None:
    assert client.ask("GET", "/repos/octo/other/installation", token=client.jwt())[0] == 404


def test_a_suspended_installation_gets_no_token(client: ApiClient, github: GithubServer) -> None:
    github.installation.is_suspended = True
    path = f"/app/installations/{github.installation.id}/access_tokens"
    assert client.ask("POST", path, {}, client.jwt())[0] == 403


def test_server_sets_token_lifetime(client: ApiClient, github: GithubServer) -> None:
    github.world.token_seconds = 60
    path = f"/app/installations/{github.installation.id}/access_tokens"
    _, granted = client.ask("POST", path, {}, client.jwt())
    github.clock_ahead_seconds = 61
    assert client.ask("POST", RUNS, NEW, granted["token"])[0] == 401


def test_an_enterprise_server_is_the_same_below_its_path(client: ApiClient) -> None:
    assert client.ask("POST", f"/api/v3{RUNS}", NEW)[0] == 201


def test_requests_are_recorded(client: ApiClient, github: GithubServer) -> None:
    client.create(output=OUTPUT)
    client.ask("GET", f"/repos/{REPOSITORY}/commits/{SHA}/check-runs?page=1", token="no")
    write, read = github.requests
    assert (write.method, write.path, write.kind, write.status) == ("POST", RUNS, "actions", 201)
    assert write.body == NEW | {"output": OUTPUT}
    assert (read.query, read.kind, read.status) == ({"page": "1"}, "none", 401)
    assert (github.writes, github.reads) == ([write], [read])
    assert abs(write.time - time.time()) < 60


def test_pages_are_linked(client: ApiClient, github: GithubServer) -> None:
    client.annotate(*[ANNOTATION] * 50)
    client.ask("PATCH", f"{RUNS}/{github.run['id']}", {"output": OUTPUT | {"annotations": [ANNOTATION] * 50}})
    client.ask("PATCH", f"{RUNS}/{github.run['id']}", {"output": OUTPUT | {"annotations": [ANNOTATION]}})
    path = f"{RUNS}/{github.run['id']}/annotations"
    assert [len(page) for page in client.pages(path)] == [30, 30, 30, 11]
    assert [len(page) for page in client.pages(f"{path}?per_page=101")] == [100, 1]


def test_an_annotation_is_shown_with_all_its_fields(client: ApiClient, github: GithubServer) -> None:
    client.annotate(ANNOTATION)
    _, (shown,) = client.ask("GET", f"{RUNS}/{github.run['id']}/annotations")
    assert shown == ANNOTATION | {
        **dict.fromkeys(("start_column", "end_column", "title", "raw_details")),
        "blob_href": f"{github.url}/{REPOSITORY}/blob/{SHA}/a.py",
    }


def test_runs_of_one_app_and_commit_share_a_suite(client: ApiClient, github: GithubServer) -> None:
    first, second, elsewhere = (client.create(**more)[1] for more in ({}, {"name": "lint"}, {"head_sha": "f" * 40}))
    client.may(checks="write")
    other = client.create()[1]
    assert first["check_suite"] == second["check_suite"]
    assert len({run["check_suite"]["id"] for run in (first, elsewhere, other)}) == 3
    github.world.copy_run(first, head_sha="f" * 40)
    assert github.runs[-1]["check_suite"] == elsewhere["check_suite"]


def test_the_runs_of_a_suite_are_filtered(client: ApiClient) -> None:
    old, lint, new = (client.create(**more)[1] for more in ({}, {"name": "lint", "conclusion": "success"}, {}))
    client.create(head_sha="f" * 40)
    path = f"/repos/{REPOSITORY}/check-suites/{old['check_suite']['id']}/check-runs"
    for query, found in (
        ("", [new, lint]),
        ("?filter=all", [new, lint, old]),
        ("?check_name=pytest", [new]),
        ("?status=completed", [lint]),
    ):
        assert client.ask("GET", path + query)[1] == {"total_count": len(found), "check_runs": found}, query
    assert client.ask("GET", f"/repos/{REPOSITORY}/check-suites/1/check-runs")[0] == 404


def test_the_runs_of_a_branch_are_those_of_its_commit(client: ApiClient, github: GithubServer) -> None:
    github.world.branches["topic/one"] = SHA
    client.create()
    for ref in ("main", "topic/one", "heads/main", SHA):
        assert client.ask("GET", f"/repos/{REPOSITORY}/commits/{ref}/check-runs")[1]["total_count"] == 1, ref


@pytest.mark.parametrize(
    ("role", "permission"),
    [
        ("admin", "admin"),
        ("maintain", "write"),
        ("write", "write"),
        ("triage", "read"),
        ("read", "read"),
        ("none", "none"),
    ],
)
def test_a_role_has_the_permission_that_it_is_built_on(
    client: ApiClient, github: GithubServer, role: str, permission: str
) -> None:
    github.world.permissions = {"Mona[bot]": role}
    status, body = client.ask("GET", f"/repos/{REPOSITORY}/collaborators/mona%5Bbot%5D/permission")
    assert status == 200
    assert body == {"permission": permission, "role_name": role, "user": {"login": "Mona[bot]"}}


def test_an_unknown_login_is_not_a_user(client: ApiClient) -> None:
    status, body = client.ask("GET", f"/repos/{REPOSITORY}/collaborators/nobody/permission")
    assert (status, body["message"]) == (404, "nobody is not a user")


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        pytest.param({"ref": "main"}, 204, "", id="branch"),
        pytest.param({"ref": "refs/heads/main"}, 204, "", id="full-name"),
        pytest.param({"ref": "v1"}, 204, "", id="tag"),
        pytest.param({"ref": "main", "inputs": {"rerun": "{}"}}, 204, "", id="input"),
        pytest.param({}, 422, '"ref" wasn\'t supplied', id="no-ref"),
        pytest.param({"ref": SHA}, 422, f"No ref found for: {SHA}", id="commit"),
        pytest.param({"ref": "gone"}, 422, "No ref found for: gone", id="no-branch"),
        pytest.param({"ref": "main", "inputs": {"a": "", "b": ""}}, 422, 'provided: ["a", "b"]', id="unknown-inputs"),
        pytest.param({"ref": "main", "inputs": ["rerun"]}, 422, "is not an object", id="list-of-inputs"),
        pytest.param({"ref": "main", "rerun": ""}, 400, '"rerun" is not a permitted key.', id="unknown-key"),
        # {"rerun":"..."} is 12 characters longer than its value
        pytest.param({"ref": "main", "inputs": {"rerun": "é" * 65_523}}, 204, "", id="characters-65535"),
        pytest.param({"ref": "main", "inputs": {"rerun": "é" * 65_524}}, 422, "too large", id="characters-65536"),
        *(
            pytest.param({"ref": "main", "inputs": {str(n): "" for n in range(many)}}, status, message, id=f"{many}")
            for many, status, message in ((25, 204, ""), (26, 422, "only define up to 25 `inputs`"))
        ),
    ],
)
def test_a_dispatch_within_its_limits_is_taken(
    client: ApiClient, github: GithubServer, body: dict[str, Any], status: int, message: str
) -> None:
    github.world.branches["v1"] = "f" * 40
    if len(body.get("inputs", ())) >= 25:
        github.world.workflows["tests.yml"] = {str(number) for number in range(26)}
    client.may(actions="write")
    got, answer = client.ask("POST", DISPATCHES, body)
    assert (got, message in (answer or {"message": ""})["message"]) == (status, True), answer
    assert len(github.world.dispatches) == len(github.world.workflow_runs) == (status == 204)


def test_a_dispatch_is_kept_and_queues_a_run(client: ApiClient, github: GithubServer) -> None:
    client.may(actions="write")
    client.ask("POST", DISPATCHES, {"ref": "main", "inputs": {"rerun": "x"}})
    assert "content-length" not in client.answer.headers
    (kept,) = github.world.dispatches
    assert (kept.workflow, kept.ref, kept.sha, kept.inputs) == ("tests.yml", "main", SHA, {"rerun": "x"})
    _, run = client.ask("GET", f"/repos/{REPOSITORY}/actions/runs/{kept.run_id}")
    data = {key: run[key] for key in ("path", "event", "status", "conclusion", "head_sha", "head_branch")}
    assert data == {
        "path": ".github/workflows/tests.yml",
        "event": "workflow_dispatch",
        "status": "queued",
        "conclusion": None,
        "head_sha": SHA,
        "head_branch": "main",
    }


def test_a_dispatch_tells_its_run_where_that_is_known(client: ApiClient, github: GithubServer) -> None:
    client.may(actions="write")
    body = {"ref": "main", "return_run_details": True}
    status, data = client.ask("POST", DISPATCHES, body)
    (number,) = github.world.workflow_runs
    path = f"{REPOSITORY}/actions/runs/{number}"
    assert (status, data["workflow_run_id"]) == (200, number)
    assert (data["run_url"], data["html_url"]) == (f"{github.url}/repos/{path}", f"{github.url}/{path}")
    github.world.knows_run_details = False
    for refusal in (400, 422):
        github.world.unknown_key_status = refusal
        status, data = client.ask("POST", DISPATCHES, body)
        assert status == refusal
        assert data["message"] == 'Invalid request.\n\n"return_run_details" is not a permitted key.'
    assert len(github.world.dispatches) == 1


def test_a_workflow_may_be_unknown_or_without_dispatch(client: ApiClient, github: GithubServer) -> None:
    github.world.workflows["push.yml"] = None
    client.may(actions="write")
    responses = [
        client.ask("POST", f"/repos/{REPOSITORY}/actions/workflows/{file}/dispatches", {"ref": "main"})
        for file in ("push.yml", "none.yml")
    ]
    assert [(status, body["message"]) for status, body in responses] == [
        (422, "Workflow does not have 'workflow_dispatch' trigger"),
        (404, "Not Found"),
    ]


@pytest.mark.parametrize(
    ("method", "path", "needed"),
    [
        ("POST", DISPATCHES, {"actions": "write"}),
        ("GET", f"/repos/{REPOSITORY}/actions/workflows/tests.yml/runs", {"actions": "read"}),
        ("GET", f"/repos/{REPOSITORY}/actions/runs/1", {"actions": "read"}),
        ("GET", f"/repos/{REPOSITORY}/contents/a.py", {"contents": "read"}),
        ("GET", f"/repos/{REPOSITORY}/collaborators/octocat/permission", {"metadata": "read"}),
        ("GET", f"/repos/{REPOSITORY}", {"metadata": "read"}),
        ("GET", f"/repos/{REPOSITORY}/commits/{SHA}", {"contents": "read"}),
        ("GET", f"/repos/{REPOSITORY}/compare/main...{SHA}", {"contents": "read"}),
        ("GET", f"/repos/{REPOSITORY}/commits/{SHA}/pulls", {"pull_requests": "read"}),
        ("GET", f"/repos/{REPOSITORY}/pulls/7", {"pull_requests": "read"}),
        ("GET", f"/repos/{REPOSITORY}/commits/{SHA}/check-suites", {"checks": "read"}),
        ("GET", f"/repos/{REPOSITORY}/check-suites/1/check-runs", {"checks": "read"}),
        ("GET", f"{RUNS}/1/annotations", {"checks": "read"}),
    ],
)
def test_each_request_needs_its_permission(client: ApiClient, method: str, path: str, needed: dict[str, str]) -> None:
    (name,) = needed
    too_little = [{}, {name: "read"}] if needed[name] == "write" else [{}]
    for permissions in too_little:
        client.may(**permissions)
        status, body = client.ask(method, path, {"ref": "main"})
        assert (status, body["message"]) == (403, "Resource not accessible by integration")
    client.may(**needed)
    assert client.ask(method, path, {"ref": "main"})[0] in (200, 204, 404)
    assert client.ask(method, path.replace("demo", "other"), {"ref": "main"})[0] == 404


def test_the_runs_of_a_workflow_are_filtered(client: ApiClient, github: GithubServer) -> None:
    world = github.world
    world.workflows["lint.yml"] = None
    old, new = (world.start_workflow_run(event=event)["id"] for event in ("push", "workflow_dispatch"))
    world.start_workflow_run("lint.yml")
    world.start_workflow_run(repository="octo/other")
    world.complete_workflow_run(old, "failure")
    client.may(actions="read")
    path = f"/repos/{REPOSITORY}/actions/workflows/tests.yml/runs"
    for query, found in (
        ("", [new, old]),
        ("?status=completed", [old]),
        ("?status=failure", [old]),
        ("?status=queued&event=push", []),
        ("?event=workflow_dispatch", [new]),
        (f"?head_sha={SHA}&branch=main", [new, old]),
        ("?per_page=1&page=2", [old]),
    ):
        _, body = client.ask("GET", path + query)
        assert [run["id"] for run in body["workflow_runs"]] == found, query
    assert client.ask("GET", path + "?per_page=1")[1]["total_count"] == 2
    assert client.ask("GET", path.replace("tests.yml", "none.yml"))[0] == 404


def test_a_commit_is_found_by_its_id_or_branch(client: ApiClient) -> None:
    found = {ref: client.ask("GET", f"/repos/{REPOSITORY}/commits/{ref}") for ref in (SHA, "main", "unknown")}
    assert [found[ref][1]["sha"] for ref in (SHA, "main")] == [SHA, SHA]
    assert found["unknown"][0] == 422


def test_commits_are_compared_where_they_branched_off(client: ApiClient, github: GithubServer) -> None:
    root, fork_point, old, topic = "0" * 40, "1" * 40, "2" * 40, "3" * 40
    github.world.parents = {fork_point: [root], SHA: [fork_point], old: [fork_point], topic: [old], "4" * 40: []}
    github.world.branches["topic/a"] = topic
    github.world.changes = lambda *_: [{"filename": "a.py", "status": "modified"}]
    path = f"/repos/{REPOSITORY}/compare"
    _, body = client.ask("GET", f"{path}/main...topic/a?per_page=1")
    assert (body["merge_base_commit"]["sha"], body["status"]) == (fork_point, "diverged")
    assert (body["ahead_by"], body["behind_by"], len(body["commits"]), len(body["files"])) == (2, 1, 1, 1)
    assert "files" not in client.ask("GET", f"{path}/main...topic/a?per_page=1&page=2")[1]
    for basehead, status, merge_base in (
        (f"main...{SHA}", "identical", SHA),
        (f"{fork_point}...main", "ahead", fork_point),
        (f"topic/a...{old}", "behind", old),
    ):
        _, body = client.ask("GET", f"{path}/{basehead}")
        assert (body["status"], body["merge_base_commit"]["sha"]) == (status, merge_base), basehead
    for basehead in ("main...gone", f"gone...{SHA}", f"main...{'4' * 40}"):
        assert client.ask("GET", f"{path}/{basehead}")[0] == 404, basehead


def test_comparison_lists_300_files_and_the_last_250_commits(client: ApiClient, github: GithubServer) -> None:
    commits = [f"{number:040x}" for number in range(252)]
    github.world.parents = {commits[0]: [], **{commit: [before] for before, commit in pairwise(commits)}}
    github.world.changes = lambda *_: [{"filename": f"{number}.py", "status": "added"} for number in range(301)]
    path = f"/repos/{REPOSITORY}/compare/{commits[0]}...{commits[-1]}"
    _, body = client.ask("GET", path)
    assert [commit["sha"] for commit in body["commits"]] == commits[-250:]
    assert (len(body["files"]), body["total_commits"], body["base_commit"]["node_id"]) == (300, 251, f"C_{commits[0]}")
    _, body = client.ask("GET", f"{path}?per_page=100&page=3")
    assert [commit["sha"] for commit in body["commits"]] == commits[-51:]


def test_graphql_finds_at_most_100_commits_by_node_id(client: ApiClient) -> None:
    query = "query($ids: [ID!]!) { nodes(ids: $ids) { ... on Commit { oid } } }"
    body = client.ask("POST", "/graphql", {"query": query, "variables": {"ids": [f"C_{SHA}"] * 100}})[1]
    assert body["data"]["nodes"] == [{"oid": SHA}] * 100
    body = client.ask("POST", "/graphql", {"query": query, "variables": {"ids": [f"C_{SHA}"] * 101}})[1]
    assert (body["data"]["nodes"], body["errors"][0]["type"]) == (None, "ARGUMENT_LIMIT")


HISTORY = """
query Runs($owner: String!, $name: String!, $commit: GitObjectID!, $check: String!) {
  repository(owner: $owner, name: $name) {
    object(oid: $commit) {
      ... on Commit {
        history(first: 2) {
          nodes {
            oid
            parents(first: 1) { nodes { oid } }
            checkSuites(first: 10, filterBy: {checkName: $check}) {
              nodes { checkRuns(first: 10, filterBy: {checkType: ALL, statuses: [QUEUED]}) { nodes { status } } }
            }
          }
        }
      }
      ... on Tag { name }
    }
  }
}
"""
VARIABLES = {"owner": "octo", "name": "demo", "commit": SHA, "check": "pytest"}


def query(client: ApiClient, text: str = HISTORY, **variables: str) -> dict[str, Any]:
    status, body = client.ask("POST", "/graphql", {"query": text, "variables": VARIABLES | variables})
    assert status == 200
    return dict(body)


def test_a_graphql_query_selects_commits_and_check_runs(client: ApiClient, github: GithubServer) -> None:
    parents = ["1" * 40, "2" * 40]
    github.world.parents = {SHA: parents, "1" * 40: ["3" * 40]}
    client.create()
    client.create()
    client.create(status="in_progress")
    client.create(name="lint")
    runs = {"nodes": [{"status": "QUEUED"}] * 3}
    assert query(client)["data"]["repository"]["object"]["history"]["nodes"] == [
        {
            "oid": SHA,
            "parents": {"nodes": [{"oid": parents[0]}]},
            "checkSuites": {"nodes": [{"checkRuns": runs}]},
        },
        {"oid": parents[0], "parents": {"nodes": [{"oid": "3" * 40}]}, "checkSuites": {"nodes": []}},
    ]
    latest = query(client, HISTORY.replace("checkType: ALL, statuses: [QUEUED]", 'checkName: "pytest"'))
    (suite,) = latest["data"]["repository"]["object"]["history"]["nodes"][0]["checkSuites"]["nodes"]
    assert suite == {"checkRuns": {"nodes": [{"status": "IN_PROGRESS"}]}}
    assert query(client, commit="5" * 40)["data"] == {"repository": {"object": None}}


@pytest.mark.parametrize(
    ("old", "new", "kind", "message"),
    [
        ("first: 2", "", "MISSING_PAGINATION_BOUNDARIES", "You must provide a `first`"),
        ("first: 2", "first: 101", "EXCESSIVE_PAGINATION", "exceeds the `first` limit of 100"),
        ("            oid\n", "            colour\n", None, "Field 'colour' doesn't exist"),
        ("$check: String!", "$chick: String!", None, "Variable $chick"),
        ("}\n", "", None, "Expected"),
    ],
)
def test_a_wrong_graphql_query_has_errors(
    client: ApiClient, github: GithubServer, old: str, new: str, kind: str | None, message: str
) -> None:
    github.world.parents = {SHA: []}
    (error,) = query(client, HISTORY.replace(old, new))["errors"]
    assert (error.get("type"), message in error["message"]) == (kind, True)


@pytest.mark.parametrize(
    ("permissions", "name", "kind"),
    [({"contents": "read"}, "demo", "FORBIDDEN"), ({"checks": "read"}, "demo", "FORBIDDEN"), ({}, "no", "NOT_FOUND")],
)
def test_a_graphql_field_without_permission_is_null(
    client: ApiClient, permissions: dict[str, str], name: str, kind: str
) -> None:
    client.may(metadata="read", **permissions)
    (error,) = query(client, name=name)["errors"]
    assert error["type"] == kind


def test_graphql_needs_a_token(client: ApiClient) -> None:
    assert client.ask("POST", "/graphql", {"query": "{}"}, token="no")[0] == 401


def test_graphql_of_an_enterprise_server_is_beside_the_api(client: ApiClient, github: GithubServer) -> None:
    body = {"query": HISTORY, "variables": VARIABLES}
    assert client.ask("POST", f"{github.url}/api/graphql", body)[0] == 200
    assert client.ask("POST", f"{github.enterprise_url}/graphql", body)[0] == 404


def test_a_commit_has_the_pull_requests_of_its_suites(client: ApiClient, github: GithubServer) -> None:
    client.may(checks="write", pull_requests="read")
    client.create()
    (suite,) = github.world.suites.values()
    suite.pull_requests.append({"id": 1, "number": 7})
    assert client.ask("GET", f"/repos/{REPOSITORY}/commits/{SHA}/pulls") == (200, [{"id": 1, "number": 7}])


def test_a_file_comes_in_base64(client: ApiClient, github: GithubServer) -> None:
    github.world.files = {".github/workflows/tests.yml": "on: é\n" * 40, "large": "x" * (2**20 + 1)}
    path = f"/repos/{REPOSITORY}/contents"
    for ref in ("", "?ref=main", f"?ref={SHA}"):
        status, body = client.ask("GET", f"{path}/.github/workflows/tests.yml{ref}")
        assert (status, body["encoding"]) == (200, "base64")
        assert b64decode(body["content"]).decode() == "on: é\n" * 40
    assert client.ask("GET", f"{path}/none")[0] == client.ask("GET", f"{path}/large?ref=gone")[0] == 404
    _, large = client.ask("GET", f"{path}/large")
    assert (large["encoding"], large["content"], large["size"]) == ("none", "", 2**20 + 1)


class Receiver(HTTPServer):
    """Receives webhooks and responds with `status`."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Receiving)
        self.status = 202
        self.came: list[tuple[str, dict[str, str], bytes]] = []
        self.url = f"http://127.0.0.1:{self.server_port}/hook?a=b"


class _Receiving(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.came.append((self.path, dict(self.headers), body))
        self.send_response(self.server.status)
        self.end_headers()
        self.wfile.write(b"thanks")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the standard library's name
        """Quiet."""


@pytest.fixture
def receiver(github: GithubServer) -> Iterator[Receiver]:
    """Return a receiver at the URL of the App's webhook."""
    with Receiver() as server:
        github.world.hook = Hook(url=server.url)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_a_signature_is_as_github_documents_it() -> None:
    # https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries
    made = signatures(b"It's a Secret to Everybody", b"Hello, World!")["X-Hub-Signature-256"]
    assert made == "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"


def test_a_delivery_is_sent_and_signed(github: GithubServer, receiver: Receiver) -> None:
    delivery = github.deliver("ping", {"zen": "é"}, guid="the-guid")
    ((path, headers, body),) = receiver.came
    assert (path, json.loads(body), body) == ("/hook?a=b", {"zen": "é"}, delivery.body)
    assert headers.items() >= delivery.headers.items()
    data = {name: headers[name] for name in headers if name.startswith(("X-GitHub", "Content-Type", "User-Agent"))}
    assert data == {
        "Content-Type": "application/json",
        "User-Agent": "GitHub-Hookshot/044aadd",
        "X-GitHub-Delivery": "the-guid",
        "X-GitHub-Event": "ping",
        "X-GitHub-Hook-ID": str(Hook().id),
        "X-GitHub-Hook-Installation-Target-ID": str(github.app.id),
        "X-GitHub-Hook-Installation-Target-Type": "integration",
    }
    for name, digest in (("X-Hub-Signature", "sha1"), ("X-Hub-Signature-256", "sha256")):
        assert headers[name] == f"{digest}={hmac.new(Hook().secret.encode(), body, digest).hexdigest()}"
    assert (delivery.status, delivery.status_code, delivery.response.payload) == ("OK", 202, "thanks")


def test_nothing_is_signed_without_a_secret(github: GithubServer) -> None:
    github.world.hook = Hook(secret="")
    assert not [name for name in github.deliver("ping", {}).headers if "Signature" in name]


def test_unreceived_delivery_is_logged(github: GithubServer, receiver: Receiver) -> None:
    assert github.world.hook is not None
    receiver.status = 503
    github.deliver("ping", {})
    github.deliver("ping", {}, send=False)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        github.world.hook = Hook(url=f"http://127.0.0.1:{port}", seconds=0.05)
        github.deliver("ping", {})
    github.deliver("ping", {})
    assert [(one.status_code, one.status) for one in github.world.deliveries] == [
        (503, "Invalid HTTP Response: 503"),
        (0, "failed to connect"),
        (0, "timed out"),
        (0, "failed to connect"),
    ]
    assert len(receiver.came) == 1
    github.world.hook = None
    github.deliver("ping", {})
    assert len(github.world.deliveries) == 4


def test_the_log_comes_in_pages_newest_first(client: ApiClient, github: GithubServer) -> None:
    ids = [github.deliver("ping", {"action": str(number)}).id for number in range(131)]
    listed = [[one["id"] for one in page] for page in client.pages(LOG, client.jwt())]
    assert [len(page) for page in listed] == [30, 30, 30, 30, 11]
    assert [number for page in listed for number in page] == ids[::-1]
    pages = client.pages(f"{LOG}?per_page=101", client.jwt())
    first = next(pages)
    github.deliver("ping", {})  # new deliveries do not shift the pages
    assert [one["id"] for one in first + next(pages)] == ids[::-1]


def test_the_log_tells_what_a_delivery_was(client: ApiClient, github: GithubServer, receiver: Receiver) -> None:
    client.may(checks="write")
    client.create()
    one = github.deliver("check_run", github.rerequest(github.run["id"]))
    _, (listed,) = client.ask("GET", LOG, token=client.jwt())
    assert listed.pop("delivered_at") == timestamp(one.delivered_at)
    assert 0 <= listed.pop("duration") < 10
    assert listed == {
        "id": one.id,
        "guid": one.guid,
        "redelivery": False,
        "status": "OK",
        "status_code": 202,
        "event": "check_run",
        "action": "rerequested",
        "installation_id": github.installation.id,
        "repository_id": one.payload["repository"]["id"],
        "throttled_at": None,
    }
    _, shown = client.ask("GET", f"{LOG}/{one.id}", token=client.jwt())
    assert shown.items() >= listed.items()
    assert shown["url"] == receiver.url
    assert shown["request"] == {"headers": one.headers, "payload": one.payload}
    assert shown["response"]["payload"] == "thanks"
    assert client.ask("GET", f"{LOG}/{one.id + 1}", token=client.jwt())[0] == 404


def test_the_log_is_filtered_by_outcome_and_no_answer_is_neither(
    client: ApiClient, github: GithubServer, receiver: Receiver
) -> None:
    for status in (202, 302, 404, 503):
        receiver.status = status
        github.deliver("ping", {})
    github.deliver("ping", {}, send=False)
    for outcome, found in (("success", [302, 202]), ("failure", [503, 404])):
        _, listed = client.ask("GET", f"{LOG}?status={outcome}", token=client.jwt())
        assert [one["status_code"] for one in listed] == found
    assert client.ask("GET", f"{LOG}?status=lost", token=client.jwt())[0] == 422
    assert client.ask("GET", f"{LOG}?cursor=2", token=client.jwt())[0] == 422


def test_the_log_keeps_three_days(client: ApiClient, github: GithubServer) -> None:
    one = github.deliver("ping", {})
    for seconds, found in ((3 * 24 * 3600 - 60, True), (3 * 24 * 3600 + 1, False)):
        github.clock_ahead_seconds = seconds
        assert bool(client.ask("GET", LOG, token=client.jwt())[1]) is found
        assert client.ask("GET", f"{LOG}/{one.id}", token=client.jwt())[0] == (200 if found else 404)


def test_the_log_is_for_the_app_itself(client: ApiClient, github: GithubServer) -> None:
    one = github.deliver("ping", {})
    github.world.install(App(id=1, client_id="Iv1.other", slug="other"))
    for path in (LOG, f"{LOG}/{one.id}"):
        assert client.ask("GET", path)[0] == 401
    assert client.ask("GET", LOG, token=client.jwt(iss="1"))[1] == []
    assert client.ask("POST", f"{LOG}/{one.id}/attempts", token=client.jwt(iss="1"))[0] == 404


def test_redelivery_keeps_guid_and_gets_new_id(client: ApiClient, github: GithubServer, receiver: Receiver) -> None:
    first = github.deliver("ping", {"zen": "é"}, send=False)
    assert client.ask("POST", f"{LOG}/{first.id}/attempts", token=client.jwt()) == (202, {})
    github.wait_for(lambda: len(github.world.deliveries) == 2)
    second = github.world.deliveries[1]
    assert [(one.guid, one.redelivery) for one in (first, second)] == [(first.guid, False), (first.guid, True)]
    assert (second.id > first.id, second.body, second.status_code) == (True, first.body, 202)
    assert receiver.came[0][1].items() >= first.headers.items()
    assert [one["redelivery"] for one in client.ask("GET", LOG, token=client.jwt())[1]] == [True, False]


def test_press_payload_has_run_suite_and_sender(client: ApiClient, github: GithubServer) -> None:
    client.may(checks="write")
    client.create(conclusion="failure", identity=None, output=OUTPUT, actions=[ACTION])
    data = github.press(github.run["id"], "failed", sender="mona")
    run, suite = data["check_run"], data["check_run"]["check_suite"]
    assert (data["action"], data["requested_action"]) == ("requested_action", {"identifier": "failed"})
    assert run | {"check_suite": {"id": suite["id"]}} == github.run
    assert (suite["head_sha"], suite["head_branch"], suite["pull_requests"]) == (SHA, "main", [])
    assert (suite["status"], suite["conclusion"]) == ("completed", "failure")
    assert suite["app"] == run["app"] == {"id": 4711, "client_id": App().client_id, "slug": "pytest-checks"}
    assert data["installation"] == {"id": github.installation.id}
    assert (data["sender"]["login"], data["sender"]["type"]) == ("mona", "User")
    repository = data["repository"]
    assert (repository["full_name"], repository["name"], repository["owner"]["login"]) == (REPOSITORY, "demo", "octo")
    assert (repository["fork"], repository["default_branch"]) == (False, "main")
    assert "organization" not in data
    assert github.world.deliveries == []


@pytest.mark.parametrize(("fork", "full_name"), [("mallory/demo", "mallory/demo"), (None, None)])
def test_a_pull_request_names_its_fork_until_that_is_deleted(
    github: GithubServer, fork: str | None, full_name: str | None
) -> None:
    data = github.pull_request("opened", 12, "f" * 40, base_sha=SHA, fork=fork)
    head, base = data["pull_request"]["head"], data["pull_request"]["base"]
    assert (data["action"], data["number"], data["sender"]["login"]) == ("opened", 12, "mallory")
    assert (head["sha"], base["sha"], base["repo"]["full_name"]) == ("f" * 40, SHA, REPOSITORY)
    assert (head["repo"] or {}).get("full_name") == full_name
    assert base["repo"]["id"] == data["repository"]["id"]
    assert "app" not in data  # every App with the permission gets it


def test_a_rerequest_puts_the_suite_back_but_not_the_run(client: ApiClient, github: GithubServer) -> None:
    client.may(checks="write")
    client.create(conclusion="failure")
    client.create(name="lint", conclusion="success")
    of_run = github.rerequest(github.runs[0]["id"], sender="dependabot[bot]")
    of_suite = github.rerequest_suite(SHA)
    assert (of_run["action"], of_run["sender"]["type"]) == ("rerequested", "Bot")
    assert (of_run["check_run"]["status"], of_run["check_run"]["conclusion"]) == ("completed", "failure")
    assert (of_suite["action"], of_suite["check_suite"]["app"]["id"]) == ("rerequested", github.app.id)
    for suite in (of_run["check_run"]["check_suite"], of_suite["check_suite"]):
        assert (suite["status"], suite["conclusion"], suite["head_sha"]) == ("queued", None, SHA)
        assert (suite["latest_check_runs_count"], suite["rerequestable"]) == (2, True)


def test_a_push_moves_the_branch_and_asks_for_a_suite(client: ApiClient, github: GithubServer) -> None:
    new = "f" * 40
    data = github.pushed(new, "topic", before=SHA, pull_requests=[7])
    suite = data["check_suite"]
    assert (data["action"], suite["before"], suite["after"], suite["head_branch"]) == ("requested", SHA, new, "topic")
    assert (suite["latest_check_runs_count"], github.world.branches["topic"]) == (0, new)
    (pull_request,) = suite["pull_requests"]
    assert (pull_request["number"], pull_request["head"]["ref"], pull_request["base"]["ref"]) == (7, "topic", "main")
    client.may(checks="write")
    client.create(head_sha=new)
    assert github.run["check_suite"] == {"id": suite["id"]}
    assert github.run["pull_requests"] == [pull_request]
    github.pushed("e" * 40, "topic", before=new)
    assert github.press(github.run["id"], "x")["check_run"]["check_suite"]["head_branch"] == "topic"


def test_a_forks_commit_has_no_branch(client: ApiClient, github: GithubServer) -> None:
    client.may(checks="write")
    client.create(head_sha="f" * 40)
    suite = github.press(github.run["id"], "x")["check_run"]["check_suite"]
    assert (suite["head_branch"], suite["pull_requests"]) == (None, [])
    assert github.pushed("e" * 40, None)["check_suite"]["head_branch"] is None


def test_workflow_run_payload_has_conclusion(github: GithubServer) -> None:
    started = github.world.start_workflow_run(ref="v1", sha="f" * 40, run_id=99)
    data = github.workflow_completed(99, "cancelled")
    assert data["action"] == "completed"
    assert (data["workflow_run"]["status"], data["workflow_run"]["conclusion"]) == ("completed", "cancelled")
    assert (data["workflow_run"]["head_sha"], data["workflow_run"]["head_branch"]) == ("f" * 40, "v1")
    assert data["workflow_run"].items() >= started.items()
    assert (data["workflow"]["path"], data["repository"]["full_name"]) == (".github/workflows/tests.yml", REPOSITORY)


def test_events_name_the_installation_of_their_repository(github: GithubServer) -> None:
    other = github.world.install(github.app, "octo/other")
    assert github.rerequest_suite(SHA, repository="octo/other")["installation"] == {"id": other.id}
    assert "installation" not in github.rerequest_suite(SHA, repository="octo/third")


@pytest.mark.parametrize("scale", [1.0, 0.01])
def test_writes_beyond_the_limit_wait_for_their_window(client: ApiClient, github: GithubServer, scale: float) -> None:
    clock = FakeClock()
    github.clock = clock.now
    clock.seconds = 1_000_000
    github.world.token_seconds = 10_000
    client.may(checks="write")
    github.limits = limits = Limits(writes=2, seconds=60, hourly=3, scale=scale)
    responses = []
    for seconds in (0, 10, 20.5, 60, 100, 3600):
        clock.seconds = 1_000_000 + seconds * scale
        responses.append((client.create()[0], client.answer.headers.get("Retry-After")))
        assert client.ask("GET", f"/repos/{REPOSITORY}/commits/{SHA}/check-runs")[0] == 200
    waits = [str(math.ceil(seconds * scale)) for seconds in (39.5, 3500)]
    assert responses == [(201, None), (201, None), (403, waits[0]), (201, None), (403, waits[1]), (201, None)]
    assert (limits.refused, len(github.runs)) == (2, 4)


def test_a_refusal_for_the_rate_reads_as_githubs(client: ApiClient, github: GithubServer) -> None:
    github.limits = Limits(writes=1)
    client.create()
    status, body = client.create()
    assert status == github.writes[-1].status == 403
    assert body["message"].startswith("You have exceeded a secondary rate limit.")
    assert client.ask("POST", f"{RUNS}/none", token="no")[0] == 403
    path = f"/app/installations/{github.installation.id}/access_tokens"
    assert client.ask("POST", path, {}, client.jwt())[0] == 201


@pytest.mark.parametrize(("at_once", "waits"), [(99, None), (100, None), (101, 1)])
def test_a_hundred_requests_at_once(at_once: int, waits: int | None) -> None:
    limits = Limits()
    assert limits.retry_after("GET", "/app", now=0.0, at_once=at_once) == waits
    assert limits.refused == (waits is not None)


def test_requests_under_way_are_counted_until_they_are_answered(client: ApiClient, github: GithubServer) -> None:
    github.limits = Limits(at_once=1)
    assert [client.create()[0] for _ in range(3)] == [201, 201, 201]
    github.limits = Limits(at_once=0)
    assert client.ask("GET", f"{RUNS}/{github.runs[0]['id']}")[0] == 403
    assert github.limits.refused == 1


@pytest.mark.parametrize(
    ("fault", "is_done"),
    [
        pytest.param(Fault(how="drop"), False, id="reset"),
        pytest.param(Fault(how="drop", done=True), True, id="answer-lost"),
        pytest.param(Fault(how="half", done=True), True, id="half-an-answer"),
        pytest.param(Fault(how="html", status=200), False, id="html"),
    ],
)
def test_fault_breaks_response_with_or_without_the_work_done(
    client: ApiClient, github: GithubServer, fault: Fault, *, is_done: bool
) -> None:
    github.fault(fault)
    with pytest.raises(requests.RequestException):
        client.create()
    assert len(github.runs) == is_done


def test_fault_matches_method_path_and_count(client: ApiClient, github: GithubServer) -> None:
    data = {"message": "later"}
    rule = Fault(method="POST", path="/check-runs$", nth=(2,), how="answer", status=503, body=data)
    github.fault(rule)
    github.fault(Fault(path="/check-runs$", nth=(3,), how="answer", status=429, headers={"Retry-After": "7"}))
    assert [client.create()[0] for _ in range(4)] == [201, 503, 429, 201]


def test_a_fault_may_only_delay(client: ApiClient, github: GithubServer) -> None:
    github.fault(Fault(how="none", delay_seconds=0.05))
    began = time.monotonic()
    assert client.create()[0] == 201
    assert time.monotonic() - began >= 0.05


def test_server_serves_other_process(tmp_path: Path) -> None:
    log = tmp_path / "requests.jsonl"
    fault = json.dumps({"method": "POST", "nth": [2], "how": "answer", "status": 502})
    command = [sys.executable, "-m", "tests.support.github.server", "--log", str(log), "--fault", fault]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            data = json.loads(process.stdout.readline())
            headers = {"Authorization": f"Bearer {data['github_token']}"}
            responses = [
                requests.post(data["url"] + RUNS, json=NEW, headers=headers, timeout=HANG_SECONDS) for _ in range(2)
            ]
        finally:
            process.kill()
    assert [answer.status_code for answer in responses] == [201, 502]
    assert [json.loads(line)["status"] for line in log.read_text().splitlines()] == [201, 502]


@pytest.mark.parametrize(
    ("change", "status"),
    [
        pytest.param({}, 201, id="state-alone"),
        pytest.param({"state": "neutral"}, 422, id="unknown-state"),
        pytest.param({"description": "d" * 140}, 201, id="description-140"),
        pytest.param({"description": "d" * 141}, 422, id="description-141"),
        pytest.param({"context": "c" * 255}, 201, id="context-255"),
        pytest.param({"context": "c" * 256}, 422, id="context-256"),
        pytest.param({"target_url": "https://github.test/a"}, 201, id="link"),
        pytest.param({"target_url": "ftp://github.test/a"}, 422, id="link-of-another-scheme"),
    ],
)
def test_a_commit_status_within_its_limits_is_taken(client: ApiClient, change: dict[str, Any], status: int) -> None:
    client.may(statuses="write")
    assert client.ask("POST", STATUSES, {"state": "pending"} | change)[0] == status


def test_commit_status_needs_its_permission(client: ApiClient) -> None:
    assert client.ask("POST", STATUSES, {"state": "pending"})[0] == 403
    client.may(statuses="read")
    assert client.ask("POST", STATUSES, {"state": "pending"})[0] == 403


def test_commit_and_context_have_a_thousand_statuses(client: ApiClient, github: GithubServer) -> None:
    client.may(statuses="write")
    client.ask("POST", STATUSES, {"state": "pending"})
    github.world.statuses *= MOST_PER_CONTEXT - 1
    assert client.ask("POST", STATUSES, {"state": "success"})[0] == 201
    status, body = client.ask("POST", STATUSES, {"state": "success"})
    assert (status, "maximum number of statuses" in body["message"]) == (422, True)
    assert client.ask("POST", STATUSES, {"state": "success", "context": "another"})[0] == 201
    assert client.ask("POST", STATUSES.replace(SHA, "f" * 40), {"state": "success"})[0] == 201


COMMENTS = f"/repos/{REPOSITORY}/issues/12/comments"


def test_comment_is_created_listed_changed_and_deleted(client: ApiClient, github: GithubServer) -> None:
    github.world.pull_heads[12] = SHA
    client.may(pull_requests="write")
    status, created = client.ask("POST", COMMENTS, {"body": "one"})
    comment = f"/repos/{REPOSITORY}/issues/comments/{created['id']}"
    assert (status, created["user"]) == (201, {"login": "pytest-checks[bot]", "type": "Bot"})
    assert created["performed_via_github_app"]["id"] == github.app.id
    client.ask("POST", COMMENTS, {"body": "two"})
    assert client.ask("PATCH", comment, {"body": "three"})[0] == 200
    assert [shown["body"] for page in client.pages(f"{COMMENTS}?per_page=1") for shown in page] == ["three", "two"]
    assert client.ask("DELETE", comment) == (204, None)
    assert [client.ask(method, comment, {"body": "four"})[0] for method in ("PATCH", "DELETE")] == [404, 404]


@pytest.mark.parametrize(
    ("body", "status"), [("", 422), (" \n", 422), (None, 422), ("x" * 65_536, 201), ("é" * 65_537, 422)]
)
def test_comment_within_its_limit_is_accepted(
    client: ApiClient, github: GithubServer, body: str | None, status: int
) -> None:
    github.world.pull_heads[12] = SHA
    client.may(pull_requests="write")
    assert client.ask("POST", COMMENTS, {"body": body})[0] == status


def test_comment_needs_one_of_two_permissions_and_an_open_conversation(client: ApiClient, github: GithubServer) -> None:
    client.may(pull_requests="write")
    assert client.ask("GET", COMMENTS)[0] == 404
    github.world.pull_heads[12] = SHA
    permissions = [{"checks": "write"}, {"pull_requests": "read"}, {"pull_requests": "write"}, {"issues": "write"}]
    statuses = []
    for permission in permissions:
        client.may(**permission)
        statuses.append((client.ask("GET", COMMENTS)[0], client.ask("POST", COMMENTS, {"body": "b"})[0]))
    assert statuses == [(403, 403), (200, 403), (200, 201), (200, 201)]
    github.world.locked.add(12)
    assert client.ask("POST", COMMENTS, {"body": "b"})[0] == 403


def test_comments_are_listed_since_their_last_change(client: ApiClient, github: GithubServer) -> None:
    github.world.pull_heads[12] = "a" * 40
    client.token = github.world.actions_token(REPOSITORY, pull_requests="write")
    created = client.ask("POST", COMMENTS, {"body": "one"})[1]
    assert len(client.ask("GET", f"{COMMENTS}?since={created['updated_at']}")[1]) == 1
    assert client.ask("GET", f"{COMMENTS}?since=2999-01-01T00:00:00Z")[1] == []


def test_reaction_is_added_once_and_needs_pull_requests(client: ApiClient, github: GithubServer) -> None:
    github.world.pull_heads[12] = "a" * 40
    client.token = github.world.actions_token(REPOSITORY, pull_requests="write")
    created = client.ask("POST", COMMENTS, {"body": "one"})[1]
    reactions = f"/repos/{REPOSITORY}/issues/comments/{created['id']}/reactions"
    assert [client.ask("POST", reactions, {"content": "+1"})[0] for _ in range(2)] == [201, 200]
    assert client.ask("POST", reactions, {"content": "thumbs"})[0] == 422
    client.token = github.world.actions_token(REPOSITORY, issues="write")
    assert client.ask("POST", reactions, {"content": "+1"})[0] == 403


def test_pull_request_has_its_state_and_commits(client: ApiClient, github: GithubServer) -> None:
    github.world.pull_heads[12], github.world.pull_commits[12] = "a" * 40, ["b" * 40, "a" * 40]
    client.token = github.world.actions_token(REPOSITORY, pull_requests="read")
    pull = f"/repos/{REPOSITORY}/pulls/12"
    assert client.ask("GET", pull)[1]["state"] == "open"
    github.world.closed.add(12)
    assert client.ask("GET", pull)[1]["state"] == "closed"
    assert [commit["sha"] for commit in client.ask("GET", f"{pull}/commits")[1]] == ["b" * 40, "a" * 40]
    assert client.ask("GET", f"/repos/{REPOSITORY}/pulls/13/commits")[0] == 404
