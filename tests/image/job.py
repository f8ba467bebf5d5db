"""Run a job of a workflow: a checkout, and the action's steps in containers of the built image."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tests.support.github.server import REPOSITORY, GithubServer

ROOT = Path(__file__).parents[2]
IMAGE = os.environ.get("IMAGE", "")
#: The runner's user on GitHub-hosted machines, which owns the checkout.
RUNNER = 1001


def buildah(*arguments: str) -> str:
    """Return the output of buildah."""
    return subprocess.run(["buildah", *arguments], check=True, capture_output=True, text=True).stdout.strip()


@dataclass(frozen=True, kw_only=True)
class ActionResult:
    """What the action left; `log` is the output of all its steps."""

    exit_status: int
    log: str
    outputs: dict[str, str]
    summary: str

    def commands(self) -> list[str]:
        """Return the workflow commands that the runner executes, which excludes those while they are stopped."""
        obeyed: list[str] = []
        token = ""
        for line in map(str.strip, self.log.splitlines()):
            if token:
                token = "" if line == f"::{token}::" else token
            elif line.startswith("::stop-commands::"):
                token = line.removeprefix("::stop-commands::")
            elif line.startswith("::") or "##[" in line:
                obeyed.append(line)
        return obeyed


@dataclass(frozen=True, kw_only=True)
class ImageJob:
    """A job; `workspace` belongs to the runner's user, and holds one commit, `sha`, in the folder `path`."""

    github: GithubServer
    folder: Path
    sha: str

    @classmethod
    def on(cls, files: dict[str, str], *, github: GithubServer, folder: Path, path: str = "") -> Self:
        workspace = folder / "workspace"
        checkout = workspace / path
        for name, text in files.items():
            (checkout / name).parent.mkdir(parents=True, exist_ok=True)
            (checkout / name).write_text(text)
        author = ["-c", "user.name=Mona", "-c", "user.email=mona@example.com"]
        for command in (["init", "--quiet"], ["add", "--all"], [*author, "commit", "--quiet", "--message=All"]):
            subprocess.run(["git", *command], cwd=checkout, check=True)
        head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=checkout, check=True, capture_output=True, text=True)
        for owned in (workspace, *workspace.rglob("*")):
            os.chown(owned, RUNNER, RUNNER)
        return cls(github=github, folder=folder, sha=head.stdout.strip())

    @property
    def workspace(self) -> Path:
        return self.folder / "workspace"

    def run(
        self,
        *options: str,
        stages: str = "main",
        token: str = "",
        command_prefix: Sequence[str] = (),
        image: str = IMAGE,
        **inputs: str,
    ) -> ActionResult:
        """Run its steps; `inputs` have underscores for dashes. With the job's `token` there is no App.

        `command_prefix` starts the runner.
        """
        key = self.folder / "key.pem"
        key.write_text(self.github.app.private_key)
        app = [f"--with=app-id={self.github.app.client_id}", f"--with-file=private-key={key}"]
        variables = {
            "GITHUB_API_URL": self.github.url,
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_SHA": self.sha,
            "GITHUB_REF": "refs/heads/main",
            "GITHUB_WORKFLOW_REF": f"{REPOSITORY}/.github/workflows/tests.yml@refs/heads/main",
            "RUNNER_GITHUB_TOKEN": token,
        }
        out = self.folder / "out"
        result = subprocess.run(
            [
                *(
                    *command_prefix,
                    sys.executable,
                    os.environ["RUN_ACTION"],
                    f"--image={image}",
                    f"--action={ROOT / 'action.yml'}",
                ),
                *(f"--workspace={self.workspace}", f"--out={out}", f"--stages={stages}"),
                *([] if token else app),
                *(f"--with={name.replace('_', '-')}={text}" for name, text in inputs.items()),
                *(f"--env={name}={text}" for name, text in variables.items()),
                *options,
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
        sys.stdout.write(result.stdout)  # pytest shows it with a failure
        return ActionResult(
            exit_status=result.returncode,
            log=result.stdout,
            outputs=json.loads((out / "outputs.json").read_text()),
            summary=(out / "summary.md").read_text(),
        )
