"""If the failed tests are unknown, all tests run, and the check run says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from checks.core.model.delivery import DeliveryStatus
from checks.core.model.rerun import CategoryRerun, RerunScope
from checks.core.model.session import CarriedOverCounts
from checks.programs.rerun.previous_run import look_up
from tests.support.fakes import MemorySpool
from tests.support.github.server import Fault, GithubServer
from tests.support.rerun.edges import previous_runs_of
from tests.support.rerun.reruns import FAILED, SECOND, CreateScenario, RerunScenario
from tests.support.rules import rule

BAD = "def test_bad(): assert 0\ndef test_bad_too(): assert 0\ndef test_ok(): pass\n"
SLOW = "import time\ndef test_bad(): assert 0\ndef test_slow(): time.sleep(60)\n"
STARTS_NOT = "def pytest_runtest_protocol(item): return True if item.name == 'test_ok' else None\n"
CRASH = (
    "import os\n"
    "def test_bad(): pass\n"
    "def test_dies():\n    if os.environ.get('SECOND') != 'yes': os._exit(3)\n"
    "def test_z(): pass\n"
)
_CANNOT = "Re-ran all tests: the previous run could not be read."
_ALL_RUN = "Re-ran all tests: the previous run was not complete"


@rule("The job: the previous run crashed")
@pytest.mark.slow
def test_crashed_run_reruns_all_tests_and_says_so(create_scenario: CreateScenario) -> None:
    scenario = create_scenario({"test_a.py": CRASH}, category="unit")
    assert scenario.first().exit_status == 1
    assert scenario.press().status is DeliveryStatus.DONE
    assert scenario.latest["output"]["title"].startswith("Re-run of all tests requested")
    result = scenario.rerun(env=SECOND)
    assert (result.outputs["conclusion"], result.outputs["total"]) == ("success", "3")
    assert _ALL_RUN in scenario.latest["output"]["summary"]


@rule("The job: the previous run was not complete: collection error, -x, timeout")
@pytest.mark.parametrize(
    ("files", "inputs"),
    [
        pytest.param({"test_a.py": BAD, "test_b.py": "import nothing_like_it\n"}, {}, id="collection error"),
        pytest.param({"test_a.py": BAD}, {"pytest_args": "-x"}, id="-x", marks=pytest.mark.slow),
        pytest.param({"test_a.py": SLOW}, {"timeout_minutes": "0.2"}, id="timeout", marks=pytest.mark.slow),
        pytest.param({"test_a.py": BAD, "conftest.py": STARTS_NOT}, {}, id="not started", marks=pytest.mark.slow),
    ],
)
def test_incomplete_run_reruns_all_tests(
    create_scenario: CreateScenario, github: GithubServer, files: dict[str, str], inputs: Mapping[str, str]
) -> None:
    scenario = create_scenario(files, category="unit")
    scenario.inputs = {**scenario.inputs, **inputs}
    scenario.first()
    scenario.press()
    assert scenario.latest["output"]["title"].startswith("Re-run of all tests requested")
    dispatched = scenario.dispatched_input()["runs"][0]
    category_rerun = CategoryRerun(
        **{name: dispatched[name] for name in ("category", "name", "queued", "earlier")},
        scope=RerunScope(dispatched["which"]),
    )
    previous = look_up(category_rerun, previous_runs_of(github), MemorySpool())
    assert previous.only is None
    assert previous.remarks[0].text.startswith(_ALL_RUN)


@rule("The job: not all failures are annotated")
def test_unannotated_failures_rerun_all_tests(create_scenario: CreateScenario, github: GithubServer) -> None:
    scenario = create_scenario()
    run = scenario.create_run(
        parts=replace(FAILED, counts=CarriedOverCounts(failed=3, passed=1)), failures=["a.py::test_a", "a.py::test_b"]
    )
    category_rerun = CategoryRerun(
        category="unit", name=run["name"], queued="1", earlier=str(run["id"]), scope=RerunScope.FAILED
    )
    previous = look_up(category_rerun, previous_runs_of(github), MemorySpool())
    assert (previous.only, [*previous.failures]) == (None, ["a.py::test_a", "a.py::test_b"])
    assert previous.remarks[0].text.startswith(_ALL_RUN)


@rule("The job: GitHub does not return what failed")
@pytest.mark.slow
def test_unknown_failures_rerun_all_tests_and_say_so(requested_rerun: RerunScenario, github: GithubServer) -> None:
    github.fault(Fault(method="GET", path="/annotations$", how="answer", status=404, body={"message": "Not Found"}))
    result = requested_rerun.rerun(env=SECOND)
    assert (result.outputs["conclusion"], result.outputs["total"]) == ("success", "3")
    reason = f"Check run {github.runs[0]['id']} no longer exists on GitHub (404: Not Found)."
    assert f"{_CANNOT} {reason}" in requested_rerun.latest["output"]["summary"]


@pytest.mark.usefixtures("requested_rerun")
@pytest.mark.parametrize("path", ["/annotations$", "/check-runs/[0-9]+$"])
@pytest.mark.parametrize("status", [404, 500, 503])
def test_failed_lookup_does_not_fail_the_rerun(github: GithubServer, path: str, status: int) -> None:
    github.fault(Fault(method="GET", path=path, how="answer", status=status))
    earlier = str(github.runs[0]["id"])
    category_rerun = CategoryRerun(
        category="unit", name="pytest (unit)", queued="1", earlier=earlier, scope=RerunScope.FAILED
    )
    previous = look_up(category_rerun, previous_runs_of(github), MemorySpool())
    assert (previous.only, previous.carried_over) == (None, CarriedOverCounts())
    assert previous.remarks[0].text.startswith(_CANNOT)
