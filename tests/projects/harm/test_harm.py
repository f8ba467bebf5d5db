"""Tests that do what tests do to their process."""

import builtins
import fcntl
import io
import json
import multiprocessing
import os
import resource
import subprocess
import sys
import time

import pytest


def nothing():
    pass


def test_closes_descriptors():
    os.closerange(3 if sys.platform != "linux" else 40, 70_000)


def test_after_the_closing_a_file_of_ours_may_have_the_number(tmp_path):
    files = [open(tmp_path / str(n), "w") for n in range(20)]
    for file in files:
        file.close()
    assert all(os.path.getsize(tmp_path / str(n)) == 0 for n in range(20))


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    path = tmp_path_factory.mktemp("log") / "log"
    yield path
    assert path.read_bytes() == b""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_gives_the_number_of_a_descriptor_of_ours_to_a_log(log):
    links = [os.path.join("/proc/self/fd", name) for name in os.listdir("/proc/self/fd")]
    with open(log, "ab") as file:
        for link in links:
            if os.path.realpath(link).endswith("/channel"):
                os.dup2(file.fileno(), int(os.path.basename(link)))


def test_forks():
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)


def test_forks_and_the_child_runs_on(request):
    child = os.fork()
    if child == 0:
        request.config.hook.pytest_runtest_logstart(nodeid="forged", location=("x", 1, "y"))
        os._exit(0)
    os.waitpid(child, 0)


def test_spawns():
    process = multiprocessing.get_context("spawn").Process(target=nothing)
    process.start()
    process.join()
    assert process.exitcode == 0


def test_changes_directory(tmp_path):
    os.chdir(tmp_path)


def test_patches_what_writes(monkeypatch):
    monkeypatch.setattr(builtins, "open", None)
    monkeypatch.setattr(io, "open", None)
    for name in ("write", "open", "close", "fstat", "getpid", "times"):
        monkeypatch.setattr(os, name, None)
    monkeypatch.setattr(fcntl, "fcntl", None)
    monkeypatch.setattr(resource, "getrlimit", None)
    monkeypatch.setattr(json, "dumps", None)
    monkeypatch.setattr(json.JSONEncoder, "default", None)
    monkeypatch.setattr(time, "time", lambda: 0.0)


def test_patches_names_that_modules_imported(monkeypatch):
    """As pyfakefs does."""
    faked = [os.write, os.open, os.close, os.fstat]
    for module in [module for name, module in sys.modules.items() if name.startswith("pytest_check_runs")]:
        for name in [name for name, value in vars(module).items() if any(value is each for each in faked)]:
            monkeypatch.setattr(module, name, None)


def test_replaces_stdout(monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)


def test_closes_stdout(monkeypatch):
    monkeypatch.setattr(sys, "stdout", open(os.devnull, "w"))
    sys.stdout.close()


def test_prints_workflow_commands():
    os.write(2, b"::error::forged\n::set-output name=conclusion::success\n")


def test_lists_no_descriptor_of_ours_among_the_low():
    assert os.open(os.devnull, os.O_RDONLY) < 40


def test_gives_no_descriptor_of_ours_to_a_process():
    code = "import glob, os; print(*(os.path.realpath(path) for path in glob.glob('/proc/self/fd/*')))"
    assert b"channel" not in subprocess.check_output([sys.executable, "-ISc", code], close_fds=False)


@pytest.mark.parametrize("name", ["\udc80", "a\nb", "\x00", '"}'], ids=str)
def test_has_a_node_id_that_is_no_text(name, request):
    assert name in request.node.nodeid
