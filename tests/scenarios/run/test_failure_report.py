"""The failure report that a whole run leaves in the workspace."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.rules import rule
from tests.support.runner.jobs import Job, JobOf, StepResult

SHOP = "def price(tea):\n    known = {'assam': 450}\n    return known[\n        tea\n    ]\n"
TESTS = """import shop, pytest

@pytest.mark.parametrize("tea", ["green", "white", "oolong"])
def test_price(tea):
    print("asking for", tea)
    assert shop.price(tea) == 1

@pytest.fixture
def till():
    raise OSError("no till")

def test_till(till): pass

def test_ok(): pass
"""
FAILING = {"shop.py": SHOP, "test_shop.py": TESTS}


def report_of(job: Job, result: StepResult) -> str:
    return (job.workspace / result.outputs["failures"]).read_text()


def test_report_explains_each_cause_and_has_every_failure(job_of: JobOf) -> None:
    job = job_of(FAILING)
    result = job.run()
    assert (result.outputs["failures"], result.outputs["failures-json"]) == (
        ".check-run/failures.md",
        ".check-run/failures.json",
    )
    text = report_of(job, result)
    assert "3 failed (2 causes), 1 error, 1 passed in " in text
    assert "## Cause 1: `KeyError: 'green'` at `shop.py:3`, 3 tests\n" in text
    assert (
        "\n        known = {'assam': 450}\n  >     return known[\n            tea\n        ]\n      tea = 'green'\n"
        in text
    )
    assert "\n      known = {'assam': 450}\n" in text
    assert "\nasking for green\n" in text
    assert "## Cause 2: `OSError: no till` at `test_shop.py:10`, 1 test\n" in text
    assert f", <{result.outputs['check-run-url']}>\n" in text
    document = json.loads((job.workspace / result.outputs["failures-json"]).read_text())
    assert (document["commit"], document["conclusion"], document["from_fork"]) == (job.sha, "failure", False)
    assert document["url"] == result.outputs["check-run-url"]
    assert [(failure["title"], failure["stage"], failure["cause"]) for failure in document["failures"]] == [
        ("test_shop.py::test_price[green]", "call", 1),
        ("test_shop.py::test_price[white]", "call", 1),
        ("test_shop.py::test_price[oolong]", "call", 1),
        ("test_shop.py::test_till", "setup", 2),
    ]
    assert document["failures"][2]["captured"] == [{"title": "Captured stdout call", "text": "asking for oolong\n"}]
    command = document["causes"][0]["reproduce"]
    search_path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])  # as in an activated venv
    environ = {**os.environ, "PATH": search_path}
    again = subprocess.run(
        command, shell=True, cwd=job.checkout, env=environ, capture_output=True, text=True, check=False
    )
    assert "KeyError: 'green'" in again.stdout


@rule("The failure report: a run without failures")
@pytest.mark.slow
def test_run_without_failures_replaces_the_report_of_an_earlier_one(job_of: JobOf) -> None:
    job = job_of(FAILING)
    assert "Cause 1" in report_of(job, job.run())
    job.env["GITHUB_RUN_ATTEMPT"] = "2"
    result = job.run(pytest_args="-k test_ok")
    assert result.exit_status == 0
    assert report_of(job, result).endswith("\n\nNo test failed.\n")


@pytest.mark.slow
def test_checks_of_one_workspace_have_reports_of_their_own(job_of: JobOf) -> None:
    job = job_of(FAILING)
    outputs = [job.run(category=category).outputs for category in ("unit", "docs")]
    assert [values["failures"] for values in outputs] == [
        ".check-run/failures-pytest-unit.md",
        ".check-run/failures-pytest-docs.md",
    ]


def test_report_of_what_prevented_the_tests_says_why(job_of: JobOf) -> None:
    job = job_of(FAILING)
    text = report_of(job, job.run(install="echo no such package; false"))
    assert text.startswith("# `pytest`: `action_required`\n\ninstall failed")
    assert "no such package" in text


@rule("The failure report: a commit of a fork")
@pytest.mark.slow
def test_first_line_of_a_forks_report_says_so(job_of: JobOf) -> None:
    head = {"ref": "main", "repo": {"full_name": "mallory/repo"}}
    job = job_of(FAILING, env={"GITHUB_EVENT_NAME": "pull_request"})
    job.event = {"pull_request": {"number": 12, "head": {**head, "sha": job.sha}, "base": {"ref": "main"}}}
    text = report_of(job, job.run())
    assert "fork" in text.partition("\n")[0]
    assert "pull request 12" in text


def test_interpreter_that_dies_leaves_a_report_of_the_running_test(job_of: JobOf) -> None:
    job = job_of({"test_a.py": "import os\n\n\ndef test_dies():\n    print('dying')\n    os.abort()\n"})
    text = report_of(job, job.run())
    assert "## Unfinished: `The interpreter died (SIGABRT) during this test's call` at `test_a.py:" in text
    assert "dying" in text
