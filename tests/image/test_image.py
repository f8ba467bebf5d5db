"""Test the image built from the Dockerfile against a server that behaves like GitHub."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.image.job import RUNNER, ImageJob
from tests.support.github.server import REPOSITORY, GithubServer
from tests.support.rerun.reruns import WORKFLOW
from tests.support.tls import certificate

Start = Callable[[dict[str, str]], ImageJob]

PASSING = {"tests/test_shop.py": "def test_open():\n    pass\n\n\ndef test_tea():\n    pass\n"}
FAILING = {
    "shop.py": "def price(tea):\n    raise LookupError(f'no {tea} here')\n",
    "test_shop.py": "import shop\n\n\ndef test_price():\n    shop.price('Assam')\n",
}
#: After a few seconds its last test runs, beside a process that ignores signals and shows that it lives.
HANGING = {
    "test_shop.py": """
import subprocess
import time


def test_open():
    pass


def test_closing_time():
    subprocess.Popen(["sh", "-c", "trap '' INT TERM; while :; do touch beat; sleep 0.1; done"], start_new_session=True)
    time.sleep(60)
"""
}
SECONDS_UNTIL_IT_HANGS = 10

#: Tries everything to get workflow commands executed.
SHOUTING = """
import sys


def test_shouts(capfd):
    with capfd.disabled():
        print("\\n::error::forged\\n  ::add-mask::passed\\n##[error]forged\\n::endgroup::\\n::stop-commands::forged")
        print("::forged::\\n::set-output name=conclusion::success", file=sys.stderr)
        print("::error::without an end of its line", end="")
"""

#: Uses git as tests do, in another user's workspace, and leaves files there.
GIT = """
import subprocess


def test_git_takes_the_workspace_for_ours():
    subprocess.run(["git", "status", "--porcelain"], check=True)
    log = subprocess.run(["git", "log", "--format=%an"], check=True, capture_output=True, text=True)
    assert log.stdout == "Mona\\n"


def test_leaves_files(request):
    made = request.config.rootpath / "made" / "here"
    made.mkdir(parents=True)
    (made / "file").touch()
"""


def test_passing_project_concludes_success(job: Start, github: GithubServer) -> None:
    started = job(PASSING)
    result = started.run(stages="main,post")
    assert (result.exit_status, result.outputs["conclusion"], result.outputs["total"]) == (0, "success", "2")
    assert (github.run["name"], github.run["head_sha"]) == ("pytest", started.sha)
    assert (github.run["status"], github.run["conclusion"]) == ("completed", "success")
    assert [(note["path"], note["start_line"]) for note in github.annotations()] == [
        ("tests/test_shop.py", 1),
        ("tests/test_shop.py", 5),
    ]
    assert "2 passed" in result.summary
    assert "--- post ended with 0" in result.log


def test_failing_project_concludes_failure(job: Start, github: GithubServer) -> None:
    result = job(FAILING).run()
    assert (result.exit_status, result.outputs["conclusion"], result.outputs["failed"]) == (1, "failure", "1")
    assert json.loads(result.outputs["failed-tests"]) == ["test_shop.py::test_price"]
    (annotation,) = github.annotations()
    assert (annotation["path"], annotation["start_line"]) == ("shop.py", 2)
    assert annotation["message"] == "LookupError: no Assam here"
    before, _, rest = result.log.partition("::group::")
    page = github.run["html_url"]
    # The check run is created while the tests run, whose output is not interrupted.
    outside = [*before.splitlines(), *rest.partition("::endgroup::\n")[2].splitlines()]
    created = outside.index(f"Created check run “pytest” with the GitHub App: {page}")
    assert outside[created + 1] == f"pytest: failure, {github.run['output']['title']}: {page}"


def test_renamed_repository_gets_its_check_run(job: Start, github: GithubServer) -> None:
    started = job(PASSING)
    github.world.rename(REPOSITORY, "octo/renamed")
    result = started.run(stages="main,post")
    assert (result.exit_status, github.run["conclusion"]) == (0, "success")


def test_private_certificate_is_reported_or_trusted(tmp_path: Path) -> None:
    path = certificate(tmp_path, "private")
    with GithubServer(certificate=path) as server:
        started = ImageJob.on({**PASSING, "authority.pem": path.read_text()}, github=server, folder=tmp_path)
        result = started.run()
        assert (result.exit_status, server.runs) == (0, [])
        assert f"The certificate of {server.url} is not trusted" in result.log
        result = started.run("--env=REQUESTS_CA_BUNDLE=/github/workspace/authority.pem")
        assert (result.exit_status, server.run["conclusion"]) == (0, "success")


def test_install_adds_packages_to_the_tests_environment(job: Start, github: GithubServer) -> None:
    uses = """
import shutil
import subprocess

import pytest
import tabulate


@pytest.mark.parametrize("command", ["tabulate", "cowsay"])
def test_the_console_script_is_on_the_path(command):
    path = shutil.which(command)
    assert path == f"/opt/tests/bin/{command}"
    assert subprocess.run([path, "--help"], capture_output=True).returncode == 0
