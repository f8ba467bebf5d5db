"""`publish` in a shell: somebody waits for the result at a terminal, and nothing comes after it."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest

from tests.support.github.server import REPOSITORY, Fault, GithubServer
from tests.support.json_reports import PASSED
from tests.support.rules import rule
from tests.support.runner.preloaded import PreloadedProcess
from tests.support.waits import HANG_SECONDS

SHA = "c" * 40


@pytest.fixture
def environ(github: GithubServer, tmp_path: Path) -> dict[str, str]:
    """What `publish` needs, in a folder with the report ``report.json`` of a test that passed."""
    (tmp_path / "report.json").write_text(json.dumps(PASSED))
    return {
        "PATH": os.environ["PATH"],
        "CHECKS_APP_ID": github.app.client_id,
        "CHECKS_PRIVATE_KEY": github.app.private_key,
        "CHECKS_HEAD_SHA": SHA,
        "GITHUB_API_URL": github.url,
        "GITHUB_REPOSITORY": REPOSITORY,
    }


def start(folder: Path, environ: dict[str, str], report: str = "report.json") -> PreloadedProcess:
    return PreloadedProcess(["publish", report], folder, environ)


def end(process: PreloadedProcess) -> tuple[int, list[str]]:
    """Return the exit status and the lines that are printed."""
    text, _ = process.communicate(timeout=HANG_SECONDS)
    return process.wait(), text.splitlines()


def test_published_report_of_passed_tests_ends_with_status_0(
    github: GithubServer, environ: dict[str, str], tmp_path: Path
) -> None:
    status, _ = end(start(tmp_path, environ))
    assert (status, github.run["conclusion"]) == (0, "success")


def test_report_without_its_files_is_annotated_at_its_own_paths(
    github: GithubServer, environ: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "a_first_file").touch()
    end(start(tmp_path, environ))
    assert [(annotation["path"], annotation["start_line"]) for annotation in github.annotations()] == [("test_a.py", 1)]


@rule("GitHub's side: publish in a shell could not create or complete the check run")
def test_publish_that_creates_nothing_fails_although_the_tests_passed(environ: dict[str, str], tmp_path: Path) -> None:
    status, lines = end(start(tmp_path, {**environ, "GITHUB_API_URL": "http://localhost:1"}))
    assert (status, lines[-1].startswith("Error: The check run is not on GitHub, or not completed there")) == (2, True)


def test_publish_that_completes_nothing_fails_although_the_tests_passed(
    github: GithubServer, environ: dict[str, str], tmp_path: Path
) -> None:
    github.world.refuses = lambda _: True  # so it is not created as completed
    github.fault(Fault(method="PATCH", how="answer", status=403))
    status, lines = end(start(tmp_path, environ))
    assert (status, github.run["status"], lines[-1].startswith("Error: ")) == (2, "in_progress", True)


def test_interrupted_publish_fails_although_the_tests_passed(
    github: GithubServer, environ: dict[str, str], tmp_path: Path
) -> None:
    process = start(tmp_path, environ)
    github.fault(Fault(path="/installation$", before=lambda: process.send_signal(signal.SIGINT)))
    assert end(process)[0] == 2


@rule("GitHub's side: publish in a shell waits for GitHub")
@pytest.mark.slow
def test_waiting_for_github_in_a_shell_is_announced_once(
    github: GithubServer, environ: dict[str, str], tmp_path: Path
) -> None:
    github.fault(Fault(method="POST", path="/check-runs$", nth=(1, 2), how="answer", status=503))
    status, (waiting, created, *_) = end(start(tmp_path, environ))
    assert (status, created.startswith("Created check run")) == (0, True)
    assert waiting.startswith("A request to GitHub has failed (503: Told to). It is retried for up to ")
    assert waiting.endswith(" s. Ctrl+C ends the wait.")


@rule("GitHub's side: publish in a shell gets a path of no report")
def test_mistyped_path_in_a_shell_creates_nothing_on_github(
    github: GithubServer, environ: dict[str, str], tmp_path: Path
) -> None:
    status, lines = end(start(tmp_path, environ, "reprot.json"))
    assert (status, github.requests) == (2, [])
    assert (len(lines), lines[-1]) == (2, "Nothing was run, and no check run was created.")
