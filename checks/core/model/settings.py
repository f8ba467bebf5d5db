"""The inputs of ``action.yml``, validated and typed."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from .check_run import Conclusion


class Program(StrEnum):
    """The program that a step of a workflow runs."""

    RUN = "run"
    PUBLISH = "publish"
    RESPOND = "respond"
    POLL = "poll"


class Passing(StrEnum):
    """How passed tests are annotated."""

    EACH = "each"
    FILE = "file"
    NONE = "none"


class FailOn(StrEnum):
    """Which failing tests fail the check."""

    ANY = "any"
    NEW = "new"
    NONE = "none"


class JobSummary(StrEnum):
    """For which conclusions the job summary is written."""

    ALWAYS = "always"
    FAILURES = "failures"
    OFF = "off"

    def covers(self, conclusion: Conclusion) -> bool:
        """Whether the job summary is written for a conclusion."""
        return self is JobSummary.ALWAYS or (self is JobSummary.FAILURES and not conclusion.passes)


class CommentMode(StrEnum):
    """When a pull request gets a comment."""

    ALWAYS = "always"
    FAILURES = "failures"
    OFF = "off"


class ManualMode(StrEnum):
    """Whether the job creates a manual check: never, on pull requests and in merge queues, or on every event."""

    OFF = "false"
    PULL_REQUESTS = "true"
    ALWAYS = "always"


@dataclass(frozen=True, slots=True, kw_only=True)
class Compare:
    """What the results are compared with: the base of the event, or that of a `branch`."""

    is_on: bool = True
    branch: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """The credentials for GitHub: the App's if `app_id` and `private_key` are set, else `github_token`.

    `private_key` is a PEM with real newlines. ``repr`` does not contain the secrets.
    """

    app_id: str = ""
    private_key: str = field(default="", repr=False)
    installation_id: int | None = None
    github_token: str = field(default="", repr=False)

    @property
    def secrets(self) -> tuple[str, ...]:
        """The values to redact."""
        return tuple(value for value in (self.private_key, self.github_token) if value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The inputs except credentials; `docs/inputs.md` explains each.

    `check_name` already contains the category or the matrix. `workers` is empty, ``auto`` or a number. A
    `timeout_minutes` of None means no limit. `no_tests` is None if it is not set. `instructions` are Markdown or the
    path of a file, `carry` patterns of files.
    """

    check_name: str = "pytest"
    category: str = ""
    pytest_args: tuple[str, ...] = ()
    working_directory: str = "."
    install: str = ""
    python_version: str = ""
    workers: str = ""
    failed_first: bool = False
    timeout_minutes: float | None = None
    passing: Passing = Passing.EACH
    max_annotations: int = 200
    show_locals: bool = True
    job_summary: JobSummary = JobSummary.ALWAYS
    compare: Compare = Compare()
    redact: tuple[str, ...] = ()
    pass_env: tuple[str, ...] = ()
    sandbox: bool = True
    no_tests: Conclusion | None = None
    fail_on: FailOn = FailOn.ANY
    fail_on_flaky: bool = False
    quarantine: str = ""
    fail_job: bool = True
    commit_status: bool = False
    comment: CommentMode = CommentMode.OFF
    live_interval_seconds: float = 10.0
    preview: str = ""
    program: Program = Program.RUN
    reports: tuple[str, ...] = ()
    queue_at_push: bool = False
    manual: ManualMode = ManualMode.OFF
    instructions: str = ""
    carry: tuple[str, ...] = ()
