"""The program `verdict`: passes or fails a manual check from a terminal, for a person whom it names."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import BinaryIO

from ...adapters.github.client import CHECK_PERMISSIONS
from ...adapters.github.rerun_repository import GithubRerunRepository
from ...adapters.runner.job_files import RunnerFiles
from ...adapters.system.clock import SystemClock
from ...core.inputs.names import in_actions
from ...core.inputs.verdict_query import VerdictQuery, parse_query
from ...core.manual.decide import decide_request, has_verdict
from ...core.manual.decide_event import created_for
from ...core.manual.find_check import find_check
from ...core.model.check_run import Published, RemoteCheckRun
from ...core.model.delivery import DeliveryResult, DeliveryStatus
from ...core.model.errors import ExitStatus
from ...core.model.manual import VerdictRequest, VerdictSource
from ...core.model.ports import Clock
from ...core.redaction.redactor import Redactor
from ...core.redaction.values import secrets_of
from ...core.rerun.repository import RerunRepository
from ...core.runner import workflow_commands
from ...core.text.escape import one_line
from ..open_api import open_api
from ..rerun.start import RATE_LIMITED
from .write import ManualRunWriter

_OPTIONS = ("verdict", "name", "repo", "sha", "by", "reason")


def verdict(options: argparse.Namespace, environ: Mapping[str, str], stdout: BinaryIO) -> ExitStatus:
    """Carry out the request that the options make, and print the check's state and page.

    Raises `CheckError` or `PublishError`.
    """
    files = RunnerFiles(environ, sys.stderr.buffer)
    query = parse_query(environ, {name: getattr(options, name) or "" for name in _OPTIONS})
    redact = Redactor(secrets_of(query.access.credentials, environ))
    query = replace(query, by=redact(query.by), reason=redact(query.reason))
    api = open_api(query.access, CHECK_PERMISSIONS, environ, files, lambda _: None)
    repository = GithubRerunRepository(api, until=api.retry_policy.until())
    result, published = _carry_out(query, repository, SystemClock(), files.warn)
    if result.status is not DeliveryStatus.DONE:
        files.log(workflow_commands.error(f"The verdict was not recorded: {result.reason}."))
        return ExitStatus.FAILED if result.status is DeliveryStatus.LATER else ExitStatus.USAGE
    line = one_line(f"{result.reason} {published.page}") + "\n"
    line = workflow_commands.inert(line) if in_actions(environ) else line
    with suppress(BrokenPipeError):
        stdout.write(line.encode("utf-8", "backslashreplace"))
        stdout.flush()
    return ExitStatus.PASSED


def _carry_out(
    query: VerdictQuery, repository: RerunRepository, clock: Clock, warn: Callable[[str], None]
) -> tuple[DeliveryResult, Published]:
    """Return what became of the request, and the check run that shows it. Warn of what could not be written."""
    runs = repository.runs(query.commit)
    run = find_check(query.check, query.commit, runs)
    request = VerdictRequest(
        action=query.action, by=query.by, at=repository.now(), source=VerdictSource.TERMINAL, reason=query.reason
    )
    if has_verdict(run, request):
        return _state(run)
    same_check = [other for other in runs if other.name == run.name]
    decision = created_for(decide_request(request, run, same_check))
    if isinstance(decision, DeliveryResult):
        return _state(run) if decision.status is DeliveryStatus.DONE else (decision, Published(id=run.id))
    created = ManualRunWriter(repository, clock).create(decision.runs)
    if created is None:
        return RATE_LIMITED, Published(id="")
    for refusal in created.refusals:
        warn(refusal)
    return decision.result, created.published[0]


def _state(run: RemoteCheckRun) -> tuple[DeliveryResult, Published]:
    """Return the state that a check has already."""
    reason = f"{run.name}: {run.output.title}"
    return DeliveryResult(status=DeliveryStatus.DONE, reason=reason), Published(id=run.id, page=run.page)
