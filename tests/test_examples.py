"""The examples use the inputs and outputs of action.yml, and the demo shows every kind of result."""

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

from checks.core.inputs.server_settings import parse_server_settings
from checks.core.inputs.settings import parse_settings
from checks.core.model.job import Context
from checks.core.model.rerun import CategoryRerun, Rerun, RerunScope
from checks.core.rerun.buttons import why_no_buttons
from checks.core.rerun.dispatch_input import render
from tests.support.github.world import App

ROOT = Path(__file__).parents[1]
WORKFLOWS = sorted((ROOT / "examples" / "workflows").glob("*.yml"))
#: Runs the installed command instead of the action.
HISTORY = ROOT / "examples" / "workflows" / "history.yml"
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
def test_workflow_uses_declared_inputs_only(path: Path) -> None:
    steps = list(our_steps(path))
    assert bool(steps) is (path != HISTORY)
    for step in steps:
        assert step["with"].keys() <= action()["inputs"].keys()


@each_workflow
def test_workflow_reads_declared_outputs_only(path: Path) -> None:
    ids = {step["id"] for step in our_steps(path) if "id" in step}
    referenced = re.findall(r"steps\.([\w-]+)\.outputs\.([\w-]+)", path.read_text())
    assert {output for step, output in referenced if step in ids} <= action()["outputs"].keys()


@each_workflow
def test_artifacts_include_the_hidden_folder_of_the_report(path: Path) -> None:
    """By default, actions/upload-artifact leaves hidden files out."""
    for job in jobs(path).values():
        uploads = (step["with"] for step in job["steps"] if step.get("uses", "").startswith("actions/upload-artifact@"))
        assert all(upload["include-hidden-files"] for upload in uploads if ".outputs.report" in upload["path"])


@each_workflow
def test_no_job_is_named_like_the_check(path: Path) -> None:
    names = {name for key, job in jobs(path).items() for name in (key, job.get("name", key))}
    assert not any(name.startswith("pytest") for name in names)


@each_workflow
def test_workflow_declares_the_permissions_it_needs(path: Path) -> None:
    permissions = yaml.safe_load(path.read_text())["permissions"]
    if path == HISTORY:
        assert permissions == {"checks": "read", "contents": "write"}
        return
    has_app = any("app-id" in step["with"] for step in our_steps(path))
    checks_out = "uses: actions/checkout@" in path.read_text()
    has_comment = any("comment" in step["with"] for step in our_steps(path))
    writes = {"checks": "write"} | ({"pull-requests": "write"} if has_comment else {})
    assert permissions == ({"contents": "read"} if checks_out else {}) | ({} if has_app else writes)


@each_workflow
def test_workflow_gives_valid_input_values(path: Path) -> None:
    for step in our_steps(path):
        inputs = {name: value if isinstance(value, str) else json.dumps(value) for name, value in step["with"].items()}
        parse_settings({name: value for name, value in inputs.items() if "${{" not in value})


def test_rerun_workflow_gets_buttons() -> None:
    context = Context(event="push", workflow=".github/workflows/tests.yml")
    assert why_no_buttons(context, is_app=True, workflow=RERUNS.read_text()) == ""
    assert "no trigger" in why_no_buttons(context, is_app=True, workflow=(RERUNS.parent / "minimal.yml").read_text())


@pytest.mark.parametrize("path", [RERUNS, ROOT / "docs" / "re-runs.md", ROOT / "README.md"], ids=lambda path: path.name)
def test_expressions_guard_and_read_existing_rerun_fields(path: Path) -> None:
    expressions = [
        expression for expression in re.findall(r"\$\{\{(.*?)\}\}", path.read_text()) if "inputs.rerun)" in expression
    ]
    assert expressions
    for expression in expressions:
        assert re.match(r" (inputs\.rerun && |!inputs\.rerun \|\| )", expression)
        referenced = re.findall(r"fromJSON\(inputs\.rerun\)\.(\w+)", expression)
        assert len(referenced) == expression.count("fromJSON(inputs.rerun)")
        assert set(referenced) <= json.loads(render(RERUN)).keys()


