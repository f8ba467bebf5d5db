"""The examples keep to the contract of action.yml, and the demo shows every kind of result."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
WORKFLOWS = sorted((ROOT / "examples" / "workflows").glob("*.yml"))

each_workflow = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)


def action() -> dict[str, Any]:
    return dict(yaml.safe_load((ROOT / "action.yml").read_text()))


def jobs(path: Path) -> dict[str, Any]:
    return dict(yaml.safe_load(path.read_text())["jobs"])


def our_steps(path: Path) -> Iterator[dict[str, Any]]:
    for job in jobs(path).values():
        yield from (step for step in job["steps"] if step.get("uses", "").startswith("OWNER/REPO@"))


@each_workflow
def test_a_workflow_uses_the_action_with_inputs_it_has(path: Path) -> None:
    steps = list(our_steps(path))
    assert steps
    for step in steps:
        assert step["with"].keys() <= action()["inputs"].keys()


@each_workflow
def test_a_workflow_reads_outputs_the_action_has(path: Path) -> None:
    ids = {step["id"] for step in our_steps(path) if "id" in step}
    read = re.findall(r"steps\.([\w-]+)\.outputs\.([\w-]+)", path.read_text())
    assert {output for step, output in read if step in ids} <= action()["outputs"].keys()


@each_workflow
def test_no_job_bears_the_name_of_our_check(path: Path) -> None:
    names = {name for key, job in jobs(path).items() for name in (key, job.get("name", key))}
    assert not any(name.startswith("pytest") for name in names)


@each_workflow
def test_a_workflow_says_what_its_token_may_do(path: Path) -> None:
    permissions = yaml.safe_load(path.read_text())["permissions"]
    has_app = any("app-id" in step["with"] for step in our_steps(path))
    assert permissions == ({"contents": "read"} if has_app else {"contents": "read", "checks": "write"})


def test_the_demo_shows_every_kind_of_result() -> None:
    demo = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=ROOT / "examples" / "demo",
        capture_output=True,
        text=True,
        check=False,
    )
    last = demo.stdout.rstrip().rpartition("\n")[2]
    counted = set(re.findall(r"\d+ ([a-z]+(?: passed)?)", last))
    assert counted == {
        *("passed", "failed", "errors", "skipped", "xfailed", "xpassed", "warning", "rerun", "subtests passed"),
    }
