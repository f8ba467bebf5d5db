"""A pull request with checks, people who comment on it, and a receiver in this process."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from checks.core.github.external_id import compose
from checks.core.model.delivery import Delivery, DeliveryResult
from checks.programs.events.receiver import AppReceiver
from tests.support.fakes import FakeClock
from tests.support.github.comments import add_comment
from tests.support.github.responses import timestamp
from tests.support.github.server import REPOSITORY, GithubServer
from tests.support.manual.server_runs import create_manual_run
from tests.support.rerun.edges import create_check_run
from tests.support.rerun.reruns import EVENT_SECONDS, FAILED, receiver

NUMBER = 12
HEAD, NEXT, OLDER = "a" * 40, "b" * 40, "0123456" + "c" * 33
#: A whole second, as GitHub's times are.
_NOW = 1_764_261_600.0


@dataclass(kw_only=True)
class CommentScenario:
    """The pull request `NUMBER` with the commit `HEAD`. Time passes only between the steps of a test."""

    github: GithubServer
    clock: FakeClock = field(default_factory=lambda: FakeClock(_NOW))

    def __post_init__(self) -> None:
        self.github.clock = self.clock.now
        self.github.installation.permissions |= {"actions": "write", "pull_requests": "write"}
        world = self.github.world
        world.pull_heads[NUMBER] = HEAD
        world.branches |= {"topic": HEAD}
        world.start_workflow_run(run_id=4711, ref="topic", sha=HEAD)
        self.receive: AppReceiver = receiver(self.github, self.clock)

    def wait(self, seconds: float = 60.0) -> None:
        """Let time pass."""
        self.clock.sleep(seconds)

    def manual(self, category: str = "device", commit: str = HEAD, name: str = "", **identity: Any) -> dict[str, Any]:
        """Create a manual check as its job does, and let time pass."""
        run = create_manual_run(self.github, commit, category, name=name, seconds_ago=0.0, **identity)
        self.wait()
        return run

    def tests(self, category: str = "unit", commit: str = HEAD, failed: int = 1, **fields: Any) -> dict[str, Any]:
        """Create a check of tests as its job does, and let time pass."""
        counts = replace(FAILED.counts, failed=failed)
        identity = replace(FAILED, category=category, counts=counts)
        body = {
            "name": f"pytest ({category})",
            "head_sha": commit,
            "external_id": compose(identity),
            "started_at": timestamp(self.clock.now()),
            "output": {"title": f"{failed} failed, 1 passed", "summary": "Some."},
            "conclusion": "failure" if failed else "success",
            **fields,
        }
        token = self.github.world.grant(self.github.app, {REPOSITORY}, {"checks": "write"}, self.github.installation)
        given = {key: value for key, value in body.items() if value is not None}
        run = create_check_run(self.github, given, token.value)
        self.wait()
        return run

    def post(self, body: str, author: str = "octocat", *, seconds: float = 1.0, **fields: Any) -> int:
        """Write a comment, and let time pass. Return its id."""
        comment = add_comment(self.github.world, NUMBER, body, login=author, **fields)
        self.wait(seconds)
        return int(comment["id"])

    def handle(self, comment_id: int, *, by: AppReceiver | None = None) -> DeliveryResult:
        """Handle the event of a comment in this process, by this receiver or another one."""
        return self.deliver(self.github.commented(comment_id), by=by)

    def deliver(self, event: dict[str, Any], *, by: AppReceiver | None = None) -> DeliveryResult:
        """Handle an event."""
        delivery = Delivery(guid="guid", event="issue_comment", payload=event)
        return (by or self.receive)(delivery, self.clock.monotonic() + EVENT_SECONDS)

    def say(self, body: str, author: str = "octocat") -> DeliveryResult:
        """Write a comment and handle its event."""
        return self.handle(self.post(body, author))

    def push(self, commit: str = NEXT) -> None:
        """Push a commit, and let time pass."""
        world = self.github.world
        world.pull_commits[NUMBER] = [*world.pull_commits.get(NUMBER, [world.pull_heads[NUMBER]]), commit]
        world.pull_heads[NUMBER] = world.branches["topic"] = commit
        self.wait()

    def runs(self, category: str = "device", commit: str = HEAD) -> list[dict[str, Any]]:
        """Return the check runs of a category on a commit, oldest first."""
        name = f"pytest ({category})"
        return [run for run in self.github.runs if (run["name"], run["head_sha"]) == (name, commit)]

    def titles(self, category: str = "device", commit: str = HEAD) -> list[str]:
        """Return the titles of those."""
        return [run["output"]["title"] for run in self.runs(category, commit)]

    @property
    def answers(self) -> list[str]:
        """Return the App's comments."""
        comments = self.github.world.comments.values()
        return [comment["body"] for comment in comments if comment["user"]["type"] == "Bot"]

    @property
    def answer(self) -> str:
        """Return the only answer."""
        (body,) = self.answers
        return body

    @property
    def reactions(self) -> list[str]:
        """Return all reactions to comments."""
        return [reaction["content"] for given in self.github.world.reactions.values() for reaction in given]
