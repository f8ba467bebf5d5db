"""The server that stands in for GitHub keeps GitHub's limits and rules."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest
import requests

from tests.github_server import REPOSITORY, Fault, GithubServer
from tests.github_world import App, rsa_key

RUNS = f"/repos/{REPOSITORY}/check-runs"
SHA = "c0ffee" + "0" * 34
OUTPUT = {"title": "t", "summary": "s"}
NEW = {"name": "pytest", "head_sha": SHA}
ANNOTATION = {"path": "a.py", "start_line": 1, "end_line": 1, "annotation_level": "notice", "message": "m"}
ACTION = {"label": "l", "description": "d", "identifier": "i"}


class Client:
    """Speaks plain HTTP."""

    def __init__(self, server: GithubServer) -> None:
        self.server = server
        self.session = requests.Session()
        self.token = ""

    def ask(self, method: str, path: str, body: Any = None, token: str | None = None) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {self.token if token is None else token}"}
        answer = self.session.request(method, self.server.url + path, json=body, headers=headers, timeout=5)
        return answer.status_code, answer.json()

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
def client(github: GithubServer) -> Iterator[Client]:
    client = Client(github)
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
def test_output_within_its_limits_is_taken(client: Client, output: dict[str, Any], status: int) -> None:
    assert client.create(output=OUTPUT | output)[0] == status


@pytest.mark.parametrize("missing", ["title", "summary"])
def test_output_needs_title_and_summary(client: Client, missing: str) -> None:
    assert client.create(output={key: text for key, text in OUTPUT.items() if key != missing})[0] == 422


@pytest.mark.parametrize(("number", "status"), [(49, 200), (50, 200), (51, 422)])
def test_fifty_annotations_a_request(client: Client, number: int, status: int) -> None:
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
def test_an_annotation_within_its_limits_is_taken(client: Client, change: dict[str, Any], status: int) -> None:
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
def test_actions_within_their_limits_are_taken(client: Client, actions: list[Any], status: int) -> None:
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
def test_a_run_within_its_limits_is_taken(client: Client, change: dict[str, Any], status: int) -> None:
    assert client.create(**change)[0] == status


def test_a_refusal_reads_as_githubs(client: Client) -> None:
    status, body = client.create(output=OUTPUT | {"annotations": [ANNOTATION] * 51})
    assert (status, body["status"]) == (422, "422")
    assert body["message"] == "Invalid request.\n\nNo more than 50 items are allowed; 51 were supplied."
    assert body["documentation_url"].startswith("https://docs.github.com/")


def test_a_conclusion_completes(client: Client) -> None:
    _, run = client.create(conclusion="success")
    assert run["status"] == "completed"
    assert run["completed_at"]


def test_an_update_replaces_output_and_appends_annotations(client: Client, github: GithubServer) -> None:
    _, run = client.create(output=OUTPUT | {"text": "first", "annotations": [ANNOTATION]})
    path = f"{RUNS}/{run['id']}"
    client.ask(
        "PATCH", path, {"output": {"title": "2", "summary": "2", "annotations": [ANNOTATION | {"path": "b.py"}]}}
    )
    client.ask("PATCH", path, {"status": "in_progress"})
    _, run = client.ask("GET", path)
    assert (run["output"]["title"], run["output"]["text"], run["output"]["annotations_count"]) == ("2", None, 2)
    assert [annotation["path"] for annotation in github.annotations()] == ["a.py", "b.py"]


def test_annotations_come_in_pages(client: Client, github: GithubServer) -> None:
    client.annotate(*(ANNOTATION | {"start_line": line, "end_line": line} for line in range(1, 36)))
    path = f"{RUNS}/{github.run['id']}/annotations"
    pages = [client.ask("GET", f"{path}{query}")[1] for query in ("", "?page=2", "?per_page=20&page=2", "?page=3")]
    assert [(len(page), page[0]["start_line"] if page else None) for page in pages] == [
        (30, 1),
        (5, 31),
        (15, 21),
        (0, None),
    ]


def test_the_runs_of_a_commit_are_filtered(client: Client, github: GithubServer) -> None:
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


def test_a_jobs_token_makes_runs_of_github_actions(client: Client) -> None:
    _, run = client.create()
    assert (run["app"]["id"], run["app"]["slug"]) == (15368, "github-actions")


def test_a_read_only_token_may_look_but_not_write(client: Client, github: GithubServer) -> None:
    client.create()
    client.token = github.world.actions_token(REPOSITORY, checks="read")
    assert client.ask("GET", f"{RUNS}/{github.run['id']}")[0] == 200
    status, body = client.create()
    assert (status, body["message"]) == (403, "Resource not accessible by integration")


def test_only_the_app_that_made_a_run_may_change_it(client: Client, github: GithubServer) -> None:
    client.create()
    _, granted = client.ask("POST", f"/app/installations/{github.installation.id}/access_tokens", {}, client.jwt())
    status, body = client.ask("PATCH", f"{RUNS}/{github.run['id']}", {"output": OUTPUT}, granted["token"])
    assert status == 403
    assert "can only be modified by the GitHub App that created it" in body["message"]


def test_bad_and_expired_tokens_get_401(client: Client, github: GithubServer) -> None:
    assert client.ask("POST", RUNS, NEW, "ghs_wrong")[0] == 401
    github.clock_ahead_seconds = 3599
    assert client.create()[0] == 201
    github.clock_ahead_seconds = 3601
    assert client.create()[0] == 401


def test_another_repository_is_not_found(client: Client) -> None:
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
def test_a_jwt_must_say_who_and_when(client: Client, changes: dict[str, Any], status: int) -> None:
    assert client.ask("GET", f"/repos/{REPOSITORY}/installation", token=client.jwt(**changes))[0] == status


@pytest.mark.parametrize(
    ("claim", "seconds", "status"),
    [("exp", 598, 200), ("exp", 605, 401), ("exp", -1, 401), ("iat", -1, 200), ("iat", 5, 401)],
)
def test_a_jwt_lives_ten_minutes_at_most(client: Client, claim: str, seconds: int, status: int) -> None:
    token = client.jwt(**{claim: int(time.time()) + seconds})
    assert client.ask("GET", f"/repos/{REPOSITORY}/installation", token=token)[0] == status


def test_a_jwt_of_another_key_gets_401(client: Client, github: GithubServer) -> None:
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
    client: Client, github: GithubServer, body: dict[str, Any], status: int
) -> None:
    path = f"/app/installations/{github.installation.id}/access_tokens"
    got, granted = client.ask("POST", path, body, client.jwt())
    assert got == status
    if status == 201:
        assert granted["permissions"] == body.get("permissions", github.installation.permissions)


def test_a_repository_without_the_app_has_no_installation(client: Client) -> None:
    assert client.ask("GET", "/repos/octo/other/installation", token=client.jwt())[0] == 404


def test_a_suspended_installation_gets_no_token(client: Client, github: GithubServer) -> None:
    github.installation.is_suspended = True
    path = f"/app/installations/{github.installation.id}/access_tokens"
    assert client.ask("POST", path, {}, client.jwt())[0] == 403


def test_the_life_of_a_token_is_the_servers_to_say(client: Client, github: GithubServer) -> None:
    github.world.token_seconds = 60
    path = f"/app/installations/{github.installation.id}/access_tokens"
    _, granted = client.ask("POST", path, {}, client.jwt())
    github.clock_ahead_seconds = 61
    assert client.ask("POST", RUNS, NEW, granted["token"])[0] == 401


def test_an_enterprise_server_is_the_same_below_its_path(client: Client) -> None:
    assert client.ask("POST", f"/api/v3{RUNS}", NEW)[0] == 201


def test_requests_are_recorded(client: Client, github: GithubServer) -> None:
    client.create(output=OUTPUT)
    client.ask("GET", f"/repos/{REPOSITORY}/commits/{SHA}/check-runs?page=1", token="no")
    write, read = github.requests
    assert (write.method, write.path, write.kind, write.status) == ("POST", RUNS, "actions", 201)
    assert write.body == NEW | {"output": OUTPUT}
    assert (read.query, read.kind, read.status) == ({"page": "1"}, "none", 401)
    assert (github.writes, github.reads) == ([write], [read])
    assert abs(write.time - time.time()) < 60


@pytest.mark.parametrize(
    ("fault", "is_done"),
    [
        pytest.param(Fault(how="drop"), False, id="reset"),
        pytest.param(Fault(how="drop", done=True), True, id="answer-lost"),
        pytest.param(Fault(how="half", done=True), True, id="half-an-answer"),
        pytest.param(Fault(how="html", status=200), False, id="html"),
    ],
)
def test_a_fault_breaks_the_answer_whether_the_work_was_done_or_not(
    client: Client, github: GithubServer, fault: Fault, *, is_done: bool
) -> None:
    github.fault(fault)
    with pytest.raises(requests.RequestException):
        client.create()
    assert len(github.runs) == is_done


def test_a_fault_answers_as_told_and_matches_by_method_path_and_count(client: Client, github: GithubServer) -> None:
    told = {"message": "later"}
    rule = Fault(method="POST", path="/check-runs$", nth=(2,), how="answer", status=503, body=told)
    github.fault(rule)
    github.fault(Fault(path="/check-runs$", nth=(3,), how="answer", status=429, headers={"Retry-After": "7"}))
    assert [client.create()[0] for _ in range(4)] == [201, 503, 429, 201]


def test_a_fault_may_only_delay(client: Client, github: GithubServer) -> None:
    github.fault(Fault(how="none", delay_seconds=0.05))
    began = time.monotonic()
    assert client.create()[0] == 201
    assert time.monotonic() - began >= 0.05


def test_it_serves_another_process(tmp_path: Path) -> None:
    log = tmp_path / "requests.jsonl"
    fault = json.dumps({"method": "POST", "nth": [2], "how": "answer", "status": 502})
    command = [sys.executable, "-m", "tests.github_server", "--log", str(log), "--fault", fault]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            told = json.loads(process.stdout.readline())
            headers = {"Authorization": f"Bearer {told['github_token']}"}
            answers = [requests.post(told["url"] + RUNS, json=NEW, headers=headers, timeout=5) for _ in range(2)]
        finally:
            process.kill()
    assert [answer.status_code for answer in answers] == [201, 502]
    assert [json.loads(line)["status"] for line in log.read_text().splitlines()] == [201, 502]
