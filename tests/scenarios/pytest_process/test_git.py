from __future__ import annotations

import os
import subprocess
import threading
import time
import tracemalloc
from pathlib import Path

import pytest

from checks.adapters.pytest_process import git
from checks.core.model.job import Repository
from tests.support import needs
from tests.support.growth import cpu_seconds, is_linear
from tests.support.rules import rule
from tests.support.runner.running import is_running, read_pids

ENVIRON = {
    "PATH": os.defpath,
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_SYSTEM": "/dev/null",
    **{f"GIT_{who}_{what}": "a@b" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
}


def run(folder: Path, *arguments: str) -> str:
    command = [needs.program("git"), "-c", "protocol.file.allow=always", *arguments]
    return subprocess.run(command, cwd=folder, env=ENVIRON, check=True, capture_output=True, text=True).stdout.strip()


def commit(folder: Path, *paths: str, text: str = "") -> str:
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text or path)
    run(folder, "add", "-A")
    run(folder, "commit", "-qm", "x", "--allow-empty")
    return run(folder, "rev-parse", "HEAD")


def read_repository(folder: Path) -> Repository:
    repository = git.Git(folder=folder).repository()
    assert repository is not None
    return repository


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path.resolve() / "root"
    folder.mkdir()
    run(folder, "init", "-q")
    return folder


def test_root_is_found_from_a_subfolder(root: Path) -> None:
    head = commit(root, "src/a.py", "tests/sub/test_a.py")
    repository = read_repository(root / "tests" / "sub")
    assert repository == Repository(
        root=str(root), tracked=frozenset({"src/a.py", "tests/sub/test_a.py"}), fallback="src/a.py", head=head
    )


def test_root_is_a_path_without_symbolic_links(root: Path, tmp_path: Path) -> None:
    commit(root, "sub/a.py")
    (tmp_path / "link").symlink_to(root / "sub")
    assert read_repository(tmp_path / "link").root == str(root)


def test_untracked_files_are_not_in_the_repository(root: Path) -> None:
    commit(root, ".gitignore", "a.py", text="generated.py")
    (root / "generated.py").write_text("")
    (root / "new.py").write_text("")
    assert read_repository(root).tracked == {".gitignore", "a.py"}


def test_tracked_names_may_have_any_utf_8_characters(root: Path) -> None:
    names = {"a b.py", "ü.py", "-x.py", "new\nline.py", 'quo"te.py', "tab\t.py"}
    (root / os.fsdecode(b"\xff.py")).touch()
    commit(root, *names)
    assert read_repository(root).tracked == names


def test_merge_has_two_parents(root: Path) -> None:
    base = commit(root, "a.py")
    run(root, "checkout", "-qb", "side")
    side = commit(root, "b.py")
    run(root, "checkout", "-q", "-")
    main = commit(root, "c.py")
    run(root, "merge", "-q", "--no-ff", "-m", "parent of nothing\n\nparent x", "side")
    assert read_repository(root).parents == (main, side)
    assert base not in read_repository(root).parents


def test_shallow_clone_has_the_parents_of_head(root: Path, tmp_path: Path) -> None:
    parent = commit(root, "a.py")
    head = commit(root, "b.py")
    run(tmp_path, "clone", "-q", "--depth=1", f"file://{root}", "clone")
    shallow = read_repository(tmp_path / "clone")
    assert (shallow.head, shallow.parents) == (head, (parent,))


def test_replaced_commit_has_its_original_parents(root: Path) -> None:
    parent = commit(root, "a.py")
    head = commit(root, "b.py")
    run(root, "replace", "--graft", head)
    assert (read_repository(root).head, read_repository(root).parents) == (head, (parent,))


def test_repository_without_a_commit_has_no_head(root: Path) -> None:
    assert read_repository(root) == Repository(root=str(root))


def test_files_of_a_submodule_are_not_tracked(root: Path, tmp_path: Path) -> None:
    submodule = tmp_path / "other"
    submodule.mkdir()
    run(submodule, "init", "-q")
    commit(submodule, "a.py")
    run(root, "submodule", "add", "-q", str(submodule), "sub")
    head = commit(root, "z.py")
    for folder in (root, root / "sub"):
        assert read_repository(folder).head == head
        assert read_repository(folder).root == str(root)
        assert read_repository(folder).tracked == {".gitmodules", "z.py"}


