"""Reports of tests that ran elsewhere become a check run, without running anything."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.support.github.server import REPOSITORY, GithubServer
from tests.support.rules import rule
from tests.support.runner.jobs import AUTOLOAD_OFF, Job, JobOf
from tests.support.runner.shell import run_in_shell

FILES = {
    "shop/cart.py": "def add(price):\n    return {'tea': 450}[price]\n",
    "shop/test_cart.py": (
        "import pytest, cart\n\n\ndef test_bad():\n    cart.add('green')\n\n\ndef test_ok(): pass\n\n\n"
        "@pytest.mark.skip(reason='later')\ndef test_later(): pass\n"
    ),
}
OTHERS = {"test_more.py": "def test_ok(): pass\n\n\ndef test_more(): assert 0\n"}


ReportOf = Callable[[Mapping[str, str], str], str]


@pytest.fixture(scope="module")
def report_of(tmp_path_factory: pytest.TempPathFactory) -> ReportOf:
    """Return a report that pytest-json-report alone wrote of these files, once for each."""
    reports: dict[str, str] = {}

    def make(files: Mapping[str, str], folder: str) -> str:
        if (key := repr((files, folder))) not in reports:
            elsewhere = tmp_path_factory.mktemp("elsewhere") / "demo" / "demo"
            for name, text in files.items():
                (elsewhere / name).parent.mkdir(parents=True, exist_ok=True)
                (elsewhere / name).write_text(text)
            report = elsewhere.parents[1] / "report.json"
            options = ["-p", "pytest_jsonreport", "--json-report", f"--json-report-file={report}"]
            command = [sys.executable, "-m", "pytest", f"--rootdir={elsewhere / folder}", *options]
            subprocess.run(command, cwd=elsewhere / folder, env={**os.environ, **AUTOLOAD_OFF}, check=False)
            reports[key] = report.read_text()
        return reports[key]

    return make


@pytest.fixture
def job_of(github: GithubServer, tmp_path: Path, report_of: ReportOf) -> JobOf:
    """A job whose checkout has a report from elsewhere."""

    def make(files: Mapping[str, str] = FILES, folder: str = "shop") -> Job:
        job = Job(github=github, folder=tmp_path / "job", files=files)
        (job.workspace / "reports").mkdir()
        (job.workspace / "reports" / "unit.json").write_text(report_of(files, folder))
        return job

    return make


def test_report_becomes_check_run_with_repository_paths(job_of: JobOf, github: GithubServer) -> None:
    result = job_of().run(program="publish", report="reports/*.json", category="unit")
    run = github.run
    assert (result.exit_status, run["name"], run["status"], run["conclusion"]) == (
        1,
        "pytest (unit)",
        "completed",
        "failure",
    )
    assert run["output"]["title"].startswith("1 failed, 1 passed, 1 skipped")
    assert sorted((a["path"], a["start_line"], a["annotation_level"], a["title"]) for a in github.annotations()) == [
        ("shop/cart.py", 2, "failure", "test_cart.py::test_bad"),
        ("shop/test_cart.py", 8, "notice", "test_cart.py::test_ok"),
        ("shop/test_cart.py", 11, "notice", "test_cart.py::test_later"),
    ]
    assert "KeyError: 'green'" in run["output"]["summary"]
    assert "The tested commit is unknown" in run["output"]["summary"]
    assert "\ncd shop && pytest test_cart.py::test_bad\n" in run["output"]["summary"]
    assert (result.outputs["conclusion"], result.outputs["failed"]) == ("failure", "1")
    assert "KeyError" in result.summary


@rule("GitHub's side: GitHub is back later")
def test_saved_report_is_published_unchanged(github: GithubServer, tmp_path: Path) -> None:
    job = Job(github=github, folder=tmp_path, files=FILES)
    report = job.run(working_directory="shop").outputs["report"]
    first = {(a["path"], a["start_line"], a["title"], a["message"]) for a in github.annotations()}
    second = job.run("publish", report=report, head_sha=job.sha, category="again")
    published = next(run for run in github.runs if run["name"] == "pytest (again)")
    assert second.exit_status == 1
    assert {
        (a["path"], a["start_line"], a["title"], a["message"]) for a in github.annotations(published["id"])
    } == first


def test_several_reports_become_one_check_run(job_of: JobOf, github: GithubServer) -> None:
    job = job_of(OTHERS, ".")
    shutil.copy(job.workspace / "reports" / "unit.json", job.workspace / "reports" / "more.json")
    job.run(program="publish", report="reports/unit.json\nreports/more.json")
    assert github.run["output"]["title"].startswith("2 failed, 2 passed")
    assert Counter(a["title"] for a in github.annotations()) == {
        "test_more.py::test_ok": 2,
        "test_more.py::test_more": 2,
    }


def test_report_without_an_exit_status_never_succeeds(job_of: JobOf, github: GithubServer) -> None:
    job = job_of({"test_ok.py": "def test_ok(): pass\n"}, ".")
    path = job.workspace / "reports" / "unit.json"
    report = json.loads(path.read_text())
    path.write_text(json.dumps({key: report[key] for key in ("root", "tests")})[:-1])
    result = job.run(program="publish", report="reports/unit.json")
    assert (result.exit_status, github.run["conclusion"]) == (1, "failure")
    assert github.run["output"]["title"].startswith("incomplete report · 1 passed")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("report", "message"),
    [("", "no report is named"), ("reports/none*.json", "no file matches"), ("../x", "not allowed")],
)
def test_invalid_report_input_requires_action(job_of: JobOf, github: GithubServer, report: str, message: str) -> None:
    result = job_of().run(program="publish", report=report)
    assert (result.exit_status, github.run["conclusion"]) == (2, "action_required")
    assert message in github.run["output"]["summary"]


REFUSED = """
Error: `--passing` / `CHECKS_PASSING`: "some" is not allowed. Allowed: each, file or none.

