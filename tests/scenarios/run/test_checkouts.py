"""The repository is not the workspace itself: actions/checkout has a `path`, perhaps several times."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.support.github.server import GithubServer
from tests.support.rerun.reruns import WORKFLOW
from tests.support.rules import rule
from tests.support.runner.jobs import Job

FILES = {
    "shop.py": "def price(tea):\n    raise LookupError(tea)\n",
    "tests/test_shop.py": "import shop\n\n\ndef test_price():\n    shop.price('assam')\n",
    "conftest.py": "",
    "pytest.ini": "[pytest]\n",
    ".github/workflows/tests.yml": WORKFLOW,
}
OTHER = {"tests/test_tools.py": "def test_tools(): pass\n", ".github/workflows/tests.yml": "name: tools\non: push\n"}


@pytest.fixture
def job(github: GithubServer, tmp_path: Path) -> Job:
    """A job whose repository is in the folder ``app`` of the workspace."""
    github.installation.permissions["actions"] = "write"
    return Job(github=github, folder=tmp_path, files=FILES, path="app")


def add_checkout(job: Job, path: str) -> None:
    """Add the checkout of another repository, with another commit."""
    other = Job(github=job.github, folder=job.folder / "other", files=OTHER)
    shutil.copytree(other.workspace, job.workspace / path, dirs_exist_ok=True)


def assert_is_reported(job: Job, github: GithubServer) -> None:
    """Assert that the check run is that of the repository, with its paths, its commit and its workflow."""
    assert {(note["path"], note["start_line"]) for note in github.annotations()} == {("shop.py", 2)}
    assert github.run["conclusion"] == "failure"
    assert f"Tested commit {job.sha[:7]}." in github.run["output"]["summary"]
    assert f"/blob/{job.sha}/shop.py#L2" in github.run["output"]["summary"]
    assert [action["identifier"] for action in github.run["actions"]] == ["rerun-failed", "rerun-all"]


@rule("The repository: actions/checkout has a path, and working-directory is in that folder")
@pytest.mark.parametrize("working_directory", ["app", pytest.param("app/tests", marks=pytest.mark.slow)])
def test_repository_around_the_working_directory_is_reported(
    job: Job, github: GithubServer, working_directory: str
) -> None:
    add_checkout(job, "another")
    job.run(working_directory=working_directory)
    assert_is_reported(job, github)


@rule("The repository: actions/checkout has a path, and working-directory is not set")
@pytest.mark.parametrize(
    ("pytest_args", "has_another"),
    [
        pytest.param("-q app/tests/test_shop.py::test_price", True, id="named by the arguments"),
        pytest.param("", False, id="the only one", marks=pytest.mark.slow),
    ],
)
def test_repository_below_the_workspace_is_reported(
    job: Job, github: GithubServer, pytest_args: str, *, has_another: bool
) -> None:
    if has_another:
        add_checkout(job, "another")
    job.run(pytest_args=pytest_args)
    assert_is_reported(job, github)


@rule("The repository: several repositories below the workspace, and nothing says which of them holds the tests")
def test_none_of_several_repositories_is_reported(job: Job, github: GithubServer) -> None:
    add_checkout(job, "another")
    job.run()
    summary = github.run["output"]["summary"]
    assert f"Could not verify that commit {job.sha[:7]} was tested" in summary
    assert "set `working-directory` to a folder in it" in summary
    assert {note["path"] for note in github.annotations()} == {"app/shop.py", "another/tests/test_tools.py"}


@rule("The repository: working-directory is in another repository than the reported one")
def test_tests_of_another_repository_never_succeed(job: Job, github: GithubServer) -> None:
    add_checkout(job, "another")
    result = job.run(working_directory="another")
    assert (result.exit_status, github.run["conclusion"]) == (1, "action_required")
    assert (
        "set `working-directory` to a folder of the one that this check run is for" in github.run["output"]["summary"]
    )


@rule("The repository: another repository is checked out in a folder of the reported one")
@pytest.mark.slow
def test_repository_inside_the_reported_one_is_left_alone(github: GithubServer, tmp_path: Path) -> None:
    github.installation.permissions["actions"] = "write"
    job = Job(github=github, folder=tmp_path, files=FILES)
    add_checkout(job, "another")
    job.run(pytest_args="tests")
    assert_is_reported(job, github)


@pytest.mark.slow
def test_commit_checked_out_below_the_workspace_is_compared(job: Job, github: GithubServer) -> None:
    moves = "git -c user.name=M -c user.email=m@example.com commit --quiet --allow-empty -m moved"
    job.run(working_directory="app", install=moves)
    assert github.run["output"]["title"].startswith("a different commit was tested · 1 failed")
