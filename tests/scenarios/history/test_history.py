"""The program `history` with records of whole runs on the local server."""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
import yaml

from checks.core.history.test_key import key
from tests.support.github.server import REPOSITORY, GithubServer
from tests.support.rules import rule
from tests.support.runner.jobs import ROOT, Job, JobOf
from tests.support.runner.shell import run_in_shell

KNOWN, COMES, SLOW = "test_it.py::test_known", "test_it.py::test_comes", "test_it.py::test_slow"


def source(*failing: str) -> str:
    """Return tests, of which these fail."""
    tests = "\n".join(f"def test_{name}(): assert {name in failing} is False" for name in ("known", "comes"))
    return f"import time\n{tests}\ndef test_slow(): time.sleep(0.05)\n"


@dataclass
class Branch:
    """The commits of a branch, with a real run of each."""

    job: Job
    github: GithubServer
    commits: list[str]

    def push(self, *failing: str, marked: str = "") -> None:
        (self.job.checkout / "test_it.py").write_text(
            source(*failing).replace("def test_slow", f"{marked}def test_slow")
        )
        commit, parents = self.job.commit(f"Commit {len(self.commits)}"), self.commits[-1:]
        self.github.world.parents[commit] = parents
        self.github.world.branches["main"] = commit
        repository = {"full_name": REPOSITORY, "default_branch": "main"}
        before = (parents or ["0" * 40])[0]
        self.job.event = {"ref": "refs/heads/main", "before": before, "after": commit, "repository": repository}
        for path in self.job.commands.iterdir():
            path.unlink()
        self.commits.append(commit)
        self.job.run(category="unit")

    def ask(self, *arguments: str, **permissions: str) -> subprocess.CompletedProcess[str]:
        token = self.github.world.actions_token(REPOSITORY, **{"checks": "read", **permissions})
        variables = {"CHECKS_GITHUB_TOKEN": token, "GITHUB_API_URL": self.github.url}
        options = ("--repo", REPOSITORY, *(() if "--check" in arguments else ("--category", "unit")))
        return run_in_shell(self.job.folder, "history", *options, *arguments, **variables)

    def page(self, number: int) -> str:
        return str(next(run["html_url"] for run in self.github.runs if run["head_sha"] == self.commits[number]))


@pytest.fixture
def branch(job_of: JobOf, github: GithubServer) -> Branch:
    """A branch without commits."""
    return Branch(job_of({"test_it.py": source()}), github, [])


@rule("History: a test's results")
@rule("History: the flaky tests")
@rule("History: the slowest tests")
@rule("History: an export")
@pytest.mark.slow
def test_answers_come_from_the_records_of_real_runs(branch: Branch) -> None:
    for failing in ((), ("known", "comes"), ("known",), ("known", "comes")):
        branch.push(*failing)
    completed = branch.ask(f"./{KNOWN}")
    assert completed.returncode == 0, completed.stderr
    head, _, table, message = completed.stdout.split("\n", 3)[:2] + completed.stdout.split("\n\n")[1:]
    assert head == KNOWN
    rows = [re.split(r"\s{2,}", line) for line in table.splitlines()]
    assert [(row[0], row[2], row[-1]) for row in rows] == [
        ("commit", "outcome", "check run"),
        *((branch.commits[number][:7], "failed", branch.page(number)) for number in (3, 2, 1)),
        (branch.commits[0][:7], "passed", branch.page(0)),
    ]
    assert message == f"Message at {branch.commits[3][:7]}: AssertionError: assert True is False\n"
    assert completed.stderr == "3 requests to GitHub.\n"
    document = json.loads(branch.ask(KNOWN, "--json", "--limit", "2").stdout)
    assert (document["commits"], [result["outcome"] for result in document["results"]]) == (2, ["failed"] * 2)
    flaky = json.loads(branch.ask("--flaky", "--json").stdout)
    assert [(test["test"], test["failed"], test["of"]) for test in flaky["tests"]] == [(COMES, 2, 4)]
    slow = branch.ask("--slow").stdout.splitlines()
    assert (slow[2].split(), slow[3].split()[-2:]) == (["newest", "median", "longest", "runs", "test"], ["4", SLOW])
    assert branch.ask("--export", "results.jsonl").stderr.startswith("12 results are in results.jsonl.\n")
    lines = [json.loads(line) for line in (branch.job.folder / "results.jsonl").read_text().splitlines()]
    outcomes = {(line["commit"], line["test"]): line["outcome"] for line in lines}
    assert outcomes == {
        (commit, test): "failed" if test in failing else "passed"
        for commit, failing in zip(branch.commits, ([], [KNOWN, COMES], [KNOWN], [KNOWN, COMES]), strict=True)
        for test in (KNOWN, COMES, SLOW)
    }


@rule("History: there is no such check, branch, repository or test, or no permission")
def test_each_error_says_what_to_do(branch: Branch) -> None:
    branch.push("known")
    errors = {
        (KNOWN, "--check", "pytest"): f"Commit {branch.commits[0][:7]} has pytest (unit).",
        (KNOWN, "--branch", "other"): f'GitHub finds no branch "other" in {REPOSITORY}, or the credentials do not ',
        (KNOWN, "--repo", "octo/none"): 'GitHub finds no branch "main" in octo/none, or the credentials do not ',
        ("test_slow",): f'has a test "test_slow". Similar ones are {SLOW}.',
    }
    for arguments, expected in errors.items():
        completed = branch.ask(*arguments)
        assert (completed.returncode, completed.stdout) == (2, "")
        assert expected in completed.stderr
    for missing in ("contents", "checks"):
        completed = branch.ask(KNOWN, **{missing: "none"})
        assert completed.returncode == 2
        assert f"cannot be read: the permission {missing.title()}: read is missing." in completed.stderr