Error: `REPORT` / `CHECKS_REPORT`: no report is named, and `publish` runs no tests. Name the report files of
pytest-json-report, such as reports/*.json.

Error: `--app-id` / `CHECKS_APP_ID` and `CHECKS_PRIVATE_KEY` / `CHECKS_PRIVATE_KEY_FILE`: they are not set, and without
credentials no check run can be created. Set them to those of your App, or set `CHECKS_GITHUB_TOKEN` to a token that can
write checks.

Error: `GITHUB_REPOSITORY`: it is not set, so the repository of the check run is unknown. Set it to OWNER/REPO.

Error: `--head-sha` / `CHECKS_HEAD_SHA`: it is not set, so the commit of the check run is unknown. Set it to the output
of `git rev-parse HEAD`.

Nothing was run, and no check run was created.
"""


def publish_in_a_shell(folder: Path, *arguments: str, **environ: str) -> tuple[int, str]:
    """Return the exit status and what is printed."""
    done = run_in_shell(folder, "publish", *arguments, **environ)
    assert done.stderr == ""
    return done.returncode, done.stdout


@rule("GitHub's side: publish in a shell lacks what it needs")
def test_refused_publish_in_a_shell_promises_nothing(tmp_path: Path) -> None:
    status, text = publish_in_a_shell(tmp_path, "--passing=some")
    assert (status, text.splitlines()) == (2, [line.replace("\n", " ") for line in REFUSED.strip().split("\n\n")])


def test_missing_report_in_a_shell_is_reported_with_the_rest(tmp_path: Path) -> None:
    status, text = publish_in_a_shell(tmp_path, "x*.json", CHECKS_GITHUB_TOKEN="ghs_x", CHECKS_HEAD_SHA="c" * 40)
    repository, report, _ = text.splitlines()
    assert (status, repository.startswith("Error: `GITHUB_REPOSITORY`: it is not set")) == (2, True)
    assert report.startswith("Error: `REPORT` / `CHECKS_REPORT`: 'x*.json': no file matches. ")


@pytest.mark.parametrize("repository", ["foo", "octo/demo/x", "https://github.com/octo/demo", "octo/"])
def test_repository_without_an_owner_in_a_shell_is_a_mistake(tmp_path: Path, repository: str) -> None:
    (tmp_path / "x.json").touch()
    environ = {"CHECKS_GITHUB_TOKEN": "ghs_x", "CHECKS_HEAD_SHA": "c" * 40, "GITHUB_REPOSITORY": repository}
    status, text = publish_in_a_shell(tmp_path, "x.json", **environ)
    assert status == 2
    assert text.startswith(f'Error: `GITHUB_REPOSITORY`: "{repository}" is not allowed. Set it to OWNER/REPO.\n')


def test_publish_in_a_shell_writes_plain_text(job_of: JobOf, github: GithubServer, tmp_path: Path) -> None:
    job = job_of()
    (tmp_path / "app.pem").write_text(github.app.private_key)
    environ = {
        "CHECKS_APP_ID": github.app.client_id,
        "CHECKS_PRIVATE_KEY_FILE": str(tmp_path / "app.pem"),
        "GITHUB_API_URL": github.url,
        "GITHUB_REPOSITORY": REPOSITORY,
    }
    status, text = publish_in_a_shell(job.workspace, "--head-sha", job.sha, "reports/unit.json", **environ)
    created, completed = text.splitlines()
    assert (status, github.run["conclusion"]) == (1, "failure")
    assert created.startswith("Created check run “pytest” with the GitHub App: http://")
    assert completed.startswith("pytest: failure, 1 failed, 1 passed, 1 skipped")


@pytest.mark.slow
def test_reports_can_be_named_on_the_command_line(job_of: JobOf, github: GithubServer) -> None:
    job = job_of()
    environ = job.environ({})
    variables = {
        f"CHECKS_{name[6:].replace('-', '_')}": text for name, text in environ.items() if name.startswith("INPUT_")
    }
    environ = {name: text for name, text in environ.items() if not name.startswith("INPUT_")} | variables
    entry = Path(__file__).parents[3] / "entrypoint.py"
    command = [sys.executable, str(entry), "publish", "reports/unit.json"]
    done = subprocess.run(command, cwd=job.workspace, env=environ, capture_output=True, text=True, check=False)
    assert (done.returncode, github.run["conclusion"]) == (1, "failure"), done.stdout + done.stderr


def test_check_run_is_on_the_commit_of_head_sha(job_of: JobOf, github: GithubServer) -> None:
    job = job_of()
    tested = job.sha
    job.commit("Later")
    job.run(program="publish", report="reports/unit.json", head_sha=tested)
    assert github.run["head_sha"] == tested


def test_published_results_have_a_commit_status(job_of: JobOf, github: GithubServer) -> None:
    github.installation.permissions["statuses"] = "write"
    job_of().run(program="publish", report="reports/*.json", category="unit", commit_status="true")
    last = github.world.statuses[-1]
    assert (last["context"], last["state"]) == ("status: pytest (unit)", "failure")
    assert last["target_url"] == github.run["html_url"]
