"""A repository whose workflow takes re-runs: jobs that test its commits, the receiver, and GitHub between them."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from checks.edges.clock import SystemClock
from checks.programs.hubs import Hubs
from checks.programs.receive import AppReceiver
from checks.words.delivery import Answered, Delivery
from checks.words.settings import Credentials
from tests.github_server import GithubServer
from tests.jobs import Ended, Job

WORKFLOW = """\
name: tests
on:
  push:
  workflow_dispatch:
    inputs:
      rerun: {required: false}
"""
_PATH = ".github/workflows/tests.yml"
#: As `serve` gives an event.
EVENT_SECONDS = 8.0


def receiver(github: GithubServer, *, awaits: bool = False) -> AppReceiver:
    """What acts on events, in our process."""
    credentials = Credentials(app_id=github.app.client_id, private_key=github.app.private_key)
    clock = SystemClock()
    waits = threading.Event()
    return AppReceiver(
        app_id=github.app.client_id,
        hubs=Hubs(credentials, github.url, clock, waits.wait),
        clock=clock,
        awaits=awaits,
    )


@dataclass(kw_only=True)
class Round:
    """`files` are committed with the workflow; whatever they are, tests may see `SECOND` in the environment."""

    github: GithubServer
    folder: Path
    files: Mapping[str, str]
    inputs: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.github.installation.permissions["actions"] = "write"
        self.job = self._job("first", {})
        self.github.world.branches["main"] = self.job.sha
        self.receive = receiver(self.github)

    def _job(self, name: str, event: Mapping[str, Any]) -> Job:
        return Job(
            github=self.github, folder=self.folder / name, files={**self.files, _PATH: WORKFLOW}, event=dict(event)
        )

    def first(self, **inputs: str) -> Ended:
        """The job of the push."""
        self.github.world.start_workflow_run(run_id=4711, sha=self.job.sha)
        return self.job.run(**{**self.inputs, **inputs})

    def event(self, name: str, payload: dict[str, Any]) -> Answered:
        """Our process gets an event."""
        return self.receive(Delivery(guid="guid", event=name, payload=payload), time.monotonic() + EVENT_SECONDS)

    def press(self, identifier: str = "rerun-failed", run: int | None = None, sender: str = "octocat") -> Answered:
        """Somebody presses a button of the latest check run, or of another."""
        return self.event("check_run", self.github.press(run or self.latest["id"], identifier, sender))

    @property
    def latest(self) -> dict[str, Any]:
        return self.github.runs[-1]

    def rerun(self, number: int = -1, *, env: Mapping[str, str] | None = None, **inputs: str) -> Ended:
        """A job of a workflow run that was dispatched, on the commit that it is told to check out."""
        dispatch = self.github.world.dispatches[number]
        self.job.event = {"inputs": dict(dispatch.inputs)}
        self.job.env = {
            "GITHUB_EVENT_NAME": "workflow_dispatch",
            "GITHUB_RUN_ID": str(dispatch.run_id),
            "GITHUB_SHA": dispatch.sha or "",
            **(env or {}),
        }
        self.job.git("checkout", "--quiet", json.loads(dispatch.inputs["rerun"])["sha"])
        self._forget()
        return self.job.run(**{**self.inputs, **inputs})

    def _forget(self) -> None:
        """Each job has commands files of its own."""
        for path in (self.job.folder / "commands").glob("*"):
            path.unlink()


RoundOf = Callable[..., Round]
