"""A job's inputs -> the adapters that its programs need."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from ..adapters.github import certificates
from ..adapters.github.checks import GithubChecks
from ..adapters.github.client import CHECK_PERMISSIONS, CLAIM_PERMISSIONS, COMMENT_PERMISSIONS, GithubApi
from ..adapters.github.deadline import Deadline
from ..adapters.github.retrying import RetryPolicy
from ..adapters.reports.find_reports import find_reports
from ..adapters.runner.job_files import RunnerFiles
from ..adapters.runner.job_log import JobLog
from ..adapters.system import imports, linux, safe_files
from ..adapters.system.clock import SystemClock
from ..adapters.system.code_pages import CodePages
from ..adapters.system.sandbox import Sandbox, SandboxUnavailableError, Start, start_directly
from ..adapters.system.signals import Cancel
from ..core.inputs.job_inputs import JobInputs
from ..core.model.check_run import CheckRun, Conclusion, Published
from ..core.model.limits import SECONDS_AFTER_TESTS
from ..core.model.ports import JsonReport, Publisher, PublishError, Spool
from ..core.model.settings import CommentMode, Credentials, ManualMode, Program
from ..core.pytest_process.environment import network_variables, runner_files
from ..core.redaction.source_lines import SourceLines
from ..core.redaction.values import secrets_of
from ..core.rerun.buttons import why_no_buttons
from ..core.rerun.previous_run import PreviousRun
from ..core.runner import workflow_commands
from ..core.runner.post_step_state import PostStepState, render_state, state_key
from .run.create import CheckRunCreator
from .run.publishers import AnnouncingPublisher, CopyingPublisher

if TYPE_CHECKING:
    from .rerun.job import RerunJob

#: For one call to GitHub, with its retries and waits.
_BUDGET_SECONDS = 300.0
#: For all calls after the end of the tests if GitHub has not answered once.
_WITHOUT_ANSWER_SECONDS = 10.0
#: Timeout of a request about the comment, which the end of the job waits for.
_COMMENT_ANSWER_SECONDS = 4
_WITHOUT_APP = (
    "GitHub lists it among the checks of GitHub Actions, perhaps under another workflow's name. To have check runs "
    "listed under your own GitHub App, set the inputs `app-id` and `private-key`."
)
#: More than the 25 MB that GitHub sends: https://docs.github.com/webhooks/webhook-events-and-payloads#payload-cap
_EVENT_BYTES = 26 * 1024 * 1024
_WORKFLOW_BYTES = 128 * 1024


class Wiring:
    """Builds the adapters that a job's inputs call for; `close` it at the end.

    Attributes:
        folder: the workspace.
        find_root: returns the root of the repository that holds the tests; the workspace, unless a program sets it.
        source_lines: returns the lines of one of its files, without secrets; none, unless a program sets it.

    `has_answered` is as in `RetryPolicy`.
    """

    def __init__(
        self, inputs: JobInputs, environ: Mapping[str, str], stdout: BinaryIO, *, has_answered: bool = False
    ) -> None:
        self.inputs = inputs
        self._has_answered = has_answered
        self.clock = SystemClock()
        self.cancel = Cancel()
        unanswered_seconds = None if has_answered else _WITHOUT_ANSWER_SECONDS
        self.deadline = Deadline(self.clock, SECONDS_AFTER_TESTS, unanswered_seconds)
        self.files = RunnerFiles(environ, stdout)
        self.in_colour = self.files.is_workflow or stdout.isatty()
        self.folder = Path(environ.get("GITHUB_WORKSPACE") or ".").resolve()
        self.find_root: Callable[[], Path] = lambda: self.folder
        self.source_lines: SourceLines = lambda _: ()
        self.state_key = state_key(inputs.credentials, inputs.context)
        self._network = network_variables(environ)
        self._environ = environ
        self._is_debug = environ.get("RUNNER_DEBUG") == "1"
        self._apis: dict[Credentials, GithubApi] = {}
        self._previews = ExitStack()
        self._code_pages = CodePages()

    def close(self) -> None:
        """Render the pages of the preview again if annotations followed the completion."""
        try:
            self._previews.close()
        except PublishError as error:
            self.warn(str(error))

    @property
    def secrets(self) -> tuple[str, ...]:
        """Return the values to redact in texts that programs print."""
        return secrets_of(self.inputs.credentials, self._environ)

    def warn(self, sentence: str) -> None:
        """Write a warning to the job log."""
        self.files.warn(sentence)

    def protect_process(self) -> None:
        """Protect this process from those that it starts, as far as the container allows."""
        linux.pin_name_services()
        if not linux.protect_own_limits():
            self.files.log("The tests can change resource limits of this action's process here (prlimit).")
        if undropped := linux.confine():
            names = ", ".join(undropped)
            self.warn(f"The tests keep {names}, which cannot be dropped here. They could read this action's secrets.")
        self._code_pages.start()

    def close_files(self) -> None:
        """Use no code from files that tests could change from now on; `protect_process` has prepared that."""
        self._code_pages.complete()
        imports.forbid()

    def reports(self) -> Sequence[JsonReport]:
        """Return the reports to publish. Raises `CheckError`."""
        return find_reports(self.folder, self.inputs.settings.reports)

    def publishers(self) -> Iterator[GithubChecks]:
        """Return who may create check runs: the App, then the token."""
        return (GithubChecks(self._api(credentials), log=self.warn) for credentials in self._credentials())

    def _credentials(self) -> Iterator[Credentials]:
        app, token = self.inputs.credentials, Credentials(github_token=self.inputs.credentials.github_token)
        if self.inputs.context.repository:
            yield from (app,) if app.private_key else ()
            yield from (token,) if token.github_token else ()

    def start(self) -> Start:
        """Return what starts the tests' processes, in the sandbox if it is on and available."""
        files, writable = runner_files(self._environ, pass_env=self.inputs.settings.pass_env)
        if not (files and self.inputs.settings.sandbox):
            return start_directly
        folders = {Path(path).parent for path in files}
        try:
            return Sandbox({*folders, Path("/proc")}, [Path(path) for path in writable]).start
        except SandboxUnavailableError as error:
            why = f"Landlock is not available here ({error})"
            self.warn(f"The sandbox is off: {why}. The tests can write the runner's file commands.")
            return start_directly

    def creator(self, *, has_results: bool = True) -> CheckRunCreator:
        """Return what creates the check run. `has_results`: whether anything is run or published."""
        if self.inputs.settings.comment is not CommentMode.OFF:
            from .comment import job  # noqa: F401, PLC0415 - for the end of the job, when nothing can be imported
        note = self.files.named(_WITHOUT_APP)
        return CheckRunCreator(
            publishers=[
                self._with_preview(
                    AnnouncingPublisher(self._claiming(checks), self.files, note="" if checks.is_app else note)
                )
                for checks in self.publishers()
            ],
            fallback=self._with_preview(JobLog(self.files, has_results=has_results)),
            warn=self.warn,
        )

    def save(self, published: Published, run: CheckRun | None) -> None:
        """Save what the post step needs to complete the check run as `run`; None if nothing remains to be done."""
        state = None
        if run is not None:
            state = PostStepState.from_run(
                published,
                run,
                has_buttons=self.has_buttons,
                has_job_summary=self.inputs.settings.job_summary.covers(Conclusion.FAILURE),
                network=self._network,
                certificates_sha256=certificates.digest() if self._network else "",
            )
        self.files.state(render_state(state, self.state_key))

    def _with_preview(self, publisher: Publisher) -> Publisher:
        """Return the publisher, with a copy in the folder that the input `preview` names."""
        if not self.inputs.settings.preview:
            return publisher
        from ..adapters.preview.folder import FolderPublisher  # noqa: PLC0415 - 0.3 s that most runs need not spend

        preview = FolderPublisher(self.folder / self.inputs.settings.preview, self.source_lines)
        return CopyingPublisher(publisher, self._previews.enter_context(closing(preview)), warn=self.warn)

    def find_previous_run(self, spool: Spool) -> PreviousRun:
        """Return what a re-run needs from the check run that it follows."""
        return PreviousRun() if self._rerun_job is None else self._rerun_job.previous_run(spool)

    @cached_property
    def has_buttons(self) -> bool:
        """Whether re-run buttons work. Logs why not, once."""
        inputs = self.inputs
        runs_tests = inputs.settings.program is Program.RUN and inputs.settings.manual is ManualMode.OFF
        if inputs.problems or not inputs.context.repository or not runs_tests:
            return False
        workflow = self._workflow() if inputs.context.workflow else b""
        is_app = bool(inputs.credentials.private_key)
        reason = why_no_buttons(inputs.context, is_app=is_app, workflow=workflow.decode(errors="replace"))
        if reason:
            self.files.log(workflow_commands.inert(f"The check run has no re-run buttons: {reason}."))
        return not reason

    def _workflow(self) -> bytes:
        """Return the workflow's file; the workspace may be the repository around another one that holds the tests."""
        paths = (folder / self.inputs.context.workflow for folder in (self.find_root(), self.folder))
        return next(filter(None, (safe_files.beginning(path, _WORKFLOW_BYTES) for path in paths)), b"")

    def tidy(self) -> None:
        """Look after the other check runs on the commit of a re-run. Problems with that do not concern this job."""
        if self._rerun_job is None or self.cancel.is_set():
            return
        with suppress(PublishError):
            if done := self._rerun_job.tidy(self.inputs.context.head_sha):
                self.files.log(workflow_commands.inert(f"Other checks of this commit: {done}."))

    def write_comment(self, run: CheckRun) -> None:
        """Write the comment of the check run's pull request, if it has one. Never raises."""
        if not (run.identity.pull_request and run.head_sha):
            return
        from .comment.job import write_job_comment  # noqa: PLC0415

        policy = replace(self.retry_policy(), answer_seconds=_COMMENT_ANSWER_SECONDS)
        apis = (self.new_api(credentials, COMMENT_PERMISSIONS, policy) for credentials in self._credentials())
        write_job_comment(run, self.inputs.settings.comment, apis, self.cancel, self.files)

    def _claiming(self, checks: GithubChecks) -> Publisher:
        """Return a publisher that claims the queued check run if this is a re-run."""
        return checks if self._rerun_job is None or not checks.is_app else self._rerun_job.claiming(checks)

    @cached_property
    def _rerun_job(self) -> RerunJob | None:
        """What else the App does in the job of a re-run; other jobs do not load its modules."""
        credentials, category_rerun = self.inputs.credentials, self.inputs.category_rerun
        if category_rerun is None or not credentials.private_key:
            return None
        from .rerun.job import RerunJob  # noqa: PLC0415

        return RerunJob(
            category_rerun,
            self._api(credentials),
            partial(self.new_api, credentials),
            clock=self.clock,
            warn=self.warn,
        )

    def _api(self, credentials: Credentials) -> GithubApi:
        """Return the one API for these credentials, so that all requests share pacing and token."""
        if credentials not in self._apis:
            permissions = CHECK_PERMISSIONS if self.inputs.category_rerun is None else CLAIM_PERMISSIONS
            self._apis[credentials] = self.new_api(credentials, permissions)
        return self._apis[credentials]

    def new_api(
        self, credentials: Credentials, permissions: Mapping[str, str], retry_policy: RetryPolicy | None = None
    ) -> GithubApi:
        """Return an API with a token and pacing of its own."""
        return GithubApi(
            credentials,
            repository=self.inputs.context.repository,
            api_url=self.inputs.context.api_url,
            retry_policy=retry_policy or self.retry_policy(),
            permissions=permissions,
        )

    def retry_policy(self) -> RetryPolicy:
        """Return how requests of a job are retried."""
        return RetryPolicy(
            clock=self.clock,
            wait=self.cancel.wait,
            is_cancelled=self.cancel.is_set,
            jitter=random.SystemRandom().random,
            budget_seconds=_BUDGET_SECONDS,
            deadline=self.deadline.time,
            has_answered=self._has_answered,
            on_answer=self.deadline.note_answer,
            debug=self._debug,
            announce=self._announce,
        )

    def _announce(self, sentence: str) -> None:
        if not self.files.is_workflow:
            self.files.log(workflow_commands.inert(sentence))

    def _debug(self, text: str) -> None:
        if self._is_debug:
            self.files.log(workflow_commands.debug(text))


def read_event(environ: Mapping[str, str]) -> dict[str, Any]:
    """Return the event's payload; empty outside a workflow."""
    try:
        event = json.loads(safe_files.beginning(Path(environ.get("GITHUB_EVENT_PATH") or ""), _EVENT_BYTES))
    except (ValueError, RecursionError):
        return {}
    return event if isinstance(event, dict) else {}
