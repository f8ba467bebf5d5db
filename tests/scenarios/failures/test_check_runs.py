"""The program `failures` with check runs on GitHub."""

from __future__ import annotations

import json
import subprocess
from operator import itemgetter
from pathlib import Path

import pytest

from checks.core.model.manual import ManualRecord, VerdictAction, VerdictRequest, VerdictSource
from tests.support.github.server import REPOSITORY, GithubServer
from tests.support.manual.server_runs import create_manual_run
from tests.support.rules import rule
from tests.support.runner.jobs import Job, JobOf
from tests.support.runner.shell import run_in_shell

TESTS = """import pytest, shop

@pytest.mark.parametrize("tea", range(120))
def test_price(tea):
    print("asking for", tea)
    assert shop.price(tea) == 1

def test_label(): assert "assam" == "green"

@pytest.fixture
def till(): raise OSError("no till")

def test_till(till): pass
"""
FAILED_BY_HAND = ManualRecord(
    instructions="9f3c52d1a0b4",
    request=VerdictRequest(
        action=VerdictAction.FAIL,
        by="octocat",
        at=1_764_261_600.0,
        source=VerdictSource.TERMINAL,
        reason="no light",
    ),
)
FILES = {"shop/shop.py": "def price(tea):\n    return {}[tea]\n", "shop/test_shop.py": TESTS}


