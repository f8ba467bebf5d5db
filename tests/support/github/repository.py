"""Repositories, their commits, collaborators and files.

See https://docs.github.com/rest/repos, https://docs.github.com/rest/commits and https://docs.github.com/rest/collaborators.
"""

from __future__ import annotations

import re
from base64 import encodebytes
from graphlib import TopologicalSorter
from hashlib import sha1

from tests.support.github.login import ApiRequest
from tests.support.github.responses import HttpError, JsonResponse, page_size, paged, timestamp
from tests.support.github.world import COMMIT_NODE, REPOSITORY_PATH, Route, World

_CONTENT_BYTES = 1024 * 1024
_COMPARED_COMMITS = 250
_COMPARED_FILES = 300
_BASE = {"maintain": "write", "triage": "read"}


def _repository(world: World, request: ApiRequest) -> JsonResponse:
    request.may("metadata", "read")
    name = request.repository
    body = {"id": world.repository_id(name), "name": request.parts["name"], "full_name": name, "url": request.address}
    return JsonResponse(body=body)


def _commit(world: World, request: ApiRequest) -> JsonResponse:
    """Any commit ID is a commit's."""
    request.may("contents", "read")
    ref = request.parts["ref"]
    sha = world.commit(ref) or ref
    if not re.fullmatch("[0-9a-f]{40}", sha):
        raise HttpError(422, f"No commit found for SHA: {ref}")
    return JsonResponse(body={"sha": sha, "url": f"{world.url}/repos/{request.repository}/commits/{sha}"})


def _commits(world: World, request: ApiRequest) -> JsonResponse:
    """List a branch's or a commit's history, also of merged branches.

    See https://docs.github.com/rest/commits/commits#list-commits.
    """
    request.may("contents", "read")
    found, waiting = list[str](), [_known_commit(world, request.query["sha"])]
    while waiting:
        sha = waiting.pop(0)
        if sha not in found:
            found.append(sha)
            waiting += world.parents.get(sha, [])
    number, size = max(1, int(request.query.get("page", "1"))), page_size(request.query)
    return JsonResponse(
        body=[
            {"sha": sha, "parents": [{"sha": parent} for parent in world.parents.get(sha, [])]}
            for sha in found[(number - 1) * size : number * size]
        ]
    )


def _compare(world: World, request: ApiRequest) -> JsonResponse:
    """Compare two branches or commits. Only the first page has the changed files, at most 300.

    Commits are in chronological order. With pages, the first ones are on page 1; without, these are the last 250.
    See https://docs.github.com/rest/commits/commits#compare-two-commits.
    """
    request.may("contents", "read")
    base, head = (_known_commit(world, ref) for ref in request.parts["basehead"].split("...", 1))
    of_base, of_head = world.ancestors(base), world.ancestors(head)
    common = of_base & of_head
    best = [sha for sha in common if not any(sha in world.ancestors(other) - {other} for other in common)]
    if not best:
        raise HttpError(404, "Not Found")  # no common ancestor
    ahead, behind = [sha for sha in _oldest_first(world, head) if sha not in of_base], of_base - of_head
    number, size = max(1, int(request.query.get("page", "1"))), page_size(request.query)
    is_paged = {"page", "per_page"} & request.query.keys()
    listed = ahead[(number - 1) * size : number * size] if is_paged else ahead[-_COMPARED_COMMITS:]
    body = {
        "url": request.address,
        "base_commit": _commit_object(base),
        "merge_base_commit": _commit_object(best[0]),
        "status": "diverged" if ahead and behind else "ahead" if ahead else "behind" if behind else "identical",
        "ahead_by": len(ahead),
        "behind_by": len(behind),
        "total_commits": len(ahead),
        "commits": [_commit_object(sha) for sha in listed],
        **({"files": world.changes(best[0], head)[:_COMPARED_FILES]} if number == 1 else {}),
    }
    return JsonResponse(body=body)


def _oldest_first(world: World, head: str) -> list[str]:
    """Return a commit and everything that it is built on, each after its parents."""
    parents = {sha: world.parents.get(sha, []) for sha in world.ancestors(head)}
    return [*TopologicalSorter(parents).static_order()]


def _commit_object(sha: str) -> dict[str, str]:
    return {"sha": sha, "node_id": f"{COMMIT_NODE}{sha}"}


def _known_commit(world: World, ref: str) -> str:
    sha = world.commit(ref) or ref
    if sha not in {*world.branches.values(), *world.parents}:
        raise HttpError(404, "Not Found")
    return sha


