"""A repository with a job for a manual check: its commits, its events, and the people who decide."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from checks.core.github import payload
from checks.core.github.parse_run import parse_run
from checks.core.manual.decide import decide_request
from checks.core.model.check_run import CheckRun
from checks.core.model.manual import VerdictAction, VerdictRequest, VerdictSource
from tests.support.github.server import REPOSITORY, GithubServer
from tests.support.manual.server_runs import create_manual_run
from tests.support.rerun.edges import create_check_run
from tests.support.runner.jobs import Job, StepResult

NUMBER = 7
INPUTS = {"manual": "true", "category": "device", "instructions": "Press **start**.", "job_summary": "off"}
FILES = {"src/device.py": "speed = 1\n", "docs/guide.md": "Read me.\n", "README.md": "A device.\n"}
_REPOSITORY = {"full_name": REPOSITORY, "default_branch": "main"}


@dataclass(frozen=True, kw_only=True)
class State:
    """A check run: its conclusion, title, and the last paragraph of its summary."""

    conclusion: str
    title: str
    note: str


class ManualJobs:
    """Runs the job, one event after the other; `main` and `topic` are branches, on GitHub, too."""

    def __init__(self, job: Job) -> None:
        self.github: GithubServer = job.github
        self.job = job
        self.github.installation.permissions |= {"contents": "read", "pull_requests": "read"}
        self.github.world.changes = self._changes
        self._run_id = 5000
        self.head = ""
        self._pushed("main")
        self.job.git("checkout", "--quiet", "-b", "topic")

    def commit(self, files: Mapping[str, str] | None = None, message: str = "Change") -> str:
        """Commit files on the checked-out branch; return the commit."""
        for name, text in (files or {}).items():
            path = self.job.checkout / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return self.job.commit(message)

    def push(self, *, action: str = "synchronize", fork: bool = False, event: str = "pull_request") -> None:
        """Push HEAD to the pull request."""
        before, self.head = self.head, self._pushed("topic")
        head = {
            "ref": "topic",
            "sha": self.head,
            "repo": {**_REPOSITORY, "full_name": "mallory/demo"} if fork else _REPOSITORY,
        }
        base = {"ref": "main", "sha": "0" * 40, "repo": _REPOSITORY}
        pull_request = {"number": NUMBER, "head": head, "base": base}
        is_new = not before or action != "synchronize"
        self.event(event, {"action": action, "pull_request": pull_request, **({} if is_new else {"before": before})})
        self.github.world.pull_heads[NUMBER] = self.head

    def push_to_main(self) -> None:
        """Push HEAD to `main`."""
        before = self.github.world.branches.get("main", "0" * 40)
        self._pushed("main")
        self.event("push", {"ref": "refs/heads/main", "before": before})

    def queue(self, number: int = NUMBER) -> str:
        """Make HEAD a merge group that ends with a pull request; return its commit."""
        branch = f"gh-readonly-queue/main/pr-{number}-{'b' * 40}"
        sha = self._pushed(branch)
        group = {
            "head_sha": sha,
            "head_ref": f"refs/heads/{branch}",
            "base_sha": "b" * 40,
            "base_ref": "refs/heads/main",
        }
        self.event("merge_group", {"merge_group": group})
        return sha

    def event(self, name: str, payload: Mapping[str, Any]) -> None:
        """Let the next run be that of an event."""
        self._run_id += 1
        self.job.sha = self.job.git("rev-parse", "HEAD")
        self.job.event = {"repository": _REPOSITORY, **payload}
        self.job.env |= {"GITHUB_EVENT_NAME": name, "GITHUB_RUN_ID": str(self._run_id), "GITHUB_JOB": "manual"}

    def run(self, **inputs: str) -> StepResult:
        """Run the job."""
        for path in self.job.commands.iterdir():
            path.unlink()
        return self.job.run(**{**INPUTS, **inputs})

    def wait_for_verdict(self, *, has_commit_status: bool = False) -> None:
        """Create the check of HEAD as a job does, without its process."""
        text = INPUTS["instructions"]
        create_manual_run(
            self.github,
            self.job.sha,
            instructions=text,
            seconds_ago=0.0,
            workflow="tests.yml",
            run_id="4000",
            has_commit_status=has_commit_status,
        )

    def decide(
        self,
        action: VerdictAction = VerdictAction.PASS,
        by: str = "octocat",
        source: VerdictSource = VerdictSource.BUTTON,
    ) -> None:
        """Decide on the newest check run, as the receiver does after a press."""
        run = parse_run(self.github.runs[-1])
        assert run is not None
        event = "" if source is VerdictSource.TERMINAL else run.id
        request = VerdictRequest(action=action, by=by, at=time.time(), source=source, event=event, page=run.page)
        decision = decide_request(request, run, [run])
        assert isinstance(decision, CheckRun), decision
        self.create(decision)

    def create(self, run: CheckRun) -> None:
        """Create a check run as the App."""
        token = self.github.world.grant(self.github.app, {REPOSITORY}, {"checks": "write"}, self.github.installation)
        create_check_run(self.github, payload.create(run), token.value)

    def requests(self) -> list[str]:
        """Return the requests so far, without the repository; ``token`` for those that create one."""
        return [
            "token"
            if request.path.endswith("/access_tokens")
            else f"{request.method} {request.path.replace(f'/repos/{REPOSITORY}', '')}"
            for request in self.github.requests
        ]

    @property
    def state(self) -> State:
        """The newest check run."""
        run = self.github.runs[-1]
        note = run["output"]["summary"].rpartition("\n\n")[2]
        return State(conclusion=run["conclusion"], title=run["output"]["title"], note=note)

    def _pushed(self, branch: str) -> str:
        sha = self.job.git("rev-parse", "HEAD")
        self.github.world.branches[branch] = sha
        for line in self.job.git("log", "--all", "HEAD", "--format=%H %P").splitlines():
            commit, *parents = line.split()
            self.github.world.parents[commit] = parents
        return sha

    def _changes(self, base: str, head: str) -> list[dict[str, str]]:
        words = {"A": "added", "M": "modified", "D": "removed", "R": "renamed"}
        files: list[dict[str, str]] = []
        for line in self.job.git("diff", "--name-status", "--find-renames", base, head).splitlines():
            status, *names = line.split("\t")
            previous = {"previous_filename": names[0]} if len(names) > 1 else {}
            files.append({"filename": names[-1], "status": words[status[0]], **previous})
        return files
