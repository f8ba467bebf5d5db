"""Run the main step on a checkout of a suite, with a server whose CPU time is separate."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.github.server import GithubServer
from tests.support.runner.jobs import ROOT, Job

from . import processes, requests
from .processes import MeasuredCommand, ResourceUsage
from .requests import MeasuredRequest
from .suites import START_TIME_FILE, BenchSuite

#: As in the image.
_OUR_COMMAND = (sys.executable, "-Es", str(ROOT / "entrypoint.py"))
#: pytest searches all reports for each failure that it prints in full, which takes minutes in a large suite. The plugin
#: reports the same.
SHORT_TRACEBACKS = "--tb=line"
#: In the job's folder; the requests that reached its server.
LOG = "requests.jsonl"


@dataclass(frozen=True, kw_only=True)
class BenchRun:
    """A run of the action or of bare pytest: what its process used, and the requests.

    `tests_started_at`: when the tests were collected, in seconds since the epoch.
    """

    suite: BenchSuite
    usage: ResourceUsage
    tests_started_at: float
    requests: tuple[MeasuredRequest, ...] = ()

    @property
    def verdict_at(self) -> float:
        """When the check run was completed, in seconds since the epoch."""
        return next(request.time for request in self.requests if request.completes)

    @property
    def failures_annotated(self) -> int:
        return sum(request.failures for request in self.requests)

    @property
    def verdict_seconds(self) -> float:
        """The time from pytest's exit to the completed check run."""
        return self.verdict_at - self.usage.tests_ended_at


class Jobs:
    """The checkouts, one per suite, in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._jobs: dict[BenchSuite, Job] = {}

    def of(self, suite: BenchSuite) -> Job:
        """Return the suite's checkout."""
        if suite not in self._jobs:
            with GithubServer() as unused:  # a job needs one; each run has its own
                folder = self._folder / f"job{len(self._jobs)}"
                self._jobs[suite] = Job(github=unused, folder=folder, files=suite.files(), autoload=True)
        return self._jobs[suite]

    def run(self, suite: BenchSuite, *, answer_seconds: float = 0.0) -> BenchRun:
        """Run the action with default inputs, except for what pytest prints."""
        job = self.of(suite)
        for path in job.commands.iterdir():
            path.unlink()
        with server(job, f"--delay-seconds={answer_seconds}") as login:
            command = our_command(job, "run", environ=job.environ({**login, "pytest_args": SHORT_TRACEBACKS}))
            usage = processes.measure_alone(command)
        if usage.status != bool(suite.failing):
            raise RuntimeError(f"our exit status is {usage.status}, and the end of our output:\n{tail(command.output)}")
        return BenchRun(
            suite=suite, usage=usage, tests_started_at=tests_started_at(job), requests=requests.read(job.folder / LOG)
        )

    def report(self, suite: BenchSuite) -> Path:
        """Return the path of the JSON report that a run saved."""
        job = self.of(suite)
        if "report" not in job.records("output"):
            self.run(suite)
        return job.workspace / job.records("output")["report"]


def our_command(job: Job, *arguments: str, environ: Mapping[str, str]) -> MeasuredCommand:
    """Return the command of one of the action's programs in the job."""
    return MeasuredCommand(
        arguments=[*_OUR_COMMAND, *arguments], folder=job.workspace, environ=environ, output=job.folder / "output.txt"
    )


@contextmanager
def server(job: Job, *options: str) -> Iterator[dict[str, str]]:
    """Start a server for the job in a process of its own; yield the inputs with its credentials."""
    log = job.folder / LOG
    log.unlink(missing_ok=True)
    command = [sys.executable, "-m", "tests.support.github.server", f"--log={log}", *options]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            server_info = json.loads(process.stdout.readline())
            job.env = {"GITHUB_API_URL": server_info["url"]}
            inputs = {"app_id": "client_id", "private_key": "private_key", "github_token": "github_token"}
            yield {name: server_info[key] for name, key in inputs.items()}
        finally:
            process.terminate()


def tests_started_at(job: Job) -> float:
    """Return when the job's last tests were collected, in seconds since the epoch."""
    return float((job.folder / START_TIME_FILE).read_text())


def tail(output: Path) -> str:
    """Return the end of a long text."""
    return output.read_text(errors="replace")[-2000:]
