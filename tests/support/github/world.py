"""GitHub's state for check runs and re-runs. Requests are answered from it in `tests.support.github.routes`.

Tests read it, and change it while it is in use.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from zlib import crc32

from tests.support.github.deliveries import Hook, HookDelivery
from tests.support.github.login import ACTIONS, ApiRequest, App, Installation, Token, rsa_key
from tests.support.github.responses import JsonResponse, timestamp

__all__ = ["REPOSITORY", "App", "Dispatch", "Installation", "Route", "Suite", "Token", "World", "rsa_key"]

REPOSITORY = "octo/demo"
#: Begins the GraphQL ids of commits.
COMMIT_NODE = "C_"
REPOSITORY_PATH = r"/repos/(?P<owner>[^/]+)/(?P<name>[^/]+)"


@dataclass(kw_only=True)
class Suite:
    """The check runs of one App on one commit.

    Attributes:
        head_branch: None for a commit that is on no branch of the repository, such as a fork's.
        before: the branch's commit before the push.
        pull_requests: as the API shows them.
    """

    id: int
    app_id: int
    repository: str
    head_sha: str
    head_branch: str | None = None
    before: str = "0" * 40
    pull_requests: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Dispatch:
    """An accepted ``workflow_dispatch``. `created_at` is in seconds since the epoch."""

    workflow: str
    ref: str
    sha: str
    inputs: dict[str, Any]
    run_id: int
    created_at: float


@dataclass(kw_only=True)
class World:
    """The state.

    Attributes:
        now: the server's clock, in seconds since the epoch.
        token_seconds: lifetime of a new token.
        refuses: whether an annotation gets a 422 although it is within all limits.
        adds_to_completed: whether annotations are added to a completed run, which GitHub does not document.
        is_lenient: whether an empty summary, line 0 and column 0 are allowed, which other actions send. By GitHub's
            documentation, lines and columns start at 1.
        most_bytes: the size limit of request bodies.
        permissions: login -> role in the repositories: admin, maintain, write, triage, read or none.
        workflows: file name -> the inputs of its ``workflow_dispatch``; None without that trigger.
        branches: branch or tag -> commit.
        parents: commit -> its parents, for comparisons; other commits have none.
        changes: the changed files between a commit and another one that is built on it, as the API shows them.
        files: path -> text, on every branch and commit that has no `files_at`.
        statuses: the commit statuses, oldest first, with their repository and commit.
        pull_heads: the head commits of pull requests, by number, besides those of check suites.
        fork_pushes: when the forks of some of these were last pushed to.
        locked: the numbers of pull requests whose conversation is locked.
        comments: the comments of pull requests, by id.
        reactions: the reactions to them, by their ids.
        pull_commits: the commits of pull requests, by number, oldest first; others have their head alone.
        closed: the numbers of pull requests that are closed or merged.
        knows_run_details: whether ``return_run_details`` is supported; older servers respond with `unknown_key_status`.
        knows_client_ids: whether responses and payloads have the client ids of Apps.
        hides_moved: whether requests for a former name get 404 from logins without access to the repository.
        moved: former -> current name of repositories that were renamed or transferred.
        write_redirect_status: the status of the redirect of a write; a read gets 301.
        hook: the App's webhook; None if it is switched off.
        deliveries: the webhook's log, oldest first.
        redeliver: redelivers a delivery on request.
    """

    now: Callable[[], float]
    url: str = ""
    token_seconds: float = 3600.0
    refuses: Callable[[dict[str, Any]], bool] = lambda _: False
    adds_to_completed: bool = True
    is_lenient: bool = False
    most_bytes: int = 25 * 1024 * 1024
    permissions: dict[str, str] = field(default_factory=lambda: {"octocat": "write"})
    workflows: dict[str, set[str] | None] = field(default_factory=lambda: {"tests.yml": {"rerun"}})
    branches: dict[str, str] = field(default_factory=lambda: {"main": "c0ffee" + "0" * 34})
    parents: dict[str, list[str]] = field(default_factory=dict)
    changes: Callable[[str, str], list[dict[str, str]]] = lambda *_: []
    files: dict[str, str] = field(default_factory=dict)
    files_at: dict[str, dict[str, str]] = field(default_factory=dict)
    knows_run_details: bool = True
    unknown_key_status: int = 400
    knows_client_ids: bool = True
    hides_moved: bool = False
    moved: dict[str, str] = field(default_factory=dict)
    write_redirect_status: int = 307
    hook: Hook | None = field(default_factory=Hook)
    redeliver: Callable[[HookDelivery], None] = lambda _: None
    apps: list[App] = field(default_factory=list)
    installations: list[Installation] = field(default_factory=list)
    tokens: dict[str, Token] = field(default_factory=dict)
    runs: dict[int, dict[str, Any]] = field(default_factory=dict)
    annotations: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    suites: dict[tuple[int, str, str], Suite] = field(default_factory=dict)
    workflow_runs: dict[int, dict[str, Any]] = field(default_factory=dict)
    dispatches: list[Dispatch] = field(default_factory=list)
    statuses: list[dict[str, Any]] = field(default_factory=list)
    pull_heads: dict[int, str] = field(default_factory=dict)
    fork_pushes: dict[int, float] = field(default_factory=dict)
    locked: set[int] = field(default_factory=set)
    comments: dict[int, dict[str, Any]] = field(default_factory=dict)
    reactions: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    pull_commits: dict[int, list[str]] = field(default_factory=dict)
    closed: set[int] = field(default_factory=set)
    deliveries: list[HookDelivery] = field(default_factory=list)
    _repository_ids: dict[str, int] = field(default_factory=dict)
    _ids: count[int] = field(default_factory=lambda: count(1001))

    def new_id(self) -> int:
        return next(self._ids)

    def install(self, app: App, *repositories: str, permissions: Mapping[str, str] | None = None) -> Installation:
        granted = dict(permissions or {"checks": "write", "metadata": "read"})
        new = Installation(id=self.new_id(), app=app, repositories=set(repositories), permissions=granted)
        self.apps.append(app)
        self.installations.append(new)
        return new

    def installation_of(self, app: App | None, repository: str) -> Installation | None:
        found = (
            installation
            for installation in self.installations
            if installation.app == app and repository in installation.repositories
        )
        return next(found, None)

    def repository_id(self, repository: str) -> int:
        return self._repository_ids.setdefault(repository, crc32(repository.encode()))

    def repository_of(self, number: int) -> str:
        """Return the current name of the repository with that id, empty if it is unknown."""
        return next((name for name, known in self._repository_ids.items() if known == number), "")

    def shows_move(self, former: str, authorization: str) -> bool:
        """Whether a login learns where a repository is now. An App itself does, a token without access may not."""
        if former not in self.moved:
            return False
        token = self.tokens.get(authorization.partition(" ")[2])
        return not self.hides_moved or token is None or self.moved[former] in token.repositories

    def rename(self, old: str, new: str, *, to: Installation | None = None) -> None:
        """Rename a repository, or transfer it to another owner, whose installation is `to`. Tokens stay behind."""
        self._repository_ids[new] = self.repository_id(old)
        del self._repository_ids[old]
        self.moved[old] = new
        holders: list[Installation | Token] = [*self.installations, *self.tokens.values()]
        for holder in holders:
            if old in holder.repositories:
                holder.repositories.remove(old)
                holder.repositories |= {new} if to is None else set()
        if to is not None:
            to.repositories.add(new)
        for run in (*self.runs.values(), *self.workflow_runs.values()):
            run["url"] = run["url"].replace(f"/repos/{old}/", f"/repos/{new}/")
        for run in self.workflow_runs.values():
            for key in ("repository", "head_repository"):
                run[key] = {"full_name": new if run[key]["full_name"] == old else run[key]["full_name"]}
        for app_id, repository, sha in list(self.suites):
            if repository == old:
                suite = self.suites[app_id, new, sha] = self.suites.pop((app_id, old, sha))
                suite.repository = new

    def actions_token(self, *repositories: str, checks: str = "write", **more: str) -> str:
        """Return a job's GITHUB_TOKEN, with further permissions; ``checks="read"`` is that of a fork's pull request."""
        permissions = {"checks": checks, "contents": "read", "metadata": "read"} | more
        return self.grant(ACTIONS, set(repositories), permissions).value

    def grant(
        self, app: App, repositories: set[str], permissions: dict[str, str], installation: Installation | None = None
    ) -> Token:
        token = Token(
            value=f"ghs_{app.slug}_{self.new_id()}",
            app=app,
            repositories=repositories,
            permissions=permissions,
            expires_at=self.now() + self.token_seconds,
            installation=installation,
        )
        self.tokens[token.value] = token
        return token

    def revoke_tokens(self) -> None:
        self.tokens.clear()

    def kind(self, authorization: str) -> str:
        """Return the kind of a login: ``app`` (a JWT), ``installation``, ``actions``, or ``none`` if unknown."""
        value = authorization.partition(" ")[2]
        if value in self.tokens:
            return self.tokens[value].kind
        return "app" if value.count(".") == 2 else "none"

    def commit(self, ref: str) -> str | None:
        """Return the commit of a branch or tag, by its short or full name."""
        short = ref.removeprefix("refs/").removeprefix("heads/").removeprefix("tags/")
        return self.branches.get(ref, self.branches.get(short))

    def ancestors(self, sha: str) -> set[str]:
        """Return a commit and everything that it is built on."""
        found, waiting = set[str](), [sha]
        while waiting:
            commit = waiting.pop()
            if commit not in found:
                found.add(commit)
                waiting += self.parents.get(commit, [])
        return found

    def suite(self, app_id: int, repository: str, sha: str) -> Suite:
        """Return the App's suite on that commit, created if needed. It keeps its branch when that moves on."""
        new = Suite(id=self.new_id(), app_id=app_id, repository=repository, head_sha=sha)
        suite = self.suites.setdefault((app_id, repository, sha), new)
        if suite.head_branch is None:
            suite.head_branch = next((name for name, commit in list(self.branches.items()) if commit == sha), None)
        return suite

    def copy_run(self, run: dict[str, Any], **changes: Any) -> None:
        """Add a copy of a check run, without annotations, for tests with many runs."""
        number = self.new_id()
        url = run["url"].replace(str(run["id"]), str(number))
        copy = {**run, "id": number, "url": url, **changes}
        owner, name = url.removeprefix(self.url).split("/")[2:4]
        copy["check_suite"] = {"id": self.suite(copy["app"]["id"], f"{owner}/{name}", copy["head_sha"]).id}
        self.runs[number] = copy
        self.annotations[number] = []

    def start_workflow_run(
        self,
        file: str = "tests.yml",
        *,
        event: str = "push",
        ref: str = "main",
        sha: str | None = None,
        repository: str = REPOSITORY,
        run_id: int | None = None,
        head_repository: str = "",
    ) -> dict[str, Any]:
        """Add a queued workflow run, as the API shows it. `sha` defaults to the commit of `ref`."""
        number = self.new_id() if run_id is None else run_id
        self.workflow_runs[number] = run = {
            "id": number,
            "name": file.rpartition(".")[0],
            "path": f".github/workflows/{file}",
            "event": event,
            "status": "queued",
            "conclusion": None,
            "head_sha": sha or self.commit(ref),
            "head_branch": ref.removeprefix("refs/heads/").removeprefix("refs/tags/"),
            "url": f"{self.url}/repos/{repository}/actions/runs/{number}",
            "html_url": f"{self.url}/{repository}/actions/runs/{number}",
            "run_attempt": 1,
            "display_title": file.rpartition(".")[0],
            "created_at": timestamp(self.now()),
            "repository": {"full_name": repository},
            "head_repository": {"full_name": head_repository or repository},
        }
        return run

    def complete_workflow_run(self, run_id: int, conclusion: str = "success") -> dict[str, Any]:
        self.workflow_runs[run_id] |= {"status": "completed", "conclusion": conclusion}
        return self.workflow_runs[run_id]


#: (method, pattern of the path, whether it needs a JWT of the App, handler)
Route = tuple[str, str, bool, Callable[[World, ApiRequest], JsonResponse]]
