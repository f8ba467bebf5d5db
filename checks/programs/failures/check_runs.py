"""Print the failure reports of a commit's check runs on GitHub, which are made from their annotations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from posixpath import join
from typing import Any

from ...adapters.github.client import READ_PERMISSIONS, GithubApi
from ...adapters.github.previous_runs import GithubPreviousRuns
from ...adapters.github.retrying import Request
from ...adapters.github.runs import CheckRuns
from ...adapters.runner.job_files import RunnerFiles
from ...adapters.system.record_file import RecordFile
from ...core.failure_report import overview
from ...core.failure_report.entry import Entry
from ...core.failure_report.recorder import FailureRecorder
from ...core.failure_report.report import ReportedCheck, Source
from ...core.inputs.failure_query import FailureQuery
from ...core.model.check_run import Conclusion, RemoteCheckRun, Status
from ...core.model.errors import ExitStatus
from ...core.model.job import Repository
from ...core.model.verdict import Remark
from ...core.report.reproduce import Reproduction
from ...core.runner import workflow_commands
from ..open_api import BUDGET_SECONDS, open_api
from .printed import Printed

_WITHOUT_FAILURES = (Conclusion.SUCCESS, Conclusion.SKIPPED)


def print_check_runs(
    query: FailureQuery, printed: Printed, environ: Mapping[str, str], files: RunnerFiles
) -> ExitStatus:
    """Print the checks and the reports of those with failures; messages go to the log of `files`.

    The status is `FAILED` if the commit has none of this project's check runs. Raises `PublishError`.
    """
    requests = list[str]()
    pull_requests = {"pull_requests": "read"} if query.pull_request else {}
    api = open_api(query.access, {**READ_PERMISSIONS, **pull_requests}, environ, files, requests.append)
    commit, is_fork = _commit(query, api)
    check_runs, until = CheckRuns(api), api.retry_policy.until()
    runs = [run for run in check_runs.of_commit(commit, {"filter": "latest"}, until=until) if run.identity is not None]
    on_branch = check_runs.branches_of_apps(commit, until=until) if runs and is_fork is None else ()
    checks = {
        run.id: _reported(run, query, is_fork=run.app not in on_branch if is_fork is None else is_fork) for run in runs
    }
    if checks:
        printed.add_text(overview.render([*checks.values()]))
    for run in runs:
        _print_run(run, checks[run.id], GithubPreviousRuns(api, BUDGET_SECONDS), printed)
    files.log(f"{len(requests)} requests to GitHub.")
    if not checks:
        files.log(
            workflow_commands.error(f"No check run of this action is on commit {commit} of {query.access.repository}.")
        )
    return ExitStatus.PASSED if checks else ExitStatus.FAILED


def _commit(query: FailureQuery, api: GithubApi) -> tuple[str, bool | None]:
    """Return the commit, and whether it is a fork's; None if that is unknown."""
    if query.pull_request is None:
        return query.commit, None
    path = f"/repos/{query.access.repository}/pulls/{query.pull_request}"
    request = Request(method="GET", path=path, keys=("head", "base"))
    pull_request: dict[str, Any] = api.ask(request, until=api.retry_policy.until()).data
    head, base = pull_request["head"], pull_request["base"]
    return head["sha"], (head.get("repo") or {}).get("full_name") != base["repo"]["full_name"]


def _reported(run: RemoteCheckRun, query: FailureQuery, *, is_fork: bool) -> ReportedCheck:
    return ReportedCheck(
        name=run.name,
        status=run.status.value,
        conclusion=run.conclusion.value if run.conclusion else "",
        title=run.output.title,
        repository=query.access.repository,
        commit=run.head_sha,
        pull_request=query.pull_request,
        is_fork=is_fork,
        page=run.page,
    )


def _print_run(run: RemoteCheckRun, check: ReportedCheck, annotations: GithubPreviousRuns, printed: Printed) -> None:
    """Print the report of a check run that may have failures; of others, the overview has everything."""
    has_failures = run.status is not Status.QUEUED and run.conclusion not in _WITHOUT_FAILURES
    with closing(RecordFile()) as records:
        recorder, folder = FailureRecorder(records), ""
        for entry in _entries(run, annotations) if has_failures and not run.is_manual else ():
            recorder.add(entry)
            folder = folder or _folder(entry)
        reproduction = Reproduction(root=join("/", folder), repository=Repository(root="/"))
        causes = recorder.causes(lambda _: Source(), lambda first: reproduction.command([first.nodeid]))
        printed.add(_explained(check, run, recorder), causes, recorder, is_in_overview=not has_failures)


def _entries(run: RemoteCheckRun, annotations: GithubPreviousRuns) -> Iterator[Entry]:
    return map(Entry.of_annotation, annotations.failures(run.id))


def _explained(check: ReportedCheck, run: RemoteCheckRun, recorder: FailureRecorder) -> ReportedCheck:
    """Return the check with its summary, if it has no failures that explain its conclusion."""
    if recorder.count or run.conclusion is None or run.conclusion.passes:
        return check
    return replace(check, remarks=(Remark(text="Its summary:", quoted=run.output.summary),))


def _folder(entry: Entry) -> str:
    """Return pytest's rootdir relative to the repository, as far as a failure in a test's own file tells it."""
    file = entry.nodeid.partition("::")[0]
    return entry.path.removesuffix(file).strip("/") if file and entry.path.endswith(f"/{file}") else ""
