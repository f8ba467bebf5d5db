"""Manual checks on the fake GitHub server, created by the App without a job."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from checks.core.github import payload
from checks.core.github.parse_run import parse_run
from checks.core.manual.record import digest, record_of_run
from checks.core.manual.runs import ManualCheck, manual_run
from checks.core.model.identity import Identity, RunKind
from checks.core.model.manual import ManualRecord, VerdictAction
from tests.support.github.server import REPOSITORY, GithubServer
from tests.support.rerun.edges import create_check_run

Payload = dict[str, Any]

INSTRUCTIONS = "Press **start**, and look for the green light."
WAITING = ManualRecord(instructions=digest(INSTRUCTIONS))
DEVICE = Identity(workflow="manual.yml", run_id="4711", job="manual", category="device", kind=RunKind.MANUAL)
PASS, FAIL, UNDO = (action.value for action in VerdictAction)


def create_manual_run(
    github: GithubServer,
    sha: str,
    category: str = "device",
    record: ManualRecord | None = None,
    *,
    name: str = "",
    instructions: str = INSTRUCTIONS,
    seconds_ago: float = 60.0,
    **identity: Any,
) -> dict[str, Any]:
    """Create a manual check's run, as the job of its workflow does; it waits without a `record`.

    `identity` has parts that differ. The time is that of the server's clock.
    """
    check = ManualCheck(
        name=name or f"pytest ({category})",
        head_sha=sha,
        identity=replace(DEVICE, category=category, **identity),
        instructions=instructions,
        record=record or ManualRecord(instructions=digest(instructions)),
    )
    token = github.world.grant(github.app, {REPOSITORY}, {"checks": "write"}, github.installation)
    return create_check_run(github, payload.create(manual_run(check, github.clock() - seconds_ago)), token.value)


def record_of(run: dict[str, Any]) -> ManualRecord | None:
    """Return the record of a run as the API returns it."""
    parsed = parse_run(run)
    return record_of_run(parsed) if parsed else None


def states(github: GithubServer, name: str = "pytest (device)") -> list[tuple[str, str]]:
    """Return conclusion and title of the check's runs, oldest first."""
    return [(run["conclusion"], run["output"]["title"]) for run in github.runs if run["name"] == name]
