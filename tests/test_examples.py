"""The examples keep to the contract of action.yml, and the demo shows every kind of result."""

from __future__ import annotations

import configparser
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from checks.core.inputs.server_settings import parse_receiver_settings
from checks.core.inputs.settings import parse_settings
from checks.core.model.job import Context
from checks.core.model.rerun import CategoryRerun, Rerun, RerunScope
from checks.core.rerun.buttons import why_none
from checks.core.rerun.dispatch_input import render
from tests.support.github.world import App

ROOT = Path(__file__).parents[1]
WORKFLOWS = sorted((ROOT / "examples" / "workflows").glob("*.yml"))
RERUNS = ROOT / "examples" / "workflows" / "re-runs.yml"
RECEIVER = ROOT / "examples" / "receiver"
RERUN = Rerun(
    sha="c" * 40,
    head="d" * 40,
    categories=(
        CategoryRerun(category="unit", name="pytest (unit)", queued="2", earlier="1", scope=RerunScope.FAILED),
    ),
)

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
    checks_out = "uses: actions/checkout@" in path.read_text()
    assert permissions == ({"contents": "read"} if checks_out else {}) | ({} if has_app else {"checks": "write"})


@each_workflow
def test_a_workflow_gives_inputs_values_that_are_allowed(path: Path) -> None:
    for step in our_steps(path):
        given = {name: value if isinstance(value, str) else json.dumps(value) for name, value in step["with"].items()}
        parse_settings({name: value for name, value in given.items() if "${{" not in value})


def test_the_workflow_of_re_runs_gets_buttons() -> None:
    context = Context(event="push", workflow=".github/workflows/tests.yml")
    assert why_none(context, is_app=True, workflow=RERUNS.read_text()) == ""
    assert "no trigger" in why_none(context, is_app=True, workflow=(RERUNS.parent / "minimal.yml").read_text())


@pytest.mark.parametrize("path", [RERUNS, ROOT / "docs" / "re-runs.md", ROOT / "README.md"], ids=lambda path: path.name)
def test_expressions_read_what_the_input_of_a_re_run_holds_and_only_where_there_is_one(path: Path) -> None:
    expressions = [each for each in re.findall(r"\$\{\{(.*?)\}\}", path.read_text()) if "inputs.rerun)" in each]
    assert expressions
    for expression in expressions:
        assert re.match(r" (inputs\.rerun && |!inputs\.rerun \|\| )", expression)
        read = re.findall(r"fromJSON\(inputs\.rerun\)\.(\w+)", expression)
        assert len(read) == expression.count("fromJSON(inputs.rerun)")
        assert set(read) <= json.loads(render(RERUN)).keys()


def test_what_the_guide_says_of_the_input_is_so() -> None:
    guide = (ROOT / "docs" / "re-runs.md").read_text()
    shown = json.loads(re.search(r'^\{"sha".*?\]\}$', guide, re.MULTILINE | re.DOTALL)[0])  # type: ignore[index] # is there
    told = json.loads(render(RERUN))
    assert shown.keys() == told.keys()
    assert shown["runs"][0].keys() == told["runs"][0].keys()
    assert {key for key in told if f"| `{key}` |" in guide} == set(told)


def test_the_end_of_a_re_run_is_told_with_the_commit_of_its_checks() -> None:
    workflow = yaml.safe_load(RERUNS.read_text())
    assert "fromJSON(inputs.rerun).head" in workflow["run-name"]


def test_no_re_run_is_in_a_group_with_another_run() -> None:
    group = yaml.safe_load(RERUNS.read_text())["concurrency"]["group"]
    assert group == "tests-${{ github.event_name == 'pull_request' && github.ref || github.run_id }}"


def test_a_re_run_checks_out_what_is_to_be_tested_and_starts_what_is_wanted() -> None:
    tests = jobs(RERUNS)["tests"]
    assert "fromJSON(inputs.rerun).sha" in tests["steps"][0]["with"]["ref"]
    assert "fromJSON(inputs.rerun).categories" in tests["strategy"]["matrix"]["category"]
    assert all(job["if"] == "${{ !inputs.rerun }}" for name, job in jobs(RERUNS).items() if name != "tests")


def test_a_poll_neither_cuts_another_nor_runs_beside_it() -> None:
    workflow = yaml.safe_load((ROOT / "examples" / "workflows" / "re-runs-poll.yml").read_text())
    assert workflow["concurrency"] == {"group": "re-runs", "cancel-in-progress": False}


def test_the_compose_file_starts_a_receiver_with_all_its_settings() -> None:
    services = yaml.safe_load((RECEIVER / "compose.yml").read_text())["services"]
    receiver = services["receiver"]
    assert receiver["command"] == ["serve", "--host", "0.0.0.0"]
    values = {
        "CHECKS_APP_ID": "Iv23liReceiver",
        "CHECKS_PRIVATE_KEY": App().private_key,
        "CHECKS_WEBHOOK_SECRET": "0123456789abcdef",
    }
    environ = {name: _interpolated(value, values) for name, value in receiver["environment"].items()}
    received = parse_receiver_settings(environ)
    assert (received.credentials.app_id, received.secret) == ("Iv23liReceiver", b"0123456789abcdef")
    assert received.queues_at_push is False
    assert received.api_url == "https://api.github.com"
    assert "receiver:8080" in services["proxy"]["command"]
    assert "ports" not in receiver


def test_the_unit_of_systemd_starts_the_receiver_with_its_environment() -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign] # as its own documentation says
    unit.read(RECEIVER / "pytest-check-runs.service")
    service = unit["Service"]
    python, options, entrypoint, program, *_ = shlex.split(service["ExecStart"])
    assert python.endswith("/bin/python")
    assert (options, Path(entrypoint).name, program) == ("-Es", "entrypoint.py", "serve")
    assert service["EnvironmentFile"] == "/etc/pytest-check-runs.env"
    text = (RECEIVER / "README.md").read_text()
    assert service["EnvironmentFile"] in text
    written = re.findall(r"^(CHECKS_\w+)=", text, re.MULTILINE)
    assert written[:3] == ["CHECKS_APP_ID", "CHECKS_PRIVATE_KEY", "CHECKS_WEBHOOK_SECRET"]


def _interpolated(value: str, given: dict[str, str]) -> str:
    """As compose does with ``${NAME:-default}`` and ``${NAME:?message}``."""
    return re.sub(r"\$\{(\w+):([-?])(.*?)\}", lambda m: given.get(m[1], m[3] if m[2] == "-" else ""), value)


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
