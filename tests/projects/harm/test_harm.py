"""Tests that do what tests do to their process."""

import builtins
import io
import json
import os
import sys
import time


def test_closes_descriptors():
    os.closerange(3 if sys.platform != "linux" else 40, 70_000)


def test_after_the_closing_a_file_of_ours_may_have_the_number(tmp_path):
    files = [open(tmp_path / str(n), "w") for n in range(20)]
    for file in files:
        file.close()
    assert all(os.path.getsize(tmp_path / str(n)) == 0 for n in range(20))


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


def test_changes_directory(tmp_path):
    os.chdir(tmp_path)


def test_patches_what_writes(monkeypatch):
    monkeypatch.setattr(builtins, "open", None)
    monkeypatch.setattr(io, "open", None)
    monkeypatch.setattr(os, "write", None)
    monkeypatch.setattr(os, "open", None)
    monkeypatch.setattr(json, "dumps", None)
    monkeypatch.setattr(time, "time", lambda: 0.0)


def test_replaces_stdout():
    sys.stdout = sys.stderr = None


def test_prints_workflow_commands():
    os.write(2, b"::error::forged\n::set-output name=conclusion::success\n")


def test_lists_no_descriptor_of_ours_among_the_low():
    assert os.open(os.devnull, os.O_RDONLY) < 40
