"""Without a check run, the job summary, error commands and outputs have all results, and a warning says what to do."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from checks.core.model.errors import ExitStatus
from checks.core.model.settings import Credentials, Settings
from tests.support.github.server import Fault, GithubServer
from tests.support.github.world import App
from tests.support.rules import rule
from tests.support.runner.rehearsal import RecordedWorkspace, Rehearsal, Replay, app, recorded

RUN = r"/check-runs/\d+$"
NEVER = {"Retry-After": "3600"}
PASSES = "def test_ok(): pass\n"
TESTS = "import pytest\n\n\n@pytest.mark.parametrize('n', range(8))\ndef test(n): assert n\n"


def run(rehearsal: Rehearsal, test: str = TESTS, *, fail_job: bool = True) -> ExitStatus:
    recording = recorded(test)
    workspace = RecordedWorkspace(recorded_repository=recording.repository, tests=Replay(recording, rehearsal.clock))
    return rehearsal.run(workspace, Settings(fail_job=fail_job))


def warning(rehearsal: Rehearsal) -> str:
    """Return the only warning."""
    (line,) = [line for line in rehearsal.log.splitlines() if line.startswith("::warning")]
    return line


def not_installed(github: GithubServer) -> Credentials:
    github.installation.repositories.clear()
    return app(github)


def suspended(github: GithubServer) -> Credentials:
    github.installation.is_suspended = True
    return app(github)


def read_only(github: GithubServer) -> Credentials:
    github.installation.permissions["checks"] = "read"
    return app(github)


def forbidden(github: GithubServer) -> Credentials:
    body = {"message": "Resource not accessible by integration"}
    github.fault(Fault(method="POST", path="/check-runs$", how="answer", status=403, body=body))
    return app(github)


def wrong_key(github: GithubServer) -> Credentials:
    return replace(app(github), private_key=App(key_name="another").private_key)


def another_app(github: GithubServer) -> Credentials:
    return replace(app(github), app_id="99")


def limited(github: GithubServer) -> Credentials:
    github.fault(Fault(method="POST", path="/check-runs$", how="answer", status=429, headers=NEVER))
    return app(github)


def spent(github: GithubServer) -> Credentials:
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(github.now()) + 3600)}
    github.fault(Fault(method="POST", path="/check-runs$", how="answer", status=403, headers=headers))
    return app(github)


@rule("GitHub's side: a permission is missing, the App is not installed")
@pytest.mark.parametrize(
    ("make_fault", "message"),
    [
        pytest.param(not_installed, "The App is not installed in .*On the App's page, press Install App", id="404"),
        pytest.param(suspended, "The App is suspended in .*GitHub Apps, Configure, press Unsuspend", id="suspended"),
        pytest.param(read_only, "The App cannot write checks in .*set Checks to Read and write", id="not-granted"),
        pytest.param(forbidden, "The App cannot write checks in .*set Checks to Read and write", id="403"),
        pytest.param(wrong_key, "does not accept the App's credentials .*under Private keys", id="wrong-key"),
        pytest.param(another_app, "does not accept the App's credentials .*Compare `app-id`", id="key-of-another-app"),
        pytest.param(
            limited, "GitHub's rate limit requires a longer wait than this job allows .*Re-run the job later", id="429"
        ),
        pytest.param(
            spent,
            "GitHub's rate limit requires a longer wait than this job allows .*Re-run the job later",
            id="403-reset",
        ),
    ],
)
def test_fallback_has_all_results_and_one_remedy(
    github: GithubServer, tmp_path: Path, make_fault: Callable[[GithubServer], Credentials], message: str
) -> None:
    rehearsal = Rehearsal(github, tmp_path, make_fault(github))
    assert run(rehearsal) is ExitStatus.FAILED
    assert github.runs == []
    assert re.search(message, warning(rehearsal))
    assert "::error title=test_it.py%3A%3Atest[0],file=test_it.py,line=5::" in rehearsal.log
    assert "1 failed, 7 passed" in rehearsal.summary
    assert (rehearsal.outputs["failed"], rehearsal.outputs["check-run-id"]) == ("1", "")
    is_limited = make_fault in (limited, spent)  # then the post step tries once more
    assert (rehearsal.state is not None) == is_limited


MISSING = "::warning::The check run is missing on GitHub, or not completed there, so `fail-job: false` has no effect"


@rule("GitHub's side: the check run could not be created or completed, with fail-job")
@pytest.mark.parametrize("method", ["POST", "PATCH"])
@pytest.mark.parametrize(
    ("test", "status"), [(TESTS, ExitStatus.FAILED), (PASSES, ExitStatus.PASSED)], ids=["failed", "passed"]
)
def test_step_fails_with_the_tests_if_github_has_no_verdict(
    github: GithubServer, tmp_path: Path, method: str, test: str, status: ExitStatus
) -> None:
    github.fault(Fault(method=method, path="/check-runs", how="answer", status=403))
    rehearsal = Rehearsal(github, tmp_path)
    assert run(rehearsal, test, fail_job=False) is status
    assert [run["status"] for run in github.runs] == ([] if method == "POST" else ["in_progress"])
    assert rehearsal.log.count(MISSING) == 1


@pytest.mark.parametrize("test", [TESTS, PASSES], ids=["failed", "passed"])
def test_step_passes_if_github_has_the_verdict(github: GithubServer, tmp_path: Path, test: str) -> None:
    rehearsal = Rehearsal(github, tmp_path)
    assert run(rehearsal, test, fail_job=False) is ExitStatus.PASSED
    assert github.run["status"] == "completed"
    assert MISSING not in rehearsal.log


@rule("GitHub's side: a wait that is longer than the budget")
def test_wait_beyond_budget_is_left_to_post_step(github: GithubServer, tmp_path: Path) -> None:
    rehearsal = Rehearsal(github, tmp_path)
    github.fault(Fault(method="PATCH", path=RUN, how="answer", status=429, headers=NEVER))
    assert run(rehearsal) is ExitStatus.FAILED
    assert github.run["status"] == "in_progress"
    assert "GitHub's rate limit requires a longer wait than this job allows" in warning(rehearsal)
    assert "::error title=test_it.py%3A%3Atest[0]" in rehearsal.log
    assert (
        len([request for request in github.writes if request.method == "PATCH"]) == 2
    )  # a live update, and the completion
    github.mend()
    rehearsal.finish("failure")
    assert (github.run["status"], github.run["conclusion"]) == ("completed", "failure")


@rule("GitHub's side: 422 for one annotation")
def test_annotation_refused_by_github_is_left_out_and_reported(github: GithubServer, tmp_path: Path) -> None:
    github.world.refuses = lambda annotation: "[3]" in annotation["title"]
    rehearsal = Rehearsal(github, tmp_path)
    run(rehearsal)
    assert github.run["conclusion"] == "failure"
    titles = Counter(annotation["title"] for annotation in github.annotations())
    assert titles == {f"test_it.py::test[{n}]": 1 for n in range(8) if n != 3}
    assert "GitHub rejected 1 annotation, which is missing here: `test_it.py:4`." in github.run["output"]["summary"]
    assert "GitHub rejected the annotation at test_it.py:4, and it is left out" in warning(rehearsal)
