"""Run a job of a workflow without a container: a checkout, the runner's variables and files, the action's process."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from tests.support.github.server import REPOSITORY, GithubServer
from tests.support.runner.preloaded import PreloadedProcess, is_like_new
from tests.support.waits import HANG_SECONDS

ROOT = Path(__file__).parents[3]
Process = subprocess.Popen[str] | PreloadedProcess
#: Folder of the runner's files. The sandbox closes it and its parents to new files, so it is not among temporary files.
COMMANDS_FOLDER = Path("/var/tmp")
#: A test that kills the action's process before it can complete the check run, unless it is process 1.
KILLS_US = "import os, signal\n\n\ndef test_a(): os.kill(os.getppid(), signal.SIGKILL)\n"
PROJECTS = Path(__file__).parents[2] / "projects"
#: Most suites need no plugins of this environment, and pytest starts in half the time without. Those that do set
#: `autoload`; other environments exist for their plugins.
AUTOLOAD_OFF = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
_FILES = ("output", "state", "env", "path", "step_summary")
_ENV = {
    "GITHUB_ACTIONS": "true",
    "CI": "true",
    "GITHUB_SERVER_URL": "https://github.test",
    "GITHUB_REPOSITORY": REPOSITORY,
    "GITHUB_WORKFLOW_REF": f"{REPOSITORY}/.github/workflows/tests.yml@refs/heads/main",
    "GITHUB_REF": "refs/heads/main",
    "GITHUB_EVENT_NAME": "push",
    "GITHUB_RUN_ID": "4711",
    "GITHUB_RUN_ATTEMPT": "1",
    "GITHUB_JOB": "tests",
    "GITHUB_ACTOR": "octocat",
}


@dataclass(frozen=True, kw_only=True)
class StepResult:
    """What a step of the action left."""

    exit_status: int
    log: str
    outputs: Mapping[str, str]
    summary: str


@dataclass(kw_only=True)
class Job:
    """Checks out `files` (name -> text) or `project` (of ``tests/projects``) in one commit.

    `path` is that of actions/checkout: the folder of the workspace for the repository, `checkout`. `commands` is the
    folder of the runner's files. `command_prefix` starts each step. A step that takes longer than `step_seconds` is an
    error. For `autoload` see `AUTOLOAD_OFF`. `entrypoint` is the action's script. The action's process is a fork of one
    that is `preloaded`, unless `is_new`: for tests of what others see of the process, or of what it imports.
    """

    github: GithubServer
    folder: Path
    files: Mapping[str, str] = field(default_factory=dict)
    project: str = ""
    path: str = ""
    env: dict[str, str] = field(default_factory=dict)
    event: dict[str, Any] = field(default_factory=dict)
    step_seconds: float = HANG_SECONDS
    command_prefix: Sequence[str] = ()
    autoload: bool = False
    entrypoint: Path = ROOT / "entrypoint.py"
    is_new: bool = False

    def __post_init__(self) -> None:
        self.commands = Path(mkdtemp(prefix="commands-", dir=COMMANDS_FOLDER))
        weakref.finalize(self, shutil.rmtree, self.commands, ignore_errors=True)
        self.workspace = self.folder / "workspace"
        self.checkout = self.workspace / self.path
        self.checkout.mkdir(parents=True)
        if self.project:
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(PROJECTS / self.project, self.checkout, dirs_exist_ok=True, ignore=ignored)
        for name, text in self.files.items():
            path = self.checkout / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        self.git("init", "--quiet", "--initial-branch=main")
        self.commit("All")

    def git(self, *arguments: str) -> str:
        """Return git's output in the repository."""
        author = ["-c", "user.name=Mona", "-c", "user.email=mona@example.com"]
        command = ["git", *author, *arguments]
        return subprocess.run(command, cwd=self.checkout, check=True, capture_output=True, text=True).stdout.strip()

    def commit(self, message: str) -> str:
        """Commit everything; return the commit."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", f"--message={message}")
        self.sha = self.git("rev-parse", "HEAD")
        return self.sha

    def environ(self, inputs: Mapping[str, str]) -> dict[str, str]:
        """Return the runner's variables; inputs have underscores for dashes, and the App's credentials by default."""
        event = self.folder / "event.json"
        event.write_text(json.dumps(self.event))
        app = {"app_id": self.github.app.client_id, "private_key": self.github.app.private_key}
        input_variables = {f"INPUT_{name.replace('_', '-').upper()}": text for name, text in {**app, **inputs}.items()}
        for name in _FILES:
            (self.commands / name).touch()
        paths = {f"GITHUB_{name.upper()}": str(self.commands / name) for name in _FILES}
        state = {f"STATE_{name}": text for name, text in self.records("state").items()}
        own_variables = {
            **({} if self.autoload or "CHECKS_PYTHON" in self.env else AUTOLOAD_OFF),
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "GITHUB_WORKSPACE": str(self.workspace),
            "GITHUB_SHA": self.sha,
            "GITHUB_API_URL": self.github.url,
            "GITHUB_EVENT_PATH": str(event),
        }
        return {**_ENV, **own_variables, **input_variables, **paths, **state, **self.env}

    def start(self, program: str = "run", **inputs: str) -> Process:
        """Start the action's process."""
        environ = self.environ(inputs)
        if self.is_new or self.command_prefix or not is_like_new(environ):
            return self.start_new(program, **inputs)
        return PreloadedProcess([program], self.workspace, environ)

    def start_new(self, program: str = "run", **inputs: str) -> subprocess.Popen[str]:
        """Start the action's process in a new interpreter."""
        return subprocess.Popen(
            [*self.command_prefix, sys.executable, str(self.entrypoint), program],
            cwd=self.workspace,
            env=self.environ(inputs),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )

    def wait(self, process: Process) -> StepResult:
        """Wait for its end."""
        log, _ = process.communicate(timeout=self.step_seconds)
        sys.stdout.write(log)  # pytest shows it with a failure
        summary = self.commands / "step_summary"
        return StepResult(
            exit_status=process.wait(),
            log=log,
            outputs=self.records("output"),
            summary=summary.read_text(encoding="utf-8") if summary.exists() else "",
        )

    def run(self, program: str = "run", **inputs: str) -> StepResult:
        """Start it and wait for its end."""
        return self.wait(self.start(program, **inputs))

    def cancel(self, process: Process) -> StepResult:
        """Cancel it as the runner does, first with SIGINT."""
        process.send_signal(signal.SIGINT)
        return self.wait(process)

    def records(self, name: str) -> dict[str, str]:
        """Return the ``name=value`` and ``name<<delimiter`` records of one of the runner's files."""
        path = self.commands / name
        lines = iter(path.read_text(encoding="utf-8").splitlines() if path.exists() else [])
        values: dict[str, str] = {}
        for line in lines:
            key, delimited, delimiter = line.partition("<<")
            if delimited and "=" not in key:
                values[key] = "\n".join(iter(lambda: next(lines), delimiter))
            elif "=" in line:
                key, _, text = line.partition("=")
                values[key] = text
        return values


#: Creates a job from the arguments of `Job`.
JobOf = Callable[..., Job]
