"""Parsing GitHub's JSON of a check run into a `RemoteCheckRun`, and helpers for untrusted JSON."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from ..history import record_line
from ..model.check_run import Conclusion, Output, RemoteCheckRun, Status
from . import external_id


def parse_run(payload: Mapping[str, Any]) -> RemoteCheckRun | None:
    """Return the check run, or None if the payload lacks an id, name or commit.

    https://docs.github.com/rest/checks/runs#get-a-check-run
    """
    suite, output = mapping(payload, "check_suite"), mapping(payload, "output")
    number, name, head_sha = (payload.get(key) for key in ("id", "name", "head_sha"))
    status, conclusion = text(payload, "status"), text(payload, "conclusion")
    shown, record = record_line.split(text(output, "text"))
    if type(number) is not int or not isinstance(name, str) or not isinstance(head_sha, str):
        return None
    return RemoteCheckRun(
        id=str(number),
        app=app_of(payload),
        name=name,
        head_sha=head_sha,
        head_branch=text(suite, "head_branch"),
        identity=external_id.parse(text(payload, "external_id")),
        status=Status(status) if status in set(Status) else Status.QUEUED,
        conclusion=Conclusion(conclusion) if conclusion in set(Conclusion) else None,
        output=Output(title=text(output, "title"), summary=text(output, "summary"), text=shown, record=record),
        started_at=seconds(payload.get("started_at")),
        page=text(payload, "html_url"),
        details_url=text(payload, "details_url"),
    )


def app_of(payload: Mapping[str, Any]) -> tuple[str, str]:
    """Return the numeric id and the client id of the App that owns a check run or suite."""
    app = mapping(payload, "app")
    return str(app.get("id", "")), text(app, "client_id")


def workflow_file(payload: Mapping[str, Any]) -> str:
    """Return the name of the file that a workflow run is of, such as ``tests.yml``. Its path may end in ``@ref``."""
    return text(payload, "path").partition("@")[0].rpartition("/")[2]


def text(payload: Mapping[str, Any], key: str) -> str:
    """Return the value if it is a string, else ""."""
    value = payload.get(key)
    return value if isinstance(value, str) else ""


def seconds(timestamp: object) -> float:
    """Return an ISO 8601 timestamp as seconds since the epoch, or 0.0 if it is not one."""
    with suppress(ValueError, OverflowError):
        return datetime.fromisoformat(timestamp).timestamp() if isinstance(timestamp, str) else 0.0
    return 0.0


def mapping(payload: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """Return the value if it is an object, else an empty one."""
    value = payload.get(key)
    return value if isinstance(value, Mapping) else {}
