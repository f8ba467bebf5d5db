"""The program `verdict`, as people run it in a shell."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from checks.core.model.manual import VerdictSource
from tests.support.github.server import REPOSITORY, Fault, GithubServer
from tests.support.manual.server_runs import create_manual_run, record_of, states
from tests.support.runner.shell import run_in_shell

COMMIT = "c0ffee" + "0" * 34
WAITING = ("action_required", "Waiting for a verdict")


@pytest.fixture
def run(github: GithubServer) -> int:
    """The id of a manual check's run that waits for a verdict."""
    return int(create_manual_run(github, COMMIT)["id"])


def say(github: GithubServer, folder: Path, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run the program with the App's key in a file."""
    key = folder / "key.pem"
    key.write_text(github.app.private_key)
    app = {"CHECKS_APP_ID": github.app.client_id, "CHECKS_PRIVATE_KEY_FILE": str(key), "GITHUB_API_URL": github.url}
    options = "--repo", REPOSITORY, "--sha", COMMIT, "--by", "octocat"
    return run_in_shell(folder, "verdict", *arguments, *options, **{**app, **env})


def test_verdict_is_recorded_and_printed(run: int, github: GithubServer, tmp_path: Path) -> None:
    completed = say(github, tmp_path, "pass", "device", "--reason", "green @light")
    created = github.runs[-1]
    line = f"pytest (device): Passed by octocat: green @light {created['html_url']}\n"
    assert (completed.returncode, completed.stdout, completed.stderr) == (0, line, "")
    assert states(github) == [WAITING, ("success", "Passed by octocat: green @light")]
    record = record_of(created)
    assert record is not None
    assert record.verdict is not None
    assert (record.verdict.source, record.verdict.event, record.commit) == (VerdictSource.TERMINAL, "", COMMIT)
    assert "from a terminal" in created["output"]["summary"]
    assert "@light" not in created["output"]["summary"]

    again = say(github, tmp_path, "pass", "pytest (device)")
    assert (again.returncode, again.stdout, len(github.runs)) == (0, line, 2)

    undone = say(github, tmp_path, "undo", "device")
    assert undone.stdout == f"pytest (device): Waiting for a verdict again {github.runs[-1]['html_url']}\n"
    assert (github.runs[-1]["conclusion"], len(github.runs)) == ("action_required", 3)
    assert run == github.runs[0]["id"]


@pytest.mark.usefixtures("run")
def test_secrets_in_the_reason_are_redacted(github: GithubServer, tmp_path: Path) -> None:
    secret = "correct-horse-battery"
    completed = say(github, tmp_path, "pass", "device", "--reason", f"sent {secret}", BENCH_PASSWORD=secret)
    assert completed.stdout.startswith("pytest (device): Passed by octocat: sent *** ")
    assert secret not in str(github.runs)


@pytest.mark.usefixtures("run")
def test_unknown_check_is_an_error_with_the_nearest_names(github: GithubServer, tmp_path: Path) -> None:
    completed = say(github, tmp_path, "fail", "devise")
    assert (completed.returncode, completed.stdout) == (2, "")
    assert completed.stderr == (
        'Error: NAME: commit c0ffee0 has no manual check "devise". The nearest names: device.\n'
    )
    assert states(github) == [WAITING]


@pytest.mark.slow
@pytest.mark.usefixtures("run")
def test_refused_status_is_a_warning_beside_the_verdict(github: GithubServer, tmp_path: Path) -> None:
    create_manual_run(github, COMMIT, "page", has_commit_status=True)
    completed = say(github, tmp_path, "fail", "page")
    assert (completed.returncode, completed.stdout.partition(" http")[0]) == (0, "pytest (page): Failed by octocat")
    assert completed.stderr.startswith("Warning: The App cannot write commit statuses in octo/demo (422")


@pytest.mark.slow
@pytest.mark.usefixtures("run")
def test_refusal_of_github_is_an_error(github: GithubServer, tmp_path: Path) -> None:
    body = {"message": "Resource not accessible by integration"}
    github.fault(Fault(method="POST", path="/check-runs$", how="answer", status=403, body=body))
    completed = say(github, tmp_path, "fail", "device")
    assert (completed.returncode, completed.stdout) == (2, "")
    assert "Error: The App cannot write checks in octo/demo" in completed.stderr


@pytest.mark.slow
def test_mistakes_are_reported_together(github: GithubServer, tmp_path: Path) -> None:
    completed = run_in_shell(tmp_path, "verdict", "passed", "", "--sha", "main", GITHUB_API_URL="nowhere")
    assert completed.returncode == 2
    assert [line.partition(": ")[2].partition(":")[0] for line in completed.stderr.splitlines()] == [
        "--repo",
        "VERDICT",
        "NAME",
        "--sha",
        "--by",
        "CHECKS_APP_ID and CHECKS_PRIVATE_KEY",
        "GITHUB_API_URL",
    ]
    assert github.requests == []