def test_file_in_conflict_is_tracked(root: Path) -> None:
    commit(root, "a.py")
    run(root, "checkout", "-qb", "side")
    commit(root, "a.py", text="side")
    run(root, "checkout", "-q", "-")
    commit(root, "a.py", text="main")
    with pytest.raises(subprocess.CalledProcessError):
        run(root, "merge", "side")
    assert read_repository(root).tracked == {"a.py"}


def test_repository_of_another_owner_needs_no_configuration(root: Path) -> None:
    needs.root()
    head = commit(root, "a.py")
    for path in (root, root / ".git"):
        os.chown(path, 12345, 12345)
    assert read_repository(root).head == head
    with pytest.raises(subprocess.CalledProcessError):
        run(root, "status")


def test_configured_programs_and_hooks_are_not_run(root: Path, tmp_path: Path) -> None:
    commit(root, "a.py")
    script = tmp_path / "script"
    script.write_text(f"#!/bin/sh\ntouch {tmp_path}/was-run\n")
    script.chmod(0o755)
    for name in ("core.fsmonitor", "core.pager", "core.sshCommand", "diff.external", "alias.ls-files"):
        run(root, "config", name, str(script))
    for name in ("post-index-change", "post-checkout", "reference-transaction"):
        (root / ".git" / "hooks" / name).write_text(script.read_text())
        (root / ".git" / "hooks" / name).chmod(0o755)
    assert read_repository(root).tracked == {"a.py"}
    assert not (tmp_path / "was-run").exists()


def test_repository_is_none_without_git(tmp_path: Path, root: Path) -> None:
    assert git.Git(folder=tmp_path).repository() is None
    assert git.Git(folder=root, path=str(tmp_path)).repository() is None


def test_variables_of_the_job_do_not_reach_git(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    head = commit(root, "a.py")
    for name in ("GIT_DIR", "GIT_INDEX_FILE", "GIT_TRACE", "GIT_EXEC_PATH", "HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    assert (read_repository(root).head, {*read_repository(root).tracked}) == (head, {"a.py"})
    assert not (tmp_path / "GIT_TRACE").exists()


def test_folder_without_git_counts_its_files_as_tracked(tmp_path: Path) -> None:
    for path in ("b.py", ".coveragerc", "src/a.py", ".venv/lib/c.py", "src/.cache/d"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "pytest.ini").write_text("")
    expected = {"b.py", ".coveragerc", "src/a.py", "pytest.ini"}
    assert git.repository_without_git(tmp_path) == Repository(
        root=str(tmp_path.resolve()), tracked=frozenset(expected), fallback="pytest.ini"
    )


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"a.py": "", "pytest.ini": "", "pyproject.toml": "[tool.pytest.ini_options]"}, "pytest.ini"),
        ({"a.py": "", "pyproject.toml": "[tool.black]\n"}, "a.py"),
        ({"a.py": "", "pyproject.toml": "[project]\n[tool.pytest.ini_options]\n"}, "pyproject.toml"),
        ({"a.py": "", "below/tox.ini": "[pytest]", "pytest.ini": ""}, "below/tox.ini"),
        ({"a.py": "", "below/tox.ini": "[tox]", "setup.cfg": "\xff[x]\n[tool:pytest]"}, "setup.cfg"),
        ({"below/deep/pytest.ini": "", "a.py": ""}, "a.py"),
        ({"below/b.py": "", "below/a.py": ""}, "below/a.py"),
    ],
    ids=[
        "pytest's order",
        "no section",
        "a section",
        "nearest first",
        "upwards",
        "not downwards",
        "no file at the root",
    ],
)
def test_fallback_is_configuration_of_pytest_or_first_file(files: dict[str, str], expected: str, root: Path) -> None:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="latin-1")
    commit(root)
    (root / "below").mkdir(exist_ok=True)
    (root / "below" / "pytest.toml").write_text("untracked")
    assert read_repository(root / "below").fallback == expected