@pytest.mark.slow
def test_app_that_may_read_checks_and_contents_is_enough(branch: Branch, github: GithubServer) -> None:
    branch.push()
    github.installation.permissions = {"checks": "read", "contents": "read", "metadata": "read"}
    app = {"CHECKS_APP_ID": github.app.client_id, "CHECKS_PRIVATE_KEY": github.app.private_key}
    arguments = (KNOWN, "--check", "pytest (unit)", "--repo", REPOSITORY)
    completed = run_in_shell(branch.job.folder, "history", *arguments, GITHUB_API_URL=github.url, **app)
    assert (completed.returncode, "  passed  " in completed.stdout) == (0, True), completed.stderr


@rule("History: several mistakes")
def test_mistakes_are_reported_together(tmp_path: Path) -> None:
    arguments = ("--flaky", "--slow", "--branch", " ", "--limit", "0", "--repo", "x")
    completed = run_in_shell(tmp_path, "history", *arguments, GITHUB_API_URL="nowhere")
    assert completed.returncode == 2
    assert [line.partition(": ")[2].partition(":")[0] for line in completed.stderr.splitlines()] == [
        "--repo",
        "NODEID, --flaky, --slow and --export",
        "--branch",
        "--limit",
        "CHECKS_GITHUB_TOKEN",
        "GITHUB_API_URL",
    ]


@rule("History: an export to a folder or a device")
def test_export_replaces_files_alone(branch: Branch) -> None:
    branch.push()
    (branch.job.folder / "kept").mkdir()
    for path, why in (("kept", '"kept" is not a file.'), ("none/x", "it cannot be written: No such file")):
        completed = branch.ask("--export", path)
        assert (completed.returncode, why in completed.stderr) == (2, True)
    assert (branch.job.folder / "kept").is_dir()
    completed = branch.ask("--slow", "--names", "none")
    assert (completed.returncode, "--names: it cannot be read: No such file" in completed.stderr) == (2, True)


@rule("History: names that no check run has, in a file")
def test_names_come_from_a_file_too(branch: Branch) -> None:
    branch.push(marked="@__import__('pytest').mark.xfail\n")  # no passed test, and no failure
    assert f"(unknown name, key {key(SLOW):012x})\n" in branch.ask("--slow").stdout
    (branch.job.folder / "names").write_text(f"{SLOW}\n\n1 test collected in 0.01s\n")
    assert f"  {SLOW}\n" in branch.ask("--slow", "--names", "names").stdout


@pytest.mark.slow
def test_example_workflow_commits_an_export_to_its_branch(branch: Branch, tmp_path: Path) -> None:
    branch.push()
    remote, clone, programs = tmp_path / "remote", tmp_path / "clone", tmp_path / "bin"
    for folder in (remote, programs):
        folder.mkdir()
    git = partial(subprocess.run, check=True, capture_output=True, text=True)
    git(["git", "init", "--quiet", "--bare", "--initial-branch=test-results", str(remote)])
    git(["git", "clone", "--quiet", str(remote), str(clone)])
    (programs / "pytest-check-runs").write_text(f'#!/bin/sh\nexec {sys.executable} {ROOT / "entrypoint.py"} "$@"\n')
    (programs / "pytest-check-runs").chmod(0o755)
    token = branch.github.world.actions_token(REPOSITORY, checks="read")
    env = {
        "PATH": f"{programs}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "GITHUB_REPOSITORY": REPOSITORY,
        "GITHUB_API_URL": branch.github.url,
        "CHECKS_GITHUB_TOKEN": token,
        "CATEGORY": "unit",
    }
    steps = yaml.safe_load((ROOT / "examples" / "workflows" / "history.yml").read_text())["jobs"]["export"]["steps"]
    for step in [step for step in steps if "env" in step]:
        subprocess.run(["bash", "-e", "-c", step["run"]], cwd=clone, env=env, check=True)
    (path,) = git(["git", "-C", str(remote), "ls-tree", "-r", "--name-only", "test-results"]).stdout.split()
    assert re.fullmatch(r"results/unit/\d{4}-\d\d-\d\d\.jsonl\.gz", path)
    lines = gzip.decompress((clone / path).read_bytes()).splitlines()
    assert {json.loads(line)["test"] for line in lines} == {KNOWN, COMES, SLOW}


def test_commits_of_several_pages_are_looked_at(branch: Branch, github: GithubServer) -> None:
    branch.push()
    newest = branch.commits[0]
    for number in range(230):
        commit = f"{number:040x}"
        github.world.parents[commit], newest = [newest], commit
    github.world.branches["main"] = newest
    document = json.loads(branch.ask(KNOWN, "--json", "--limit", "300").stdout)
    assert (document["commits"], [result["commit"] for result in document["results"]]) == (231, branch.commits)
    assert "on the last 200 commits of main" in branch.ask(KNOWN, "--limit", "200").stderr
