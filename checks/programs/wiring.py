"""A step of a job: what its environment says, as words and edges."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from ..adapters.github import certificates
from ..adapters.github.checks import GithubChecks
from ..adapters.github.claimed_run import ClaimingPublisher
from ..adapters.github.client import GithubApi
from ..adapters.github.previous_runs import GithubPreviousRuns
from ..adapters.github.retrying import Deadline, RetryPolicy
from ..adapters.reports.find_reports import find_reports
from ..adapters.runner.job_files import RunnerFiles
from ..adapters.runner.job_log import JobLog
from ..adapters.system import linux, safe_files
from ..adapters.system.clock import SystemClock
from ..adapters.system.sandbox import Sandbox, SandboxUnavailableError, Start, start_directly
from ..adapters.system.signals import Cancel
from ..core.inputs.context import parse_context
from ..core.inputs.credentials import parse_credentials
from ..core.inputs.names import read_inputs
from ..core.inputs.settings import parse_settings
from ..core.model.check_run import CheckRun, Published
from ..core.model.errors import CheckError, Problem
from ..core.model.ports import JsonReport, Publisher, Spool
from ..core.model.rerun import CategoryRerun
from ..core.model.settings import Credentials, Program, Settings
from ..core.pytest_process.environment import network_variables, runner_files
from ..core.rerun import dispatch_input
from ..core.rerun.buttons import why_no_buttons
from ..core.rerun.previous_run import PreviousRun
from ..core.runner import workflow_commands
from ..core.runner.post_step_state import PostStepState, render_state, state_key
from .rerun.previous_run import look_up
from .run.create import CreateRun, run_creator
from .run.publishers import AnnouncingPublisher, CopyingPublisher

#: How long one call to GitHub may take, its retries and waits together.
_BUDGET_SECONDS = 300.0
#: How long all of them may take from the end of the tests on, with the last one's answer.
_AFTER_TESTS_SECONDS = 300.0 - 10.0
_WITHOUT_APP = (
    "It stands among the checks of GitHub Actions, perhaps under another workflow's name. A check run of your own "
    "GitHub App (inputs `app-id` and `private-key`) has a place of its own."
)
#: More than the 25 MB that GitHub sends: https://docs.github.com/webhooks/webhook-events-and-payloads#payload-cap
_EVENT_BYTES = 26 * 1024 * 1024
_WORKFLOW_BYTES = 128 * 1024
_NAMING = ("category", "check-name", "matrix")

T = TypeVar("T")


class Step:
    """What a job's environment says.

    `problems` are the user's mistakes; where there are any, `credentials` and `settings` are what could be read.
    """

    def __init__(self, environ: Mapping[str, str], stdout: BinaryIO) -> None:
        self.clock = SystemClock()
        self.cancel = Cancel()
        self.deadline = Deadline(self.clock, _AFTER_TESTS_SECONDS)
        self.files = RunnerFiles(environ, stdout)
        self.inputs = read_inputs(environ)
        self.folder = Path(environ.get("GITHUB_WORKSPACE") or ".").resolve()
        self.problems: list[Problem] = []
        self.event = _event(environ)
        self.rerun = self._parsed(
            lambda: dispatch_input.parse_event(environ.get("GITHUB_EVENT_NAME", ""), self.event), None
        )
        self.context = parse_context(environ, self.event, self.inputs, self.rerun)
        token = Credentials(github_token=self.inputs.get("github-token", ""))  # it can still tell of the others
        self.credentials = self._parsed(lambda: parse_credentials(self.inputs, self.context), token)
        self.settings = self._parsed(lambda: parse_settings(self.inputs), _named(self.inputs))
        self.key = state_key(self.credentials, self.context)
        self._network = network_variables(environ)
        self._environ = environ
        self._is_debug = environ.get("RUNNER_DEBUG") == "1"
        self._apis: dict[Credentials, GithubApi] = {}

    @property
    def wanted(self) -> CategoryRerun | None:
        """What a re-run asks of this job; None where there is none, or it is for others."""
        name = self.settings.check_name
        return None if self.rerun is None else dispatch_input.find_category(self.rerun, self.settings.category, name)

    def warn(self, sentence: str) -> None:
        """A warning of the step."""
        self.files.log(workflow_commands.warning(sentence))

    def shut_out_the_tests(self) -> None:
        """Keep what we start out of our process, as far as the container lets us."""
        linux.pin_name_services()
        if not linux.protect_own_limits():
            self.files.log("The tests can set the limits of our process here, such as that of open files (prlimit).")
        if undropped := linux.confine():
            names = ", ".join(undropped)
            self.warn(f"The tests have {names}, which cannot be taken from them here, and could read our secrets.")

    def reports(self) -> Sequence[JsonReport]:
        """The reports to publish; what is wrong with the input joins `problems`."""
        return self._parsed(lambda: find_reports(self.folder, self.settings.reports), [])

    def publishers(self) -> Iterator[GithubChecks]:
        """Those that may put up check runs: the App, then the token."""
        app, token = self.credentials, Credentials(github_token=self.credentials.github_token)
        if not self.context.repository:
            return
        for credentials in (app,) if app.private_key else ():
            yield GithubChecks(self._api(credentials), log=self.warn)
        if token.github_token:
            yield GithubChecks(self._api(token), log=self.warn)

    def start(self) -> Start:
        """Return what starts the tests' processes: kept from writing the runner's files, where that can be had."""
        files, writable = runner_files(self._environ, pass_env=self.settings.pass_env)
        if not (files and self.settings.sandbox):
            return start_directly
        folders = {Path(path).parent for path in files}
        try:
            return Sandbox({*folders, Path("/proc")}, [Path(path) for path in writable]).start
        except SandboxUnavailableError as error:
            self.warn(f"The tests can write the files by which steps speak to the runner: no Landlock here ({error}).")
            return start_directly

    def run_creator(self) -> CreateRun:
        """What puts up the check run, and saves at once what the post step needs to complete it."""
        publishers = [
            self._copied(
                AnnouncingPublisher(self._adopting(checks), self.files, note="" if checks.is_app else _WITHOUT_APP)
            )
            for checks in self.publishers()
        ]
        last = self._copied(JobLog(self.files))
        return run_creator(publishers, last, save=self.save, warn=self.warn, cancel=self.cancel)

    def save(self, published: Published, run: CheckRun | None) -> None:
        """Save what the post step needs to complete the check run as `run` says; None when there is nothing to do."""
        state = None
        if run is not None:
            state = PostStepState.from_run(
                published,
                run,
                has_buttons=self.has_buttons,
                network=self._network,
                certificates_sha256=certificates.digest() if self._network else "",
            )
        self.files.state(render_state(state, self.key))

    def _copied(self, publisher: Publisher) -> Publisher:
        """The publisher, with a copy in the `preview` folder where the input asks for one."""
        if not self.settings.preview:
            return publisher
        from ..adapters.preview.folder import FolderPublisher  # noqa: PLC0415 - 0.3 s that most runs need not spend

        return CopyingPublisher(publisher, FolderPublisher(self.folder / self.settings.preview), warn=self.warn)

    def find_previous_run(self, spool: Spool) -> PreviousRun:
        """What the check run that is to be repeated says."""
        if self.wanted is None or not self.credentials.private_key:
            return PreviousRun()
        return look_up(self.wanted, GithubPreviousRuns(self._api(self.credentials)), spool)

    @cached_property
    def has_buttons(self) -> bool:
        """Whether re-run buttons work; why they do not is told, once."""
        if self.problems or not self.context.repository or self.settings.program is not Program.RUN:
            return False
        path = self.folder / self.context.workflow
        workflow = safe_files.beginning(path, _WORKFLOW_BYTES) if self.context.workflow else b""
        is_app = bool(self.credentials.private_key)
        reason = why_no_buttons(self.context, is_app=is_app, workflow=workflow.decode(errors="replace"))
        if reason:
            self.files.log(workflow_commands.inert(f"The check run has no re-run buttons: {reason}."))
        return not reason

    def _adopting(self, checks: GithubChecks) -> Publisher:
        """In a re-run the App takes over the check run that is queued for it."""
        if self.wanted is None or not checks.is_app:
            return checks
        return ClaimingPublisher(self._api(self.credentials), checks, self.wanted, self.warn)

    def _api(self, credentials: Credentials) -> GithubApi:
        """One for each of them, so that all it is asked keeps one pace, with one token."""
        if credentials not in self._apis:
            self._apis[credentials] = self._new_api(credentials)
        return self._apis[credentials]

    def _new_api(self, credentials: Credentials) -> GithubApi:
        return GithubApi(
            credentials,
            repository=self.context.repository,
            api_url=self.context.api_url,
            retry_policy=self.retry_policy(),
        )

    def retry_policy(self) -> RetryPolicy:
        """How a job waits out what fails."""
        return RetryPolicy(
            clock=self.clock,
            wait=self.cancel.wait,
            is_cancelled=self.cancel.is_set,
            jitter=random.SystemRandom().random,
            budget_seconds=_BUDGET_SECONDS,
            deadline=self.deadline.time,
            debug=self._debug,
        )

    def _debug(self, text: str) -> None:
        if self._is_debug:
            self.files.log(workflow_commands.debug(text))

    def _parsed(self, parse: Callable[[], T], otherwise: T) -> T:
        try:
            return parse()
        except CheckError as error:
            self.problems += error.problems
            return otherwise


def _named(inputs: Mapping[str, str]) -> Settings:
    """Settings of which only the name is the user's, for the check that tells of the other inputs."""
    try:
        return parse_settings({name: inputs[name] for name in _NAMING if name in inputs})
    except CheckError:
        return Settings()


def _event(environ: Mapping[str, str]) -> dict[str, Any]:
    """The payload of the event; empty outside a workflow."""
    try:
        event = json.loads(safe_files.beginning(Path(environ.get("GITHUB_EVENT_PATH") or ""), _EVENT_BYTES))
    except (ValueError, RecursionError):
        return {}
    return event if isinstance(event, dict) else {}
