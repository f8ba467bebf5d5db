"""Check runs of manual checks, as the API returns them."""

from __future__ import annotations

from dataclasses import replace

from checks.core.manual import record as records
from checks.core.model.check_run import Conclusion, Output, RemoteCheckRun, Status
from checks.core.model.identity import Identity, RunKind
from checks.core.model.manual import ManualRecord, VerdictAction, VerdictRequest, VerdictSource

COMMIT = "a" * 40
REQUEST = VerdictRequest(
    action=VerdictAction.PASS,
    by="octocat",
    at=1_764_261_600.0,
    source=VerdictSource.BUTTON,
    event="11",
    page="https://github.com/octo/demo/runs/11",
)
WAITING = ManualRecord(instructions="9f3c52d1a0b4")
PASSED = ManualRecord(instructions="9f3c52d1a0b4", request=REQUEST, commit=COMMIT)
FAILED = replace(PASSED, request=replace(REQUEST, action=VerdictAction.FAIL, reason="no sound"))
WITHDRAWN = replace(PASSED, request=replace(REQUEST, action=VerdictAction.UNDO))


def manual_remote(record: ManualRecord = WAITING, **fields: object) -> RemoteCheckRun:
    """Return a manual check's run with this record."""
    run = RemoteCheckRun(
        id="11",
        app=("4711", "Iv23liOctopus"),
        name="pytest (device)",
        head_sha=COMMIT,
        head_branch="topic",
        identity=Identity(workflow="manual.yml", run_id="17", job="manual", category="device", kind=RunKind.MANUAL),
        status=Status.COMPLETED,
        conclusion=Conclusion.ACTION_REQUIRED,
        output=Output(title="", summary="", text="Press **start**.", record=records.render(record)),
        started_at=1_764_261_000.0,
        page="https://github.com/octo/demo/runs/11",
    )
    return replace(run, **fields)  # type: ignore[arg-type]  # tests name fields


def following(run: RemoteCheckRun, record: ManualRecord, run_id: str = "12") -> RemoteCheckRun:
    """Return a run that follows `run`."""
    identity = replace(run.identity or Identity(), run_id="", attempt=0, earlier=run.id)
    return manual_remote(record, id=run_id, identity=identity, started_at=run.started_at + 60.0)
