"""User actions on GitHub and the webhook payloads that they cause.

See https://docs.github.com/webhooks/webhook-events-and-payloads.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from zlib import crc32

from tests.support.github.login import App
from tests.support.github.responses import timestamp
from tests.support.github.world import REPOSITORY, Suite, World

Payload = dict[str, Any]

NO_COMMIT = "0" * 40  # how git writes a missing commit


class Events:
    """Each method returns a payload for `GithubServer.deliver`, and delivers nothing."""

    world: World
    app: App

    def press(self, run_id: int, identifier: str, sender: str = "octocat") -> Payload:
        """Click a button of a check run: ``check_run.requested_action``."""
        more = {"requested_action": {"identifier": identifier}}
        return self._of_run("requested_action", run_id, sender) | more

    def rerequest(self, run_id: int, sender: str = "octocat") -> Payload:
        """Click GitHub's own button of a check run: ``check_run.rerequested``."""
        return self._of_run("rerequested", run_id, sender)

    def created(self, run_id: int) -> Payload:
        """Create a check run, as the App did: ``check_run.created``."""
        return self._of_run("created", run_id, f"{self.app.slug}[bot]")

    def rerequest_suite(self, sha: str, sender: str = "octocat", *, repository: str = REPOSITORY) -> Payload:
        """Click GitHub's own button for all checks of a commit: ``check_suite.rerequested``."""
        suite = self.world.suite(self.app.id, repository, sha)
        return self._of_suite("rerequested", suite, sender)

    def pushed(
        self,
        sha: str,
        branch: str | None,
        before: str = NO_COMMIT,
        pull_requests: Sequence[int] = (),
    ) -> Payload:
        """Push a commit to a branch (None: of a fork): ``check_suite.requested``. `pull_requests` are numbers."""
        if branch is not None:
            self.world.branches[branch] = sha
        suite = self.world.suite(self.app.id, REPOSITORY, sha)
        suite.head_branch, suite.before = branch, before
        suite.pull_requests = [self._pull_request(number, suite) for number in pull_requests]
        return self._of_suite("requested", suite, "octocat")

    def pull_request(
        self, action: str, number: int, head_sha: str, *, base_sha: str | None = None, fork: str | None = "mallory/demo"
    ) -> Payload:
        """Open a pull request, or push to it: ``pull_request``. `fork` is its head's repository, None if deleted."""
        base_sha = base_sha or self.world.branches["main"]
        head = {"label": "mallory:topic", "ref": "topic", "sha": head_sha, "user": _user("mallory")}
        return {
            "action": action,
            "number": number,
            "pull_request": {
                "id": _number(f"{REPOSITORY}#{number}"),
                "number": number,
                "state": "open",
                "title": "A change",
                "head": {**head, "repo": None if fork is None else _repository(fork)},
                "base": {"ref": "main", "sha": base_sha, "repo": _repository(REPOSITORY)},
                "merged": False,
            },
            **self._common(REPOSITORY, "mallory"),
        }

    def workflow_completed(self, run_id: int, conclusion: str = "success") -> Payload:
        """Complete a workflow run: ``workflow_run.completed``."""
        run = self.world.complete_workflow_run(run_id, conclusion)
        repository = _repository_of(run["url"])
        file = run["path"].rpartition("/")[2]
        return {
            "action": "completed",
            "workflow_run": {**run, "pull_requests": []},
            "workflow": {"id": _number(file), "name": run["name"], "path": run["path"], "state": "active"},
            **self._common(repository, "octocat"),
        }

    def commented(self, comment_id: int, action: str = "created") -> Payload:
        """Return the payload of ``issue_comment`` for a comment, whose author is the sender."""
        comment = self.world.comments[comment_id]
        number, author = comment["issue_number"], comment["user"]["login"]
        url = f"{self.world.url}/repos/{REPOSITORY}"
        issue = {
            "number": number,
            "state": "closed" if number in self.world.closed else "open",
            "title": "A pull request",
            "user": _user("octocat"),
            "pull_request": {"url": f"{url}/pulls/{number}"},
        }
        shown = {key: value for key, value in comment.items() if key != "issue_number"}
        shown["issue_url"] = f"{url}/issues/{number}"
        return {"action": action, "issue": issue, "comment": shown, **self._common(REPOSITORY, author)}

    def _of_run(self, action: str, run_id: int, sender: str) -> Payload:
        run = self.world.runs[run_id]
        repository = _repository_of(run["url"])
        suite = self.world.suite(run["app"]["id"], repository, run["head_sha"])
        is_again = action == "rerequested"
        shown = {**run, "check_suite": self._suite(suite, run["app"], is_queued=is_again)}
        return {"action": action, "check_run": shown, **self._common(repository, sender)}

    def _of_suite(self, action: str, suite: Suite, sender: str) -> Payload:
        """The suite waits for runs in both cases, as a re-request sets it back to ``queued``."""
        shown = self._suite(suite, self.app.as_json, is_queued=True)
        return {"action": action, "check_suite": shown, **self._common(suite.repository, sender)}

    def _suite(self, suite: Suite, app: dict[str, Any], *, is_queued: bool) -> Payload:
        runs = [run for run in list(self.world.runs.values()) if run["check_suite"]["id"] == suite.id]
        latest = list({run["name"]: run for run in runs}.values())
        is_done = bool(latest) and all(run["status"] == "completed" for run in latest) and not is_queued
        url = f"{self.world.url}/repos/{suite.repository}/check-suites/{suite.id}"
        return {
            "id": suite.id,
            "head_branch": suite.head_branch,
            "head_sha": suite.head_sha,
            "before": suite.before,
            "after": suite.head_sha,
            "status": "completed" if is_done else "queued",
            "conclusion": _worst(latest) if is_done else None,
            "created_at": timestamp(self.world.now()),
            "updated_at": timestamp(self.world.now()),
            "url": url,
            "check_runs_url": f"{url}/check-runs",
            "app": app,
            "pull_requests": suite.pull_requests,
            "latest_check_runs_count": len(latest),
            "rerequestable": True,
            "runs_rerequestable": True,
            "head_commit": {"id": suite.head_sha, "message": "A commit"},
        }

    def _pull_request(self, number: int, suite: Suite) -> Payload:
        repository = {"id": _number(suite.repository), "name": suite.repository.partition("/")[2]}
        return {
            "id": _number(f"{suite.repository}#{number}"),
            "number": number,
            "url": f"{self.world.url}/repos/{suite.repository}/pulls/{number}",
            "head": {"ref": suite.head_branch, "sha": suite.head_sha, "repo": repository},
            "base": {"ref": "main", "sha": self.world.branches.get("main"), "repo": repository},
        }

    def _common(self, repository: str, sender: str) -> Payload:
        """Return the common fields, without ``installation`` if the App is not installed in the repository."""
        installation = self.world.installation_of(self.app, repository)
        entry = {"installation": {"id": installation.id}} if installation else {}
        return {"repository": _repository(repository), **entry, "sender": _user(sender)}


def _worst(runs: list[dict[str, Any]]) -> str:
    return next((run["conclusion"] for run in runs if run["conclusion"] != "success"), "success")


def _repository_of(url: str) -> str:
    """Return ``owner/name`` from an API URL."""
    owner, name = url.partition("/repos/")[2].split("/")[:2]
    return f"{owner}/{name}"


def _repository(full_name: str) -> Payload:
    owner, _, name = full_name.partition("/")
    return {
        "id": _number(full_name),
        "name": name,
        "full_name": full_name,
        "fork": False,
        "default_branch": "main",
        "owner": _user(owner),
    }


def _user(login: str) -> Payload:
    return {"login": login, "id": _number(login), "type": "Bot" if login.endswith("[bot]") else "User"}


def _number(name: str) -> int:
    """Return an id that is the same for the same name."""
    return crc32(name.encode())