def ask(job: Job, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run the program with a token that may read checks and pull requests."""
    token = job.github.world.actions_token(REPOSITORY, checks="read", pull_requests="read")
    variables = {"CHECKS_GITHUB_TOKEN": token, "GITHUB_API_URL": job.github.url, **env}
    return run_in_shell(job.folder, "failures", "--repo", REPOSITORY, *arguments, **variables)


@pytest.fixture
def job(job_of: JobOf) -> Job:
    """A job whose tests fail, all in one folder, on a commit of a branch."""
    job = job_of(FILES)
    job.github.world.branches["topic"] = job.sha
    return job


@rule("The failure report: check runs on GitHub")
def test_report_of_annotations_equals_that_of_the_run(job: Job, github: GithubServer) -> None:
    result = job.run(working_directory="shop", category="unit")
    local = json.loads((job.workspace / result.outputs["failures-json"]).read_text())
    requests = len(github.requests)
    completed = ask(job, "--sha", job.sha, "--json")
    assert completed.returncode == 0
    (remote,) = json.loads(completed.stdout)
    for failure in local["failures"]:
        failure["seconds"] = None  # which an annotation does not tell, nor the stage of a call
        failure["stage"] = None if failure["stage"] == "call" else failure["stage"]
        failure["traceback"] = failure["traceback"].rstrip()
        for section in failure["captured"]:
            section["text"] = section["text"].rstrip()
    by_title = itemgetter("title")
    pairs = zip(*(sorted(each["failures"], key=by_title) for each in (remote, local)), strict=True)
    for returned, own in pairs:
        assert returned == own
    same = ("schema", "check", "status", "conclusion", "title", "repository", "commit", "from_fork")
    assert {name: remote[name] for name in same} == {name: local[name] for name in same}
    causes = [{**cause, "source": None} for cause in local["causes"]]
    assert [{**cause, "nodeids": sorted(cause["nodeids"])} for cause in remote["causes"]] == [
        {**cause, "nodeids": sorted(cause["nodeids"])} for cause in causes
    ]
    assert remote["causes"][0]["reproduce"].startswith("cd shop && pytest 'test_shop.py::test_price[")
    assert len(github.requests) - requests == 4
    assert completed.stderr == "4 requests to GitHub.\n"


@pytest.mark.slow
def test_overview_comes_first_and_has_all_of_a_check_that_passed(job: Job) -> None:
    job.run(working_directory="shop", category="unit")
    job.env["GITHUB_RUN_ID"] = "2"
    job.run(working_directory="shop", category="docs", pytest_args="-k nothing", no_tests="success")
    text = ask(job, "--sha", job.sha).stdout
    overview, _, reports = text.partition("\n\n# ")
    assert overview.startswith(f"# Checks of `{REPOSITORY}` at `{job.sha}`\n\n")
    assert "\n- `pytest (docs)`: `success`, no tests ran" in overview
    assert "\n- `pytest (unit)`: `failure`, 121 failed (3 causes), 1 error in " in overview
    assert reports.startswith("`pytest (unit)`: `failure`\n\n121 failed (3 causes)")
    assert "## Cause 1: `KeyError: 0` at `shop/shop.py:2`, 120 tests" in reports
    assert "`pytest (docs)`" not in reports


def test_running_check_has_its_status_and_its_failures_so_far(job: Job, github: GithubServer) -> None:
    job.run(working_directory="shop", pytest_args="-k 'test_label or test_till'")
    github.run.update(status="in_progress", conclusion=None)
    text = ask(job, "--sha", job.sha).stdout
    assert "\n- `pytest`: `in_progress`, " in text
    assert "at `shop/test_shop.py:8`, 1 test\n" in text


def test_check_without_failures_says_why_it_did_not_pass(job: Job) -> None:
    job.run(working_directory="shop", install="echo no such package; false")
    text = ask(job, "--sha", job.sha).stdout
    assert "# `pytest`: `action_required`\n\ninstall failed" in text
    assert "no such package" in text


def test_manual_check_has_a_persons_verdict_and_no_tests(job: Job, github: GithubServer) -> None:
    create_manual_run(github, job.sha, record=FAILED_BY_HAND)
    requests = len(github.requests)
    text = ask(job, "--sha", job.sha).stdout
    assert "\n- `pytest (device)`: `failure`, Failed by octocat: no light\n" in text
    assert "Failed by octocat at 2025-11-27 16:40 UTC, from a terminal." in text
    assert len(github.requests) - requests == 2


@pytest.mark.parametrize(("branch", "is_fork"), [pytest.param("topic", False, marks=pytest.mark.slow), (None, True)])
def test_pull_request_names_its_commit_and_whether_it_is_a_forks(
    job: Job, github: GithubServer, branch: str | None, *, is_fork: bool
) -> None:
    del github.world.branches["topic"]
    github.pushed(job.sha, branch, before="0" * 40, pull_requests=[12])
    job.run(working_directory="shop", pytest_args="-k test_label")
    text = ask(job, "--pr", "12").stdout
    assert f"at `{job.sha}`, pull request 12\n" in text
    assert ("fork" in text.partition("\n")[0]) is is_fork
    assert ("fork" in ask(job, "--sha", job.sha).stdout.partition("\n")[0]) is is_fork


@pytest.mark.slow
def test_app_that_may_only_read_checks_is_enough(job: Job, github: GithubServer) -> None:
    job.run(working_directory="shop", pytest_args="-k test_label")
    github.installation.permissions = {"checks": "read", "metadata": "read"}
    app = {"CHECKS_APP_ID": github.app.client_id, "CHECKS_PRIVATE_KEY": github.app.private_key}
    completed = ask(job, "--sha", job.sha, CHECKS_GITHUB_TOKEN="", **app)
    assert (completed.returncode, "at `shop/test_shop.py:8`, 1 test\n" in completed.stdout) == (0, True)


def test_commit_without_a_check_run_is_an_error(job: Job) -> None:
    completed = ask(job, "--sha", job.sha)
    assert (completed.returncode, completed.stdout) == (1, "")
    assert f"Error: No check run of this action is on commit {job.sha} of {REPOSITORY}.\n" in completed.stderr
    assert (json.loads(ask(job, "--sha", job.sha, "--json").stdout)) == []


def test_refused_request_is_an_error_with_a_remedy(job: Job, github: GithubServer) -> None:
    token = github.world.actions_token(REPOSITORY, checks="read")
    completed = ask(job, "--pr", "12", CHECKS_GITHUB_TOKEN=token)
    assert (completed.returncode, completed.stdout) == (2, "")
    assert "Resource not accessible by integration" in completed.stderr


def test_mistakes_are_reported_together(tmp_path: Path) -> None:
    completed = run_in_shell(tmp_path, "failures", "--sha", "main", "--pr", "x", GITHUB_API_URL="nowhere")
    assert completed.returncode == 2
    assert [line.partition(": ")[2].partition(":")[0] for line in completed.stderr.splitlines()] == [
        "--repo",
        "--sha and --pr",
        "--sha",
        "--pr",
        "CHECKS_GITHUB_TOKEN",
        "GITHUB_API_URL",
    ]
