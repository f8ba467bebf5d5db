"""Which of the repositories in a workspace holds the tests."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from checks.adapters.pytest_process.workspace import LocalWorkspace
from tests.scenarios.pytest_process.test_git import commit, run
from tests.support.rules import rule
from tests.support.runner.rehearsal import ENVIRON


def create(folder: Path, *paths: str) -> str:
    """Create a repository and return its commit."""
    folder.mkdir(parents=True, exist_ok=True)
    run(folder, "init", "-q")
    return commit(folder, *(paths or ("tests/test_a.py",)))


def workspace_of(folder: Path, working_directory: str = ".", *pytest_args: str) -> LocalWorkspace:
    return LocalWorkspace(folder, working_directory, pytest_args, environ=ENVIRON, sink=lambda _: None)


@pytest.mark.parametrize(
    ("working_directory", "pytest_args", "expected"),
    [
        pytest.param("app", (), "app", id="working-directory"),
        pytest.param("app/tests", (), "app", id="a folder in it"),
        pytest.param("tools", ("../app/tests",), "tools", id="working-directory before arguments"),
        pytest.param(".", ("app",), "app", id="a folder"),
        pytest.param(".", ("app/tests/test_a.py",), "app", id="a file"),
        pytest.param(".", ("app/tests/test_a.py::test_x[a::b]",), "app", id="a test"),
        pytest.param(".", ("-k", "x" * 5000, "-q", "app/tests"), "app", id="a long argument"),
        pytest.param(".", ("-k", "a\0b", "app/tests"), "app", id="a NUL"),
        pytest.param(".", ("app/tests", "app/tests/test_a.py"), "app", id="two paths of one"),
        pytest.param(".", ("app/tests", "tools"), "", id="two of several"),
        pytest.param(".", (), "", id="two below"),
        pytest.param(".", ("no/such", "::", "."), "", id="no path"),
        pytest.param("no/such", ("app",), "app", id="no such folder"),
    ],
)
def test_repository_with_the_tests_is_found_among_several(
    tmp_path: Path, working_directory: str, pytest_args: tuple[str, ...], expected: str
) -> None:
    folder = tmp_path.resolve()
    commits = {name: create(folder / name, "tests/test_a.py", f"{name}.py") for name in ("app", "tools")}
    found = workspace_of(folder, working_directory, *pytest_args)
    assert found.root() == folder / expected
    assert found.repository().root == str(folder / expected)
    assert found.repository().head == found.head()[0] == commits.get(expected, "")


def test_only_repository_below_the_workspace_is_found(tmp_path: Path) -> None:
    create(tmp_path / "app")
    create(tmp_path / ".cache" / "hooks")
    create(tmp_path / ".hidden")
    (tmp_path / "notes").mkdir()
    assert workspace_of(tmp_path.resolve()).root() == tmp_path.resolve() / "app"


@pytest.mark.parametrize("working_directory", ["app", "."])
def test_root_is_looked_up_once_in_each_folder(tmp_path: Path, working_directory: str) -> None:
    head = create(tmp_path / "app")
    asked: list[object] = []

    def start(command: Sequence[str], **options: Any) -> subprocess.Popen[bytes]:
        if "--show-toplevel" in command:
            asked.append(options["cwd"])
        return subprocess.Popen(command, **options)

    folder = tmp_path.resolve()
    found = LocalWorkspace(folder, working_directory, environ=ENVIRON, sink=lambda _: None, start=start)
    assert (found.root(), found.repository().head, found.head()) == (folder / "app", head, (head, ()))
    assert len(asked) == len({*asked})


def test_repository_that_tests_create_changes_nothing(tmp_path: Path) -> None:
    head = create(tmp_path / "app")
    found = workspace_of(tmp_path.resolve())
    assert found.repository().head == head
    create(tmp_path / "cloned")
    assert found.head() == (head, ())


@rule("The repository: working-directory is in a submodule")
@pytest.mark.parametrize("working_directory", ["app/sub", "app"])
def test_repository_around_a_submodule_holds_the_tests(tmp_path: Path, working_directory: str) -> None:
    create(tmp_path / "origin")
    create(tmp_path / "work" / "app")
    run(tmp_path / "work" / "app", "submodule", "add", "-q", str(tmp_path / "origin"), "sub")
    head = commit(tmp_path / "work" / "app", "z.py")
    for arguments in ((working_directory,), (".", working_directory), (".",)):
        found = workspace_of(tmp_path.resolve() / "work", *arguments)
        assert (found.root(), found.head()[0]) == (tmp_path.resolve() / "work" / "app", head)


@rule("The repository: working-directory is in a worktree (git worktree add)")
def test_worktree_is_a_repository_of_its_own(tmp_path: Path) -> None:
    first = create(tmp_path / "app")
    second = commit(tmp_path / "app", "b.py")
    run(tmp_path / "app", "worktree", "add", "-q", "--detach", "../tree", first)
    for path, head in (("tree", first), ("app", second)):
        for arguments in ((path,), (".", f"{path}/tests")):
            found = workspace_of(tmp_path.resolve(), *arguments)
            assert (found.root(), found.head()[0]) == (tmp_path.resolve() / path, head)
    assert workspace_of(tmp_path.resolve()).root() == tmp_path.resolve()
