"""Test suites that constantly attack the runner's files and the action's process; `HOSTILE_RUNS` sets how often."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from checks.programs.run import collector
from tests.image.job import IMAGE, ROOT, ImageJob, buildah
from tests.support.github.server import GithubServer
from tests.support.rules import rule
from tests.support.runner.refusing import WITHOUT_LANDLOCK, WITHOUT_OWN_LIMITS

Start = Callable[[dict[str, str]], ImageJob]

#: The module that processes the stream.
COLLECTOR = Path(collector.__file__)
RUNS = int(os.environ.get("HOSTILE_RUNS", "1"))

#: What each suite does all the time: write all of the runner's files, print commands, look for the key.
HARM = r"""
import glob, os, resource, sys

OURS = os.getppid()  # the action's process, when pytest imports this
FOLDER = os.environ["GITHUB_STEP_SUMMARY"].rpartition("/")[0]
FORGED = "LD_PRELOAD=/github/workspace/evil.so\nconclusion=success\nforged=yes\n"


def harm():
    for name in ("env", "output", "path", "state"):
        try:
            with open(f"{FOLDER}/{name}", "w") as file:
                file.write(FORGED)
        except OSError:
            pass
    try:
        os.write(1, b"\n::set-output name=forged::yes\n::error::forged\n")
    except OSError:
        pass
    for path in glob.glob("/proc/[0-9]*/environ"):
        try:
            with open(path, "rb") as file, open("/github/workspace/loot", "ab") as loot:
                loot.write(file.read())
        except OSError:
            pass


def forks():
    while True:
        if os.fork():
            os._exit(0)
        harm()


def writes():
    while True:
        harm()


def limits():
    while True:
        harm()
        for name in ("NOFILE", "CPU", "AS", "FSIZE", "NPROC", "DATA"):
            try:
                resource.prlimit(OURS, getattr(resource, f"RLIMIT_{name}"), (3, 3))
            except OSError:
                pass
"""
SUITE = """
import os

import harm


def test_leaves_attackers():
    for _ in range({number}):
        if not os.fork():
            os.setsid()
            harm.{how}()
    while not os.path.exists("loot"):
        pass
    assert 0
"""
SUITES = {"forkers": (12, "forks"), "writers": (4, "writes"), "limiters": (2, "limits")}


def suite(name: str) -> dict[str, str]:
    number, how = SUITES[name]
    return {"harm.py": HARM, "test_harm.py": SUITE.format(number=number, how=how)}


@rule("Reaching later steps: in the image: processes that fork, write and change limits all the time")
@pytest.mark.parametrize("name", SUITES)
@pytest.mark.parametrize("number", range(RUNS))
def test_hostile_processes_forge_nothing_and_find_no_key(
    name: str, number: int, job: Start, github: GithubServer
) -> None:
    del number
    started = job(suite(name))
    result = started.run()
    files = started.folder / "out" / "file_commands"
    assert [(files / name).read_text() for name in ("env", "path")] == ["", ""]
    assert (result.exit_status, result.outputs.get("conclusion"), "forged" in result.outputs) == (1, "failure", False)
    assert [command for command in result.commands() if "forged" in command] == []
    assert (github.run["status"], github.run["conclusion"]) == ("completed", "failure")
    loot = (started.workspace / "loot").read_bytes() + json.dumps(github.run).encode()
    assert [line for line in github.app.private_key.splitlines()[1:-1] if line.encode() in loot] == []


@rule("Reaching later steps: the same where the kernel has no Landlock")
def test_missing_landlock_warns_and_empties_the_files(job: Start, github: GithubServer) -> None:
    started = job(suite("writers"))
    result = started.run(command_prefix=WITHOUT_LANDLOCK)
    assert "::warning::The sandbox is off: Landlock is not available here" in result.log
    files = started.folder / "out" / "file_commands"
    assert [(files / name).read_text() for name in ("env", "path")] == ["", ""]
    assert (result.outputs["conclusion"], "forged" in result.outputs) == ("failure", False)
    assert github.run["conclusion"] == "failure"


#: Leaves a process, and prevents the action from finding it.
HIDING = """
import os, resource, subprocess


def test_hides():
    subprocess.Popen(["sleep", "600"], start_new_session=True)
    resource.prlimit(os.getppid(), resource.RLIMIT_NOFILE, (3, 3))
"""


@rule("Reaching later steps: a process that stays, where the action cannot open any file to look for it")
def test_processes_that_cannot_be_found_fail_the_step(job: Start, github: GithubServer) -> None:
    started = job({"test_hiding.py": HIDING})
    result = started.run(command_prefix=WITHOUT_OWN_LIMITS, fail_job="false")
    assert "The tests can change resource limits of this action's process here" in result.log
    assert "::warning::Processes of the tests may still be running" in result.log
    assert result.exit_status == 1
    if github.run["status"] == "completed":  # the action may have no descriptors left
        assert "Processes of the tests may still be running" in github.run["output"]["summary"]


@rule("Reaching later steps: the same while a bug in the action keeps it from collecting results")
def test_tests_forge_nothing_after_a_bug_of_ours(job: Start, github: GithubServer, broken_image: str) -> None:
    started = job(suite("writers"))
    result = started.run(image=broken_image, sandbox="false")
    files = started.folder / "out" / "file_commands"
    assert "MemoryError" in result.log
    assert [(files / name).read_text() for name in ("env", "path")] == ["", ""]
    assert ("conclusion" in result.outputs, "forged" in result.outputs) == (True, False)
    assert [command for command in result.commands() if "forged" in command] == []
    assert (result.exit_status, github.run["status"]) == (1, "completed")


@pytest.fixture
def broken_image(tmp_path: Path) -> Iterator[str]:
    """Build an image with a bug in the action: it cannot process results."""
    (tmp_path / "collector.py").write_text(
        f"{COLLECTOR.read_text()}\n\ndef feed(*_):\n    raise MemoryError\n\n\nResultCollector.feed = feed\n"
    )
    name = "localhost/pytest-check-runs-broken"
    box = buildah("from", "--pull-never", IMAGE)
    inside = f"/opt/pytest-check-runs/{COLLECTOR.relative_to(ROOT)}"
    buildah("copy", "--quiet", box, str(tmp_path / "collector.py"), inside)
    buildah("run", box, "rm", "-r", f"{Path(inside).parent}/__pycache__")
    buildah("commit", "--quiet", "--rm", box, name)
    yield name
    buildah("rmi", name)