def test_reading_100_000_files_takes_linear_time(root: Path) -> None:
    name = run(root, "hash-object", "-w", "/dev/null")
    command = [needs.program("git"), "update-index", "--index-info"]
    seconds = []
    for numbers in (range(50_000), range(50_000, 100_000)):
        entries = "".join(f"100644 {name}\tfolder{i // 100}/test_{i}.py\n" for i in numbers)
        subprocess.run(command, cwd=root, input=entries, text=True, check=True, env=ENVIRON)
        seconds.append(cpu_seconds(lambda: read_repository(root)))
    assert is_linear(*seconds)
    assert len(read_repository(root).tracked) == 100_000


# -- a program in git's place


def with_fake_git(root: Path, script: str, *, is_cancelled: threading.Event | None = None) -> git.Git:
    """Put a shell script in git's place, which may call the real one as `true_git`."""
    folder = root.parent / "bin"
    folder.mkdir()
    true_git = f'true_git() {{ {needs.program("git")} "$@"; }}'
    (folder / "git").write_text(f"#!/bin/sh\n{true_git}\n{script}\n")
    (folder / "git").chmod(0o755)
    return git.Git(folder=root, path=f"{folder}:{os.defpath}", is_cancelled=(is_cancelled or threading.Event()).is_set)


ENDLESS = {
    "folder": ('*rev-parse*) yes "$PWD"', ""),
    "commit": ("*cat-file*) echo $(printf %040d 1) commit 1; yes tree", ""),
    "error": ('*) yes >&2 & true_git "$@"; kill $!; exit 0', "head"),
}


@rule("Impersonating the action: a replaced git that writes output without end")
@pytest.mark.parametrize(("case", "known"), ENDLESS.values(), ids=ENDLESS)
def test_endless_output_of_git_is_bounded_in_memory(root: Path, case: str, known: str) -> None:
    head = commit(root, "a.py")
    git_client = with_fake_git(root, f'case "$*" in {case};; *) true_git "$@";; esac')
    tracemalloc.start()
    try:
        head_sha = git_client.head()[0]
        peak_bytes = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert head_sha == (head if known else "")
    assert peak_bytes < 8 * 1024 * 1024


@pytest.mark.parametrize("files", ["yes aaaa", "head -c 2000000 /dev/zero"], ids=["bytes", "number"])
def test_endless_list_of_files_is_ignored(root: Path, files: str) -> None:
    head = commit(root, "a.py")
    repository = with_fake_git(root, f'case "$*" in *ls-files*) {files};; *) true_git "$@";; esac').repository()
    assert repository == Repository(root=str(root), tracked=frozenset({"a.py"}), fallback="a.py", head=head)


def test_hanging_git_is_ended_when_the_job_is_cancelled(root: Path) -> None:
    needs.linux()
    is_cancelled = threading.Event()
    git_client = with_fake_git(root, 'trap "" INT TERM; echo $$ > ${0%/*}/pid; sleep 600', is_cancelled=is_cancelled)
    pid = root.parent / "bin" / "pid"
    os.mkfifo(pid)
    pids: list[int] = []

    def cancel() -> None:
        pids.extend(read_pids(pid))
        is_cancelled.set()

    thread = threading.Thread(target=cancel)
    thread.start()
    started = time.monotonic()
    assert git_client.head() == ("", ())
    thread.join()
    assert time.monotonic() - started < 30  # half of the timeout without cancellation
    assert not any(map(is_running, pids))


def test_cancelled_job_does_not_run_git(root: Path) -> None:
    is_cancelled = threading.Event()
    is_cancelled.set()
    git_client = with_fake_git(root, "touch ${0%/*}/asked", is_cancelled=is_cancelled)
    assert (git_client.head(), git_client.repository()) == (("", ()), None)
    assert not (root.parent / "bin" / "asked").exists()


@pytest.mark.parametrize(
    "answer",
    [
        "printf '/a\\000b'",  # a NUL in the root's name
        'printf "%s\\n%s" "$PWD" "$PWD"',  # a repository that is its own submodule
        f'case "$*" in *rev-parse*) pwd;; *) echo {"x" * 40} commit 0;; esac',
    ],
    ids=["NUL", "submodules", "name"],
)
def test_impossible_output_of_git_is_ignored(root: Path, answer: str) -> None:
    assert with_fake_git(root, answer).head() == ("", ())
