"""Workflows, dispatches and workflow runs: https://docs.github.com/rest/actions/workflows."""

from __future__ import annotations

import json
from typing import Any

from tests.support.github.login import ApiRequest
from tests.support.github.responses import HttpError, JsonResponse, paged
from tests.support.github.rules import InvalidError
from tests.support.github.world import REPOSITORY_PATH, Dispatch, Route, World

INPUTS = 25
INPUTS_CHARACTERS = 65_535
FILTERED_RUNS = 1_000


def _dispatch(world: World, request: ApiRequest) -> JsonResponse:
    request.may("actions", "write")
    _check_keys(world, request.body)
    ref, inputs, file = str(request.body["ref"]), request.body.get("inputs", {}), request.parts["file"]
    known, sha = _workflow(world, file), world.commit(ref)
    if sha is None:
        raise HttpError(422, f"No ref found for: {ref}")
    if known is None:
        raise HttpError(422, "Workflow does not have 'workflow_dispatch' trigger")
    _check_inputs(inputs, known)
    run = world.start_workflow_run(file, event="workflow_dispatch", ref=ref, repository=request.repository)
    new = Dispatch(workflow=file, ref=ref, sha=sha, inputs=inputs, run_id=run["id"], created_at=world.now())
    world.dispatches.append(new)
    if not request.body.get("return_run_details"):
        return JsonResponse(status=204, body=None)
    return JsonResponse(body={"workflow_run_id": run["id"], "run_url": run["url"], "html_url": run["html_url"]})


def _check_keys(world: World, body: dict[str, Any]) -> None:
    if "ref" not in body:
        raise InvalidError('"ref" wasn\'t supplied.')
    known = {"ref", "inputs"} | ({"return_run_details"} if world.knows_run_details else set())
    for key in sorted(body.keys() - known):
        raise HttpError(world.unknown_key_status, f'Invalid request.\n\n"{key}" is not a permitted key.')


def _check_inputs(inputs: object, known: set[str]) -> None:
    if not isinstance(inputs, dict):
        raise InvalidError(f"For 'inputs', {inputs!r} is not an object.")
    if len(inputs) > INPUTS:
        raise HttpError(422, f"You may only define up to {INPUTS} `inputs` for a `workflow_dispatch` event")
    if unknown := [name for name in inputs if name not in known]:
        raise HttpError(422, f"Unexpected inputs provided: {json.dumps(unknown)}")
    if len(json.dumps(inputs, ensure_ascii=False, separators=(",", ":"))) > INPUTS_CHARACTERS:
        raise HttpError(422, "inputs are too large.")


def _workflow(world: World, file: str) -> set[str] | None:
    if file not in world.workflows:
        raise HttpError(404, "Not Found")
    return world.workflows[file]


def _show_run(world: World, request: ApiRequest) -> JsonResponse:
    request.may("actions", "read")
    run = world.workflow_runs.get(int(request.parts["id"]))
    if run is None or not run["url"].startswith(f"{world.url}/repos/{request.repository}/"):
        raise HttpError(404, "Not Found")
    return JsonResponse(body=run)


def _list_runs(world: World, request: ApiRequest) -> JsonResponse:
    request.may("actions", "read")
    _workflow(world, request.parts["file"])
    query, path = request.query, f".github/workflows/{request.parts['file']}"
    found = [run for run in _runs_of(world, request)[::-1] if run["path"] == path]
    for name, keys in _FILTERS.items():
        if name in query:
            found = [run for run in found if query[name] in [run[key] for key in keys]][:FILTERED_RUNS]
    if query.get("created", "").startswith(">="):
        found = [run for run in found if run["created_at"] >= query["created"][2:]][:FILTERED_RUNS]
    return paged(request.address, query, found, "workflow_runs")


#: query parameter -> the fields that it filters; `status` also accepts conclusions
_FILTERS = {
    "status": ("status", "conclusion"),
    "event": ("event",),
    "branch": ("head_branch",),
    "head_sha": ("head_sha",),
}


def _runs_of(world: World, request: ApiRequest) -> list[dict[str, Any]]:
    prefix = f"{world.url}/repos/{request.repository}/"
    return [run for run in list(world.workflow_runs.values()) if run["url"].startswith(prefix)]


ROUTES: tuple[Route, ...] = (
    ("POST", f"{REPOSITORY_PATH}/actions/workflows/(?P<file>[^/]+)/dispatches", False, _dispatch),
    ("GET", f"{REPOSITORY_PATH}/actions/workflows/(?P<file>[^/]+)/runs", False, _list_runs),
    ("GET", rf"{REPOSITORY_PATH}/actions/runs/(?P<id>\d+)", False, _show_run),
)