"""
    result = job({"test_installed.py": uses}).run(install="pip install tabulate==0.9.0\nuv pip install cowsay==6.1")
    assert (result.exit_status, github.run["conclusion"]) == (0, "success")


def test_failed_installation_requires_action(job: Start, github: GithubServer) -> None:
    result = job(PASSING).run(install="echo begun; pip install --no-index there-is-no-such-package; echo done")
    assert (result.exit_status, github.run["conclusion"]) == (1, "action_required")
    assert "there-is-no-such-package" in github.run["output"]["summary"]


def test_working_directory_and_category_are_applied(job: Start, github: GithubServer) -> None:
    job({f"services/shop/{path}": text for path, text in FAILING.items()}).run(
        working_directory="services/shop", category="unit"
    )
    assert (github.run["name"], github.run["conclusion"]) == ("pytest (unit)", "failure")
    assert [note["path"] for note in github.annotations()] == ["services/shop/shop.py"]


@pytest.mark.parametrize("inputs", [{"working_directory": "app"}, {"pytest_args": "app"}], ids=str)
def test_checkout_in_a_folder_is_reported(github: GithubServer, tmp_path: Path, inputs: dict[str, str]) -> None:
    github.installation.permissions["actions"] = "write"
    files = {**FAILING, ".github/workflows/tests.yml": WORKFLOW}
    started = ImageJob.on(files, github=github, folder=tmp_path, path="app")
    started.run(**inputs)
    assert github.run["conclusion"] == "failure"
    assert [(note["path"], note["start_line"]) for note in github.annotations()] == [("shop.py", 2)]
    assert f"Tested commit {started.sha[:7]}." in github.run["output"]["summary"]
    assert [action["identifier"] for action in github.run["actions"]] == ["rerun-failed", "rerun-all"]


def test_python_version_selects_another_cpython(job: Start, github: GithubServer) -> None:
    test = "import sys\n\n\ndef test_it():\n    assert sys.prefix not in ('/opt/tests', '/opt/checks', '/usr/local')\n"
    result = job({"test_it.py": test}).run(
        python_version="3.13", install="pip --version; uv pip install tabulate==0.9.0"
    )
    assert (result.exit_status, github.run["conclusion"]) == (0, "success")


def test_unavailable_python_version_is_reported(job: Start, github: GithubServer) -> None:
    result = job(PASSING).run(python_version="3.77")
    assert (result.exit_status, github.run["conclusion"]) == (1, "action_required")
    assert github.run["output"]["title"] == "python-version failed"
    assert "CPython 3.77" in github.run["output"]["summary"]


def test_all_input_errors_are_reported_at_once(job: Start, github: GithubServer) -> None:
    result = job(PASSING).run(passing="some", workers="many")
    assert (result.exit_status, github.run["conclusion"]) == (2, "action_required")
    assert result.outputs["check-run-url"] == github.run["html_url"]
    for name in ("passing", "workers"):
        assert all(f"`{name}`" in text for text in (github.run["output"]["summary"], result.summary, result.log))
    assert "test session starts" not in result.log


def test_without_app_the_token_creates_the_check_run(job: Start, github: GithubServer) -> None:
    result = job(FAILING).run(token=github.world.actions_token(REPOSITORY, checks="write"))
    assert (result.exit_status, github.run["conclusion"]) == (1, "failure")
    assert github.run["app"]["slug"] == "github-actions"
    assert result.log.count("GitHub Actions") == 1


def test_log_and_summary_have_failures_without_check_run(job: Start, github: GithubServer) -> None:
    result = job(FAILING).run(token=github.world.actions_token(REPOSITORY, checks="read"))
    assert (result.exit_status, result.outputs["conclusion"], github.runs) == (1, "failure", [])
    assert [line for line in result.commands() if line.startswith("::error") and "file=shop.py,line=2" in line]
    assert "LookupError" in result.summary
    assert "`workflow_run`" in result.log


def test_preview_is_written_to_the_workspace(job: Start, github: GithubServer) -> None:
    started = job(FAILING)
    started.run(preview="look/here")
    assert {path.name for path in (started.workspace / "look" / "here").iterdir()} == {
        "check-run.html",
        "check-run.json",
        "check-run.md",
    }
    assert github.run["conclusion"] == "failure"


def test_git_works_and_new_files_go_to_the_workspace_owner(job: Start, github: GithubServer) -> None:
    started = job({"test_git.py": GIT})
    started.run()
    assert github.run["conclusion"] == "success"
    assert (started.workspace / "made" / "here" / "file").exists()
    assert {path.lstat().st_uid for path in started.workspace.rglob("*")} == {RUNNER}


def test_workflow_commands_of_the_tests_are_ignored(job: Start, github: GithubServer) -> None:
    result = job({"test_shouts.py": SHOUTING}).run()
    assert "::error::without an end of its line" in result.log
    assert result.commands() == ["::group::pytest", "::endgroup::"]
    assert github.run["conclusion"] == "success"


def test_post_step_completes_run_of_killed_main_step(job: Start, github: GithubServer) -> None:
    options = f"--signals={SECONDS_UNTIL_IT_HANGS}:KILL", "--context=job.status=failure"
    result = job(HANGING).run(*options, stages="main,post", live_interval="1")
    assert "--- sent SIGKILL" in result.log
    assert (github.run["status"], github.run["conclusion"]) == ("completed", "failure")
    assert github.run["output"]["title"].startswith("killed · 1 of 2")
    assert [note["title"] for note in github.annotations()] == ["test_shop.py::test_open"]


def test_cancelled_run_completes_within_the_grace_period(job: Start, github: GithubServer) -> None:
    started = job(HANGING)
    result = started.run(f"--signals={SECONDS_UNTIL_IT_HANGS}:INT,7.5:TERM,2.5:KILL", stages="main,post")
    assert "--- sent SIGINT" in result.log
    assert "--- sent SIGKILL" not in result.log
    assert (github.run["status"], github.run["conclusion"]) == ("completed", "cancelled")
    assert "test_open" in json.dumps(github.annotations())
    assert result.outputs["conclusion"] == "cancelled"
    completion = github.writes[-1].time
    assert (started.workspace / "beat").stat().st_mtime < completion