def _pull_requests(world: World, request: ApiRequest) -> JsonResponse:
    """Return those of the commit's check suites."""
    request.may("pull_requests", "read")
    suites = [suite for suite in list(world.suites.values()) if suite.head_sha == request.parts["sha"]]
    found = {pull["id"]: pull for suite in suites for pull in suite.pull_requests}
    return paged(request.address, request.query, [*found.values()])


def _pull_request(world: World, request: ApiRequest) -> JsonResponse:
    """Return one; its head is in a fork if its commit is on no branch of the repository."""
    request.may("pull_requests", "read")
    if head := world.pull_heads.get(number := int(request.parts["number"])):
        state = "closed" if number in world.closed else "open"
        own = {"id": 1, "full_name": request.repository, "pushed_at": timestamp(world.now())}
        repository = own
        if pushed_at := world.fork_pushes.get(number):
            repository = {"id": 2, "full_name": "mallory/demo", "pushed_at": timestamp(pushed_at)}
        body = {"number": number, "state": state, "head": {"sha": head, "repo": repository}, "base": {"repo": own}}
        return JsonResponse(body=body)
    for suite in list(world.suites.values()):
        for pull in suite.pull_requests:
            if pull["number"] == int(request.parts["number"]):
                head = request.repository if suite.head_branch else f"mallory/{request.parts['name']}"
                repository = {"full_name": request.repository}
                body = {
                    **pull,
                    "head": {"ref": suite.head_branch, "sha": suite.head_sha, "repo": {"full_name": head}},
                    "base": {"ref": "main", "sha": world.branches.get("main"), "repo": repository},
                }
                return JsonResponse(body=body)
    raise HttpError(404, "Not Found")


def _pull_request_commits(world: World, request: ApiRequest) -> JsonResponse:
    """List the commits of a pull request, at most 250."""
    request.may("pull_requests", "read")
    number = int(request.parts["number"])
    if number not in world.pull_heads:
        raise HttpError(404, "Not Found")
    commits = world.pull_commits.get(number, [world.pull_heads[number]])[:250]
    return paged(request.address, request.query, [{"sha": sha} for sha in commits])


def _permission(world: World, request: ApiRequest) -> JsonResponse:
    """Logins are case-insensitive. A custom role has the permission of its base role."""
    request.may("metadata", "read")
    login_key = request.parts["login"].casefold()
    for login, role in world.permissions.items():
        if login.casefold() == login_key:
            body = {"permission": _BASE.get(role, role), "role_name": role, "user": {"login": login}}
            return JsonResponse(body=body)
    raise HttpError(404, f"{request.parts['login']} is not a user")


def _contents(world: World, request: ApiRequest) -> JsonResponse:
    """Files over 1 MiB are listed without content."""
    request.may("contents", "read")
    ref, path = request.query.get("ref", "main"), request.parts["path"]
    if world.commit(ref) is None and not re.fullmatch("[0-9a-f]{40}", ref):
        raise HttpError(404, f"No commit found for the ref {ref}")
    files = world.files_at.get(ref, world.files)
    if path not in files:
        raise HttpError(404, "Not Found")
    content = files[path].encode()
    is_small = len(content) <= _CONTENT_BYTES
    body = {
        "type": "file",
        "encoding": "base64" if is_small else "none",
        "size": len(content),
        "name": path.rpartition("/")[2],
        "path": path,
        "content": encodebytes(content).decode() if is_small else "",
        "sha": sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest(),
        "url": f"{request.address}?ref={ref}",
    }
    return JsonResponse(body=body)


ROUTES: tuple[Route, ...] = (
    ("GET", REPOSITORY_PATH, False, _repository),
    ("GET", f"{REPOSITORY_PATH}/commits", False, _commits),
    ("GET", f"{REPOSITORY_PATH}/commits/(?P<ref>[^/]+)", False, _commit),
    ("GET", f"{REPOSITORY_PATH}/commits/(?P<sha>[^/]+)/pulls", False, _pull_requests),
    ("GET", f"{REPOSITORY_PATH}/compare/(?P<basehead>.+[.]{{3}}.+)", False, _compare),
    ("GET", f"{REPOSITORY_PATH}/pulls/(?P<number>[0-9]+)", False, _pull_request),
    ("GET", f"{REPOSITORY_PATH}/pulls/(?P<number>[0-9]+)/commits", False, _pull_request_commits),
    ("GET", f"{REPOSITORY_PATH}/collaborators/(?P<login>[^/]+)/permission", False, _permission),
    ("GET", f"{REPOSITORY_PATH}/contents/(?P<path>.+)", False, _contents),
)
