"""Check runs, their annotations and suites: https://docs.github.com/rest/checks."""

from __future__ import annotations

import json
from typing import Any

from tests.support.github.login import ACTIONS, ApiRequest, App
from tests.support.github.responses import HttpError, JsonResponse, paged, timestamp
from tests.support.github.rules import InvalidError, check_create, check_update
from tests.support.github.world import REPOSITORY_PATH, Route, World

Run = dict[str, Any]

_ANNOTATION = (
    *("path", "start_line", "end_line", "start_column", "end_column", "annotation_level"),
    *("title", "message", "raw_details"),
)


def _list_of_commit(world: World, request: ApiRequest) -> JsonResponse:
    request.may("checks", "read")
    sha = world.commit(request.parts["sha"]) or request.parts["sha"]
    return _paged_runs(request, [run for run in _runs_of(world, request) if run["head_sha"] == sha])


def _list_of_suite(world: World, request: ApiRequest) -> JsonResponse:
    request.may("checks", "read")
    number = int(request.parts["id"])
    if not any(suite.id == number and suite.repository == request.repository for suite in list(world.suites.values())):
        raise HttpError(404, "Not Found")
    return _paged_runs(request, [run for run in _runs_of(world, request) if run["check_suite"]["id"] == number])


def _suites_of_commit(world: World, request: ApiRequest) -> JsonResponse:
    request.may("checks", "read")
    apps = {app.id: app.as_json for app in (*world.apps, ACTIONS)}
    sha = world.commit(request.parts["sha"]) or request.parts["sha"]
    suites = [suite for suite in list(world.suites.values()) if suite.head_sha == sha]
    found = [
        {"id": suite.id, "app": apps[suite.app_id], "head_branch": suite.head_branch, "head_sha": sha}
        for suite in suites
        if suite.repository == request.repository
    ]
    return paged(request.address, request.query, found, "check_suites")


def _paged_runs(request: ApiRequest, found: list[Run]) -> JsonResponse:
    """Return a page of check runs, newest first. The default filter is the latest of each name and App."""
    query = request.query
    if "check_name" in query:
        found = [run for run in found if run["name"] == query["check_name"]]
    if "app_id" in query:
        found = [run for run in found if str(run["app"]["id"]) == query["app_id"]]
    found = found[::-1]
    if query.get("filter", "latest") == "latest":
        latest: dict[tuple[int, str], Run] = {}
        for run in found:
            latest.setdefault((run["app"]["id"], run["name"]), run)
        found = list(latest.values())
    if "status" in query:
        found = [run for run in found if run["status"] == query["status"]]
    return paged(request.address, query, found, "check_runs")


def _runs_of(world: World, request: ApiRequest) -> list[Run]:
    prefix = f"{world.url}/repos/{request.repository}/"
    return [run for run in list(world.runs.values()) if run["url"].startswith(prefix)]


def _run(world: World, request: ApiRequest) -> Run:
    run = world.runs.get(int(request.parts["id"]))
    if run is None or not run["url"].startswith(f"{world.url}/repos/{request.repository}/"):
        raise HttpError(404, "Not Found")
    return run


def _show(world: World, request: ApiRequest) -> JsonResponse:
    request.may("checks", "read")
    return JsonResponse(body=_run(world, request))


def _list_annotations(world: World, request: ApiRequest) -> JsonResponse:
    request.may("checks", "read")
    run = _run(world, request)
    address = f"{world.url}/{request.repository}/blob/{run['head_sha']}"
    shown = [
        {key: annotation.get(key) for key in _ANNOTATION} | {"blob_href": f"{address}/{annotation['path']}"}
        for annotation in world.annotations[run["id"]]
    ]
    return paged(request.address, request.query, shown)


def _create(world: World, request: ApiRequest) -> JsonResponse:
    request.may("checks", "write")
    assert request.token is not None
    check_create(request.body, is_lenient=world.is_lenient)
    _check_limits(world, request)
    run = _queued(world, request.repository, request.token.app, request.body["head_sha"])
    world.runs[run["id"]] = run
    world.annotations[run["id"]] = []
    _apply(world, run, request.body)
    return JsonResponse(status=201, body=run)


def _queued(world: World, repository: str, app: App, sha: str) -> Run:
    """Return a new check run with default values."""
    number, suite = world.new_id(), world.suite(app.id, repository, sha)
    return {
        "id": number,
        "url": f"{world.url}/repos/{repository}/check-runs/{number}",
        "html_url": f"{world.url}/{repository}/runs/{number}",
        "details_url": f"{world.url}/apps/{app.slug}",
        "external_id": "",
        "status": "queued",
        "conclusion": None,
        "started_at": timestamp(world.now()),
        "completed_at": None,
        "output": {"title": None, "summary": None, "text": None, "annotations_count": 0},
        "actions": [],
        "app": app.as_json,
        "check_suite": {"id": suite.id},
        "pull_requests": list(suite.pull_requests),
    }


def _update(world: World, request: ApiRequest) -> JsonResponse:
    request.may("checks", "write")
    assert request.token is not None
    run = _run(world, request)
    if run["app"]["id"] != request.token.app.id:
        message = "check run can only be modified by the GitHub App that created it."
        raise HttpError(403, f"Invalid app_id `{request.token.app.id}` - {message}")
    check_update(request.body, is_lenient=world.is_lenient)
    _check_limits(world, request)
    _apply(world, run, request.body)
    return JsonResponse(body=run)


def _check_limits(world: World, request: ApiRequest) -> None:
    if len(json.dumps(request.body)) > world.most_bytes:
        raise HttpError(413, "Payload Too Large")
    if any(map(world.refuses, request.body.get("output", {}).get("annotations", []))):
        raise InvalidError("An annotation is not to our liking.")


def _apply(world: World, run: Run, body: dict[str, Any]) -> None:
    """Replace the output, append annotations, and complete the run if there is a conclusion."""
    adds = world.adds_to_completed or run["status"] != "completed"
    run.update({key: value for key, value in body.items() if key != "output"})
    if "conclusion" in body:
        run["status"] = "completed"
        run["completed_at"] = body.get("completed_at") or timestamp(world.now())
    if "output" in body:
        output = body["output"]
        annotations = world.annotations[run["id"]]
        annotations.extend(output.get("annotations", []) if adds else [])
        run["output"] = {
            "title": output["title"],
            "summary": output["summary"],
            "text": output.get("text"),
            "annotations_count": len(annotations),
            "annotations_url": f"{run['url']}/annotations",
        }


ROUTES: tuple[Route, ...] = (
    ("GET", f"{REPOSITORY_PATH}/commits/(?P<sha>.+)/check-runs", False, _list_of_commit),
    ("GET", f"{REPOSITORY_PATH}/commits/(?P<sha>[^/]+)/check-suites", False, _suites_of_commit),
    ("GET", rf"{REPOSITORY_PATH}/check-suites/(?P<id>\d+)/check-runs", False, _list_of_suite),
    ("POST", f"{REPOSITORY_PATH}/check-runs", False, _create),
    ("GET", rf"{REPOSITORY_PATH}/check-runs/(?P<id>\d+)", False, _show),
    ("PATCH", rf"{REPOSITORY_PATH}/check-runs/(?P<id>\d+)", False, _update),
    ("GET", rf"{REPOSITORY_PATH}/check-runs/(?P<id>\d+)/annotations", False, _list_annotations),
)
