"""Suites that attack the runner's files and our process all the time; `HOSTILE_RUNS` says how often each is run."""

from __future__ import annotations

import json
import os
from collections.abc import Callable

import pytest

from tests.github_server import GithubServer
from tests.image.job import Job
from tests.without_landlock import BEFORE

Start = Callable[[dict[str, str]], Job]

RUNS = int(os.environ.get("HOSTILE_RUNS", "1"))

#: What each of them does all the time: write every file of the runner's, print commands, look for the key.
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


@pytest.mark.parametrize("name", SUITES)
@pytest.mark.parametrize("number", range(RUNS))
def test_nothing_is_forged_and_no_key_is_found(name: str, number: int, job: Start, github: GithubServer) -> None:
    del number
    started = job(suite(name))
    ran = started.run()
    files = started.folder / "out" / "file_commands"
    assert [(files / each).read_text() for each in ("env", "path")] == ["", ""]
    assert (ran.exit_status, ran.outputs.get("conclusion"), "forged" in ran.outputs) == (1, "failure", False)
    assert [command for command in ran.commands() if "forged" in command] == []
    assert (github.run["status"], github.run["conclusion"]) == ("completed", "failure")
    loot = (started.workspace / "loot").read_bytes() + json.dumps(github.run).encode()
    assert [line for line in github.app.private_key.splitlines()[1:-1] if line.encode() in loot] == []


def test_without_landlock_a_warning_says_so_and_the_files_are_emptied(job: Start, github: GithubServer) -> None:
    started = job(suite("writers"))
    ran = started.run(before=BEFORE)
    assert "::warning::The tests can write the files by which steps speak to the runner: no Landlock here" in ran.log
    files = started.folder / "out" / "file_commands"
    assert [(files / each).read_text() for each in ("env", "path")] == ["", ""]
    assert (ran.outputs["conclusion"], "forged" in ran.outputs) == ("failure", False)
    assert github.run["conclusion"] == "failure"