def test_guide_documents_the_rerun_input() -> None:
    guide = (ROOT / "docs" / "re-runs.md").read_text()
    shown = json.loads(re.search(r'^\{"sha".*?\]\}$', guide, re.MULTILINE | re.DOTALL)[0])  # type: ignore[index] # is there
    rendered = json.loads(render(RERUN))
    assert shown.keys() == rendered.keys()
    assert shown["runs"][0].keys() == rendered["runs"][0].keys()
    assert {key for key in rendered if f"| `{key}` |" in guide} == set(rendered)


def test_run_name_of_a_rerun_has_the_head_commit() -> None:
    workflow = yaml.safe_load(RERUNS.read_text())
    assert "fromJSON(inputs.rerun).head" in workflow["run-name"]


def test_rerun_shares_no_concurrency_group() -> None:
    group = yaml.safe_load(RERUNS.read_text())["concurrency"]["group"]
    assert group == "tests-${{ github.event_name == 'pull_request' && github.ref || github.run_id }}"


def test_rerun_checks_out_the_commit_and_runs_its_categories() -> None:
    tests = jobs(RERUNS)["tests"]
    assert "fromJSON(inputs.rerun).sha" in tests["steps"][0]["with"]["ref"]
    assert "fromJSON(inputs.rerun).categories" in tests["strategy"]["matrix"]["category"]
    assert all(job["if"] == "${{ !inputs.rerun }}" for name, job in jobs(RERUNS).items() if name != "tests")


def test_polls_run_one_at_a_time_and_are_not_cancelled() -> None:
    workflow = yaml.safe_load((ROOT / "examples" / "workflows" / "re-runs-poll.yml").read_text())
    assert workflow["concurrency"] == {"group": "re-runs", "cancel-in-progress": False}


def test_compose_file_gives_the_receiver_its_settings() -> None:
    services = yaml.safe_load((RECEIVER / "compose.yml").read_text())["services"]
    receiver = services["receiver"]
    assert receiver["command"] == ["serve", "--host", "0.0.0.0"]
    values = {
        "CHECKS_APP_ID": "Iv23liReceiver",
        "CHECKS_PRIVATE_KEY": App().private_key,
        "CHECKS_WEBHOOK_SECRET": "0123456789abcdef",
    }
    environ = {name: _interpolated(value, values) for name, value in receiver["environment"].items()}
    settings = parse_server_settings(environ)
    assert (settings.credentials.app_id, settings.secret) == ("Iv23liReceiver", b"0123456789abcdef")
    assert settings.queues_at_push is False
    assert settings.api_url == "https://api.github.com"
    assert "receiver:8080" in services["proxy"]["command"]
    assert "ports" not in receiver


def test_systemd_unit_starts_the_receiver_with_environment() -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign] # as the documentation of configparser recommends
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
    """Interpolate ``${NAME:-default}`` and ``${NAME:?message}`` as compose does."""
    return re.sub(r"\$\{(\w+):([-?])(.*?)\}", lambda m: given.get(m[1], m[3] if m[2] == "-" else ""), value)


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("demo", "passed|failed|errors|skipped|xfailed|xpassed|warning|rerun|subtests passed"),
        ("demo-collection", "errors"),
    ],
)
def test_demo_shows_every_kind_of_result(name: str, kinds: str) -> None:
    demo = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=ROOT / "examples" / name,
        capture_output=True,
        text=True,
        check=False,
    )
    last_line = demo.stdout.rstrip().rpartition("\n")[2]
    assert set(re.findall(r"\d+ ([a-z]+(?: passed)?)", last_line)) == {*kinds.split("|")}
    assert ("during collection" in demo.stdout) is (name == "demo-collection")
