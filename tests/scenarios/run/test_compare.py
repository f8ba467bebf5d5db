"""Whole runs that are compared with the check run of the commit that they were built on."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from checks.core.github import external_id
from checks.core.model.identity import RunKind
from tests.support.github.server import REPOSITORY, GithubServer
from tests.support.runner.jobs import Job, JobOf, StepResult

BASE = """
import pytest

@pytest.fixture
def broken(): raise OSError("no till")

def test_known(): assert "a" == "b"
def test_other(): pass
def test_setup(broken): pass
def test_fixed(): assert 1 == 3
def test_skipped(): pass
def test_removed(): pass
"""
HEAD = BASE.replace("test_fixed(): assert 1 == 3", "test_fixed(): pass")
#: With a new failure, a test that is skipped, and one that is removed.
WORSE = (
    HEAD.replace("test_other(): pass", "test_other(): assert 1 == 2")
    .replace("def test_skipped", "@pytest.mark.skip(reason='later')\ndef test_skipped")
    .replace("def test_removed(): pass\n", "")
)
KNOWN, OTHER, SETUP = (f"test_it.py::test_{name}" for name in ("known", "other", "setup"))


def pushed(job: Job, before: str) -> None:
    """Set the event to the push of the checked-out commit to main."""
    repository = {"full_name": REPOSITORY, "default_branch": "main"}
    job.event = {"ref": "refs/heads/main", "before": before, "after": job.sha, "repository": repository}


def run_after_base(job_of: JobOf, tests: str, *, has_base: bool = True, **inputs: str) -> tuple[Job, StepResult]:
    """Push and run the base, then a commit with other tests; return the second run."""
    job = job_of({"test_it.py": BASE})
    base = job.sha
    pushed(job, "0" * 40)
    if has_base:
        job.run(**inputs)
    (job.checkout / "test_it.py").write_text(tests)
    job.commit("Change")
    pushed(job, base)
    for path in job.commands.iterdir():
        path.unlink()
    return job, job.run(**inputs)


def last_lines(github: GithubServer, base: str) -> dict[str, str]:
    """Return the line about the base of each failure's annotation, without the base."""
    failures = [
        annotation
        for annotation in github.annotations(github.runs[-1]["id"])
        if annotation["annotation_level"] == "failure"
    ]
    lines = {annotation["title"]: annotation["message"].partition("\n")[2] for annotation in failures}
    return {title: line.replace(f" on main at {base[:7]}", "") for title, line in lines.items()}


def report_of(job: Job, result: StepResult) -> tuple[str, dict[str, Any]]:
    """Return the failure report, and what it says of the base for each test."""
    text, document = ((job.workspace / result.outputs[name]).read_text() for name in ("failures", "failures-json"))
    return text, {failure["nodeid"]: failure["base"] for failure in json.loads(document)["failures"]}


def test_check_says_everywhere_what_the_base_does(job_of: JobOf, github: GithubServer) -> None:
    job, result = run_after_base(job_of, WORSE, fail_on="new")
    output, base = github.runs[-1]["output"], job.git("rev-parse", "HEAD~1")
    assert (result.exit_status, github.runs[-1]["conclusion"]) == (1, "failure")
    assert output["title"].startswith("2 failed, 1 error (3 causes, 1 new), 1 passed, 1 skipped")
    line = next(line for line in output["summary"].splitlines() if " also failing on " in line)
    assert line.startswith(f"1 new · 1 fixed · 2 also failing on [main at {base[:7]}](")
    assert line.endswith(") · 1 removed · 1 newly skipped · -2 passed, +1 skipped")
    assert line in result.summary
    assert "<summary>Removed tests: 1</summary>\n\n```\ntest_it.py::test_removed\n```" in output["summary"]
    assert "Failing tests that count with `fail-on: new`: 1 of 3, compared with the base main at " in output["summary"]
    assert last_lines(github, base) == {KNOWN: "Also fails.", OTHER: "New: passed.", SETUP: "Also fails."}
    assert [result.outputs[name] for name in ("new-failures", "fixed", "removed-tests")] == ["1", "1", "1"]
    report, states = report_of(job, result)
    assert states == {KNOWN: "failing", OTHER: "new", SETUP: "failing"}
    assert ["1 test (new)" in line for line in report.splitlines() if line.startswith("## Cause")].count(True) == 1


@pytest.mark.parametrize("fail_on", ["new", pytest.param("none", marks=pytest.mark.slow)])
def test_forgiven_failures_make_a_neutral_check_and_a_passing_step(
    job_of: JobOf, github: GithubServer, fail_on: str
) -> None:
    job, result = run_after_base(job_of, HEAD, fail_on=fail_on)
    assert (result.exit_status, github.runs[-1]["conclusion"], result.outputs["conclusion"]) == (
        0,
        "neutral",
        "neutral",
    )
    assert github.runs[-1]["output"]["title"].startswith("1 failed, 1 error (2 causes, 0 new), ")
    base = job.git("rev-parse", "HEAD~1")
    assert last_lines(github, base) == {KNOWN: "Also fails.", SETUP: "Also fails."}
    assert f"2 failing tests forgiven by `fail-on: {fail_on}`" in github.runs[-1]["output"]["summary"]
    identity = external_id.parse(github.runs[-1]["external_id"])
    assert identity is not None
    assert (identity.kind, identity.counts.failed) == (RunKind.COMPLETE, 2)


@pytest.mark.slow
def test_failures_count_with_github_token(job_of: JobOf, github: GithubServer) -> None:
    token = github.world.actions_token(REPOSITORY)
    _, result = run_after_base(job_of, HEAD, fail_on="new", app_id="", private_key="", github_token=token)
    assert (result.exit_status, github.runs[-1]["conclusion"]) == (1, "failure")
    assert (
        "because with `github-token`, every workflow of the repository can write"
        in github.runs[-1]["output"]["summary"]
    )


@pytest.mark.slow
def test_summary_names_tests_that_became_slower(job_of: JobOf, github: GithubServer) -> None:
    slow = BASE.replace("def test_other(): pass", "def test_other(): import time; time.sleep(1.1)")
    run_after_base(job_of, slow)
    summary = github.runs[-1]["output"]["summary"]
    (line,) = (line for line in summary.splitlines() if "s, was " in line)
    assert re.fullmatch(r" +1\.\d\d s, was (at most )?0\.0\d s  test_it\.py::test_other", line)
    assert summary.index("<summary>Slower than on <code>main at ") < summary.index(line)


def test_run_without_a_base_says_so_in_half_a_line(job_of: JobOf, github: GithubServer) -> None:
    job, result = run_after_base(job_of, HEAD, has_base=False)
    base = job.git("rev-parse", "HEAD~1")
    assert "new" not in github.runs[-1]["output"]["title"]
    assert (
        f"\n\nNot compared: main at {base[:7]} has no check run of this name." in github.runs[-1]["output"]["summary"]
    )
    assert last_lines(github, base) == {KNOWN: "", SETUP: ""}
    assert [result.outputs[name] for name in ("new-failures", "fixed", "removed-tests")] == [""] * 3
    assert {*report_of(job, result)[1].values()} == {None}
