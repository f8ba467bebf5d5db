"""GitHub's event and variables -> `Context`: the commit that the results belong to, and the job."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..model.job import Context
from ..model.rerun import Rerun

Payload = Mapping[str, Any]


def parse_context(
    environ: Mapping[str, str],
    payload: Payload,
    inputs: Mapping[str, str],
    rerun: Rerun | None = None,
    api_url: str = "",
) -> Context:
    """Return the context of this job, from ``GITHUB_*`` in `environ`, the event's `payload` and the hidden `inputs`.

    Outside a workflow all three may be empty. `payload` may lack any key. A `rerun` names its own commit.
    """
    default = Context()
    event = environ.get("GITHUB_EVENT_NAME", "")
    repository = environ.get("GITHUB_REPOSITORY", "")
    attempt = environ.get("GITHUB_RUN_ATTEMPT", "")
    return Context(
        event=event,
        repository=repository,
        workflow_sha=environ.get("GITHUB_SHA", ""),
        is_dependabot=environ.get("GITHUB_ACTOR") == "dependabot[bot]",
        server_url=environ.get("GITHUB_SERVER_URL", "").rstrip("/") or default.server_url,
        api_url=api_url or default.api_url,
        workflow=_workflow_file(environ.get("GITHUB_WORKFLOW_REF", "")),
        run_id=environ.get("GITHUB_RUN_ID", ""),
        run_attempt=int(attempt) if attempt.isdecimal() else default.run_attempt,
        job=environ.get("GITHUB_JOB", ""),
        job_url=_job_url(environ, inputs.get("job-check-run-id", "")),
        default_branch=_text(payload, "repository", "default_branch"),
        rerun=rerun,
        **_head(event, payload, environ)
        | _requested_commit(inputs)
        | ({} if rerun is None else {"head_sha": rerun.head}),
    )


def _requested_commit(inputs: Mapping[str, str]) -> dict[str, Any]:
    """Return the commit of `head-sha`, which replaces the event's. `settings` reports a wrong value."""
    commit = inputs.get("head-sha", "")
    return {"head_sha": commit} if re.fullmatch(r"[0-9a-f]{40}", commit) else {}


def _head(event: str, payload: Payload, environ: Mapping[str, str]) -> dict[str, Any]:
    """Return the fields of `Context` for the commit. Unknown events have ``GITHUB_SHA``.

    https://docs.github.com/actions/reference/workflows-and-actions/events-that-trigger-workflows
    """
    # The repository may have been renamed since the event.
    repository = _text(payload, "repository", "full_name") or environ.get("GITHUB_REPOSITORY", "")
    match event:
        case "pull_request" | "pull_request_target" | "pull_request_review" | "pull_request_review_comment":
            head = _pull_request_head(_mapping(payload, "pull_request"), repository)
            return {**head, "before": _commit(payload, "before")}
        case "merge_group":
            return {
                "head_sha": _text(payload, "merge_group", "head_sha"),
                "head_ref": _short_ref(_text(payload, "merge_group", "head_ref")),
                "base_ref": _short_ref(_text(payload, "merge_group", "base_ref")),
                "merge_group_base": _commit(payload, "merge_group", "base_sha"),
            }
        case "workflow_run":
            run = _mapping(payload, "workflow_run")
            is_fork = _text(run, "head_repository", "full_name") != repository
            return _named_head(run, run, is_fork=is_fork)
        case "check_suite" | "check_run":
            run = _mapping(payload, event)
            suite = run if event == "check_suite" else _mapping(run, "check_suite")
            return _named_head(run, suite, is_fork=suite.get("head_branch") is None)
        case "issue_comment" if _mapping(payload, "issue", "pull_request"):
            # Its GITHUB_SHA is the default branch's; the pull request's head is what the workflow checks out.
            return {"pull_request": payload["issue"].get("number")}
        case _:
            ref = environ.get("GITHUB_REF", "")
            branch = _short_ref(ref) if ref.startswith("refs/heads/") else ""
            return {
                "head_sha": environ.get("GITHUB_SHA", ""),
                "head_ref": _short_ref(ref),
                "head_branch": branch,
                "before": _commit(payload, "before") if event == "push" and branch else "",
            }


def _pull_request_head(pull_request: Payload, repository: str) -> dict[str, Any]:
    return {
        "head_sha": _text(pull_request, "head", "sha"),
        "head_ref": _text(pull_request, "head", "ref"),
        "base_ref": _text(pull_request, "base", "ref"),
        "pull_request": pull_request.get("number"),
        # A deleted fork has no `repo`.
        "is_fork": _text(pull_request, "head", "repo", "full_name") != repository,
    }


def _named_head(run: Payload, branch: Payload, *, is_fork: bool) -> dict[str, Any]:
    """Return the fields for an event with a commit and its pull requests, which are missing for forks."""
    pull_requests = run.get("pull_requests") or [{}]
    return {
        "head_sha": _text(run, "head_sha"),
        "head_ref": _text(branch, "head_branch"),
        "base_ref": _text(pull_requests[0], "base", "ref"),
        "pull_request": pull_requests[0].get("number"),
        "is_fork": is_fork,
    }


def _mapping(payload: Payload, *keys: str) -> Payload:
    for key in keys:
        inner = payload.get(key)
        payload = inner if isinstance(inner, Mapping) else {}
    return payload


def _text(payload: Payload, *keys: str) -> str:
    return _mapping(payload, *keys[:-1]).get(keys[-1]) or ""


def _commit(payload: Payload, *keys: str) -> str:
    value: object = _mapping(payload, *keys[:-1]).get(keys[-1])
    return value if isinstance(value, str) and re.fullmatch(r"([0-9a-f]{40}|[0-9a-f]{64})", value) else ""


def _short_ref(ref: str) -> str:
    return re.sub(r"^refs/(heads|tags)/", "", ref)


def _workflow_file(ref: str) -> str:
    """``octo/repo/.github/workflows/tests.yml@refs/heads/main`` -> ``.github/workflows/tests.yml``."""
    match = re.fullmatch(r"[^/]+/[^/]+/(.+?)@(refs/.+|[^/@]+)", ref)
    return match[1] if match else ""


def _job_url(environ: Mapping[str, str], check_run_id: str) -> str:
    """Return the job's page, or the page of the run's attempt without `check_run_id` (Enterprise Server)."""
    repository, run_id = environ.get("GITHUB_REPOSITORY"), environ.get("GITHUB_RUN_ID")
    if not (repository and run_id):
        return ""
    server = environ.get("GITHUB_SERVER_URL", "").rstrip("/") or Context().server_url
    run = f"{server}/{repository}/actions/runs/{run_id}"
    if check_run_id.isdecimal():
        return f"{run}/job/{check_run_id}"
    return f"{run}/attempts/{environ.get('GITHUB_RUN_ATTEMPT') or 1}"
