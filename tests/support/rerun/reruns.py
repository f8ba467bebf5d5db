"""A repository with a workflow for re-runs: its jobs, the receiver, and the fake GitHub server."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from checks.adapters.system.clock import SystemClock
from checks.core.github.external_id import compose
from checks.core.model.check_run import Published
from checks.core.model.delivery import Delivery, DeliveryResult
from checks.core.model.identity import Identity, RunKind
from checks.core.model.job import Context
from checks.core.model.session import CarriedOverCounts
from checks.core.model.settings import Settings
from checks.core.rerun.dispatch_input import parse
from checks.programs.events.receiver import AppReceiver
from checks.programs.events.repositories import RepositoryPool
from checks.programs.run.create import new_check_run
from tests.support.fakes import FakeClock
from tests.support.github.server import REPOSITORY, GithubServer
from tests.support.github.world import Dispatch
from tests.support.rerun.edges import claiming_publisher, create_check_run, credentials_of, failure
from tests.support.runner.jobs import Job, StepResult

WORKFLOW = """\
name: tests
on:
  push:
  workflow_dispatch:
    inputs:
      rerun: {required: false}
"""
#: Three tests, one of which fails unless `SECOND` is set.
FLAKY = {
    "test_a.py": (
        "import os\n\n\n"
        "def test_ok(): pass\n\n\n"
        "def test_flaky():\n    assert os.environ.get('SECOND') == 'yes'\n\n\n"
        "def test_skipped():\n    import pytest; pytest.skip('why not')\n"
    )
}
SECOND = {"SECOND": "yes"}
_PATH = ".github/workflows/tests.yml"
#: The time that `serve` gives an event.
EVENT_SECONDS = 8.0
#: A check run in which one of two tests failed.
FAILED = Identity(
    workflow="tests.yml",
    run_id="4711",
    job="tests",
    kind=RunKind.COMPLETE,
    counts=CarriedOverCounts(failed=1, passed=1),
)


def receiver(github: GithubServer, clock: FakeClock, *, queues_at_push: bool = False) -> AppReceiver:
    """Return a receiver in this process, with a clock that only advances in waits."""
    return AppReceiver(
        app_id=github.app.client_id,
        repositories=RepositoryPool(credentials_of(github), github.url, clock, clock.sleep),
        clock=clock,
        queues_at_push=queues_at_push,
    )


@dataclass(kw_only=True)
class RerunScenario:
    """A repository whose first commit has `files` and `workflow`."""

    github: GithubServer
    folder: Path
    files: Mapping[str, str]
    inputs: Mapping[str, str] = field(default_factory=dict)
    workflow: str = WORKFLOW

    def __post_init__(self) -> None:
        self.github.installation.permissions["actions"] = "write"
        files = {**self.files, _PATH: self.workflow} if self.workflow else self.files
        self.job = Job(github=self.github, folder=self.folder / "first", files=files)
        self.github.world.branches["main"] = self.job.sha
        self.clock = FakeClock(time.time())
        self.receive = receiver(self.github, self.clock)

    def first(self, *, env: Mapping[str, str] | None = None, **inputs: str) -> StepResult:
        """Run the job of the push, or of the job's event."""
        if 4711 not in self.github.world.workflow_runs:
            self.github.world.start_workflow_run(run_id=4711, sha=self.job.sha)
        self.job.env = dict(env or {})
        self._clear_commands()
        return self.job.run(**{**self.inputs, **inputs})

    def create_run(
        self,
        category: str = "unit",
        conclusion: str = "failure",
        parts: Identity = FAILED,
        failures: Sequence[str] = (),
        **fields: Any,
    ) -> dict[str, Any]:
        """Create a check run as a job of the push would. `failures` are titles of annotations."""
        output = {"title": "1 failed, 1 passed", "summary": "One failed."}
        fields = {"conclusion": conclusion} | fields
        external_id = compose(replace(parts, category=category))
        body = {"name": f"pytest ({category})", "head_sha": self.job.sha, "external_id": external_id, "output": output}
        run = self._as_app(body | {key: value for key, value in fields.items() if value})
        for title in failures:
            self.github.world.annotations[run["id"]].append(failure(title))
        return run

    def _as_app(self, body: dict[str, Any]) -> dict[str, Any]:
        token = self.github.world.grant(self.github.app, {REPOSITORY}, {"checks": "write"}, self.github.installation)
        return create_check_run(self.github, body, token.value)

    def event(self, name: str, payload: dict[str, Any], *, seconds: float = EVENT_SECONDS) -> DeliveryResult:
        """Handle an event in this process, within `seconds`."""
        return self.receive(Delivery(guid="guid", event=name, payload=payload), self.until(seconds))

    def until(self, seconds: float = EVENT_SECONDS) -> float:
        """Return the deadline `seconds` from now, on the receiver's clock."""
        return self.clock.monotonic() + seconds

    def press(
        self, identifier: str = "rerun-failed", run: int | None = None, sender: str = "octocat"
    ) -> DeliveryResult:
        """Click a button of the latest check run, or of `run`."""
        return self.event("check_run", self.github.press(run or self.latest["id"], identifier, sender))

    def rerequest(self, run: int | None = None, sender: str = "octocat") -> DeliveryResult:
        """Click GitHub's own button."""
        return self.event("check_run", self.github.rerequest(run or self.latest["id"], sender))

    def rerequest_suite(self, sender: str = "octocat") -> DeliveryResult:
        """Click GitHub's own button for all checks of the commit."""
        return self.event("check_suite", self.github.rerequest_suite(self.job.sha, sender))

    def complete_workflow(self, run_id: int, conclusion: str = "success") -> DeliveryResult:
        """Complete a workflow run."""
        return self.event("workflow_run", self.github.workflow_completed(run_id, conclusion))

    @property
    def latest(self) -> dict[str, Any]:
        return self.github.runs[-1]

    @property
    def dispatches(self) -> list[Dispatch]:
        return self.github.world.dispatches

    def dispatched_input(self, number: int = -1) -> dict[str, Any]:
        """Return the input ``rerun`` of a dispatched workflow."""
        dispatched: dict[str, Any] = json.loads(self.dispatches[number].inputs["rerun"])
        return dispatched

    def rerun(
        self, number: int = -1, *, env: Mapping[str, str] | None = None, checkout: str = "", **inputs: str
    ) -> StepResult:
        """Run a job of a dispatched workflow run, on the commit that its input names, or on `checkout`."""
        self.prepare_dispatched_job(number, env=env, checkout=checkout)
        return self.job.run(**{**self.inputs, **inputs})

    def prepare_dispatched_job(
        self, number: int = -1, *, env: Mapping[str, str] | None = None, checkout: str = ""
    ) -> None:
        """Prepare the job as one of a dispatched workflow run."""
        dispatch = self.dispatches[number]
        self.job.event = {"inputs": dict(dispatch.inputs)}
        self.job.env = {
            "GITHUB_EVENT_NAME": "workflow_dispatch",
            "GITHUB_RUN_ID": str(dispatch.run_id),
            "GITHUB_SHA": dispatch.sha or "",
            **(env or {}),
        }
        self.job.git("checkout", "--quiet", checkout or self.dispatched_input(number)["sha"])
        self._clear_commands()

    def _clear_commands(self) -> None:
        """Remove the command files, as each job has its own."""
        for path in self.job.commands.glob("*"):
            path.unlink()

    def claim(
        self, number: int = -1, *, attempt: int = 1, wait: Callable[[float], object] = lambda _: None
    ) -> Published:
        """Claim the placeholder run as a job of a dispatched workflow run would. `wait` is called after the write.

        Raises `ForeignCheckRunError`.
        """
        dispatch = self.dispatches[number]
        rerun = parse(dispatch.inputs["rerun"])
        wanted = rerun.categories[0]
        context = Context(
            repository=REPOSITORY,
            workflow=f".github/workflows/{dispatch.workflow}",
            run_id=str(dispatch.run_id),
            run_attempt=attempt,
            job="tests",
            head_sha=rerun.head,
            rerun=rerun,
        )
        settings = Settings(category=wanted.category, check_name=wanted.name)
        return claiming_publisher(self.github, wanted, wait).create(new_check_run(settings, context, SystemClock()))


CreateScenario = Callable[..., RerunScenario]
