"""Clicks, jobs and events in random order, some of them lost, and what must hold after the next click, poll or job."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

from checks.core.github.external_id import compose, parse
from checks.core.model.delivery import Delivery, DeliveryStatus
from checks.core.model.identity import RunKind
from checks.core.model.ports import ForeignCheckRunError, PublishError
from tests.support.github.responses import timestamp
from tests.support.github.server import Fault, GithubServer
from tests.support.rerun.latest import runs_that_count
from tests.support.rerun.reruns import FAILED, FLAKY, RerunScenario, receiver

_ENDS = ("startup_failure", "failure", "cancelled")
_LOST_ANSWERS = ("/dispatches$", "/check-runs$", r"/check-runs/\d+$")


class RerunSoak:
    """One repository with one check, on which a seed decides what happens."""

    def __init__(self, github: GithubServer, folder: Path, seed: int) -> None:
        self.github = github
        self.chance = random.Random(seed)
        self.scenario = RerunScenario(github=github, folder=folder, files=FLAKY)
        github.clock = self.scenario.clock.now
        github.world.knows_run_details = self.chance.random() < 0.8
        github.world.start_workflow_run(run_id=4711, sha=self.scenario.job.sha)
        github.world.complete_workflow_run(4711)
        self.first = self.scenario.create_run()["id"]
        self.deferred: list[tuple[str, dict[str, Any]]] = []
        self.steps = [self.press, self.press, self.rerequest, self.rerequest_suite, self.claim, self.claim]
        self.steps += [
            self.finish,
            self.end_workflow_run,
            self.end_workflow_run,
            self.report_elsewhere,
            self.lose_answer,
        ]

    def run(self) -> None:
        """Take some steps. Then all workflow runs end without an event, and a poll looks."""
        for _ in range(self.chance.randint(4, 14)):
            self.scenario.clock.seconds += self.chance.randint(1, 100)
            self.chance.choice(self.steps)()
        self.github.mend()
        for _ in range(4):
            self.scenario.clock.seconds += 60
            deferred, self.deferred = self.deferred, []
            for event, payload in deferred:
                self.deliver(event, payload)
            for number in self.living_workflow_runs():
                self.github.world.complete_workflow_run(number, self.chance.choice(_ENDS))
            click = Delivery(guid="", event="check_run", payload=self.github.press(self.first, "rerun-all"))
            self.scenario.receive.revisit(click, self.scenario.until())

    def check(self) -> None:
        """Raises `AssertionError` if a check is stuck, or if it is not clear which of two check runs counts."""
        assert self.deferred == []
        assert [run for run in self.github.runs if run["status"] != "completed"] == []
        by_id, by_time = runs_that_count(self.github)
        assert by_id == by_time

    def living_workflow_runs(self) -> list[int]:
        return [run["id"] for run in list(self.github.world.workflow_runs.values()) if run["status"] != "completed"]

    def deliver(self, event: str, payload: dict[str, Any]) -> None:
        """Deliver an event to one of two receivers; one that is to come again is kept."""
        if self.chance.random() < 0.3:
            self.scenario.receive = receiver(self.github, self.scenario.clock)  # it was started again
        if self.scenario.event(event, payload).status is DeliveryStatus.LATER:
            self.deferred.append((event, payload))

    def press(self) -> None:
        run = self.chance.choice(self.github.runs)
        self.deliver("check_run", self.github.press(run["id"], self.chance.choice(["rerun-failed", "rerun-all"])))

    def rerequest(self) -> None:
        self.deliver("check_run", self.github.rerequest(self.chance.choice(self.github.runs)["id"]))

    def rerequest_suite(self) -> None:
        self.deliver("check_suite", self.github.rerequest_suite(self.scenario.job.sha))

    def claim(self) -> None:
        """A runner starts the job of a workflow run."""
        living = self.living_workflow_runs()
        numbers = [n for n, dispatch in enumerate(self.scenario.dispatches) if dispatch.run_id in living]
        if numbers:
            try:
                self.scenario.claim(self.chance.choice(numbers))
            except (ForeignCheckRunError, PublishError):
                return

    def finish(self) -> None:
        """The tests of a job end."""
        for run in self.github.runs:
            identity = parse(run["external_id"])
            if run["status"] == "in_progress" and identity and int(identity.run_id) in self.living_workflow_runs():
                conclusion = self.chance.choice(["success", "failure"])
                run |= {
                    "status": "completed",
                    "conclusion": conclusion,
                    "completed_at": timestamp(self.scenario.clock.now()),
                    "external_id": compose(replace(identity, kind=RunKind.COMPLETE)),
                }
                self.github.world.complete_workflow_run(int(identity.run_id), conclusion)

    def end_workflow_run(self) -> None:
        """A workflow run ends, perhaps with the machine of its job; its event may be lost or early."""
        living = self.living_workflow_runs()
        if not living:
            return
        number = self.chance.choice(living)
        payload = self.github.workflow_completed(number, self.chance.choice(_ENDS))
        kind = self.chance.choice(["lost", "early", "in time"])
        if kind == "early":
            self.github.world.workflow_runs[number] |= {"status": "in_progress", "conclusion": None}
        if kind != "lost":
            self.deliver("workflow_run", payload)

    def report_elsewhere(self) -> None:
        """All machines are lost, and another workflow run reports a check run of the same name."""
        for number in self.living_workflow_runs():
            self.github.world.complete_workflow_run(number, "failure")
        self.github.mend()
        self.scenario.create_run(conclusion="success", parts=replace(FAILED, run_id="4712"))

    def lose_answer(self) -> None:
        """The answer to a later request is lost, or the request itself."""
        path, is_done = self.chance.choice(_LOST_ANSWERS), self.chance.random() < 0.5
        times = self.chance.choice([range(1, 3), range(1, 30)])
        self.github.fault(Fault(method="POST|PATCH", path=path, how="drop", done=is_done, nth=times))
