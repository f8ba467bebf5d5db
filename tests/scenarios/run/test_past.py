"""Whole runs that look back at commits whose check runs were made by whole runs."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

import pytest

from tests.support.github.server import REPOSITORY, Fault, GithubServer
from tests.support.rules import rule
from tests.support.runner.jobs import Job, JobOf, StepResult
from tests.support.waits import HANG_SECONDS

KNOWN, COMES = "test_it.py::test_known", "test_it.py::test_comes"


def source(*failing: str) -> str:
    """Return tests, of which these fail."""
    names = ("known", "comes", "other", "new")
    return "\n".join(f"def test_{name}(): assert {name not in failing}" for name in names)


@dataclass
class History:
    """Commits of main. Each has a real run, unless it is `quiet`."""

    job: Job
    github: GithubServer
    commits: list[str] = field(default_factory=list)

    def push(self, *failing: str, quiet: bool = False, **inputs: str) -> StepResult | None:
        before = self.commit(*failing)
        return None if quiet else self.run(before, **inputs)

    def commit(self, *failing: str) -> str:
        """Commit tests, and return the commit before."""
        (self.job.checkout / "test_it.py").write_text(source(*failing))
        parents = self.commits[-1:]
        self.commits.append(self.job.commit(f"Commit {len(self.commits)}"))
        self.github.world.parents[self.commits[-1]] = parents
        self.github.world.branches["main"] = self.commits[-1]
        return (parents or ["0" * 40])[0]

    def run(self, before: str, **inputs: str) -> StepResult:
        repository = {"full_name": REPOSITORY, "default_branch": "main"}
        after = self.commits[-1]
        self.job.event = {"ref": "refs/heads/main", "before": before, "after": after, "repository": repository}
        for path in self.job.commands.iterdir():
            path.unlink()
        return self.job.run(category="unit", **inputs)

    def link(self, number: int) -> str:
        commit = self.commits[number]
        page = next(run["html_url"] for run in self.github.runs if run["head_sha"] == commit)
        return f"[{commit[:7]}]({page})"

    @property
    def summary(self) -> str:
        return str(self.github.runs[-1]["output"]["summary"])


@pytest.fixture
def history(job_of: JobOf, github: GithubServer) -> History:
    """A branch whose App may read its commits, of which there are none."""
    github.installation.permissions["contents"] = "read"
    return History(job_of({"test_it.py": source()}), github)


@rule("Since when: permissions and requests")
@rule("Since when: no test fails, and none is flaky")
@rule("Flaky: a test is flaky on the branch alone, with fail-on-flaky")
def test_check_says_since_when_tests_fail_and_which_are_flaky(history: History, github: GithubServer) -> None:
    history.push()
    history.push("known", "comes")
    history.push("known", "comes", quiet=True)
    history.push("known")
    history.push("known", "comes")
    github.requests.clear()
    result = history.push("known", "comes", "new")
    commits = history.commits
    changes = f"[changes](https://github.test/{REPOSITORY}/compare/{{}}...{{}})"
    assert result is not None
    for summary in (history.summary, result.summary):
        assert "\n\n### Since when\n\nIn the last 5 commits of main:\n\n- failing since " in summary
        known = changes.format(commits[0], commits[1])
        assert f"\n- failing since {history.link(1)}, passed last at {history.link(0)} ({known}): `{KNOWN}`" in summary
        comes = changes.format(commits[3], commits[4])
        assert f"\n- failing since {history.link(4)}, passed last at {history.link(3)} ({comes}): `{COMES}`" in summary
        assert f"<summary>Flaky tests: 1</summary>\n\n- `{COMES}`: failed 2 of the last 4 runs on main\n" in summary
        assert "test_new`" not in summary.partition("Since when")[2].partition("</details>")[0]
    assert [request.path for request in github.requests].count("/graphql") == 2
    assert {token.body["permissions"].get("contents") for token in github.tokens_granted} == {None, "read"}
    github.requests.clear()
    history.push(fail_on_flaky="true")
    assert github.runs[-1]["conclusion"] == "success"
    assert "/graphql" not in [request.path for request in github.requests]
    assert "Since when" not in history.summary


@rule("Since when: GitHub is slow or refuses")
@pytest.mark.slow
def test_verdict_does_not_wait_and_the_sections_follow(history: History, github: GithubServer) -> None:
    history.push("known")
    has_verdict = threading.Event()
    github.fault(Fault(path="graphql", how="none", before=lambda: has_verdict.wait(HANG_SECONDS)))
    count = len(github.runs)

    def wait() -> None:
        github.wait_for(lambda: len(github.runs) > count and github.runs[-1]["conclusion"] == "failure")
        summaries.append(history.summary)
        has_verdict.set()

    summaries = list[str]()
    watcher = threading.Thread(target=wait)
    watcher.start()
    history.push("known")
    watcher.join()
    assert ["Since when" in summary for summary in (*summaries, history.summary)] == [False, True]
    assert summaries[0].partition("\n\n")[0] in history.summary


@rule("Since when: a permission is missing")
@pytest.mark.slow
def test_missing_permission_costs_one_line_of_the_log(history: History, github: GithubServer) -> None:
    del github.installation.permissions["contents"]
    history.push("known")
    result = history.push("known")
    assert result is not None
    assert (result.exit_status, github.runs[-1]["conclusion"]) == (1, "failure")
    line = "Earlier commits are not looked at: the permission Contents: read is missing."
    assert (result.log.count(line), "Since when" in history.summary) == (1, False)
