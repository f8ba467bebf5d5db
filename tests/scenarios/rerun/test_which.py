"""A re-run of the failed tests runs exactly these, with any names and in any number."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from checks.core.model.session import CarriedOverCounts
from tests.support.github.server import GithubServer
from tests.support.rerun.reruns import FAILED, SECOND, CreateScenario
from tests.support.rules import rule

ODD = """\
import os
import pytest

FAILS = os.environ.get("SECOND") != "yes"
LONG = "a b " * 70 + "é ☃ end of it"


@pytest.fixture
def broken():
    assert not FAILS, "in setup"
    yield
    assert not FAILS, "never"


@pytest.fixture
def torn():
    yield
    assert not FAILS, "in teardown"


def test_ok(): pass
def test_setup(broken): pass
def test_teardown(torn): pass
def test_call_and_teardown(torn): assert not FAILS
def test_subtests(subtests):
    for i in range(3):
        with subtests.test("sub test", i=i):
            assert i == 0 or not FAILS
def test_other_subtests(subtests):
    with subtests.test("sub test", i=1): pass
@pytest.mark.parametrize("p", [LONG, LONG + " other", "\\U0001f600 smile", "é", "x::y z", "a\\\\b", ""], ids=str)
def test_odd(p): assert not FAILS or p.endswith("other")
@pytest.mark.parametrize("p", ["hunter22hunter22"])
def test_secret(p): assert not FAILS
class TestC:
    def test_in_class(self): assert not FAILS
"""


@rule("The job: Re-run failed")
@pytest.mark.slow
def test_only_failed_tests_are_rerun(create_scenario: CreateScenario, github: GithubServer) -> None:
    scenario = create_scenario({"test_odd ☃.py": ODD}, category="unit")
    secret = {"MY_TOKEN": "hunter22hunter22"}
    scenario.first(env=secret)
    first = scenario.latest
    failed = {
        annotation["title"]
        for annotation in github.annotations(first["id"])
        if annotation["annotation_level"] == "failure"
    }
    assert len(failed) == 14  # two of them are subtests of one test
    scenario.press()
    result = scenario.rerun(env={**SECOND, **secret})
    assert [result.outputs[name] for name in ("conclusion", "total", "passed", "flaky")] == [
        "success",
        "15",
        "15",
        "12",
    ]
    assert scenario.latest["output"]["title"].startswith("15 passed, 12 rerun")
    titles = {annotation["title"] for annotation in github.annotations(scenario.latest["id"])}
    assert titles == {title for title in failed if "(i=" not in title and "[sub test]" not in title}, titles ^ failed
    assert "hunter22" not in json.dumps([github.runs, github.world.annotations, scenario.dispatches[0].inputs])


@rule("The job: a failed test is not collected any more")
@pytest.mark.slow
def test_missing_failed_test_is_named_and_not_green(create_scenario: CreateScenario) -> None:
    scenario = create_scenario(category="unit")
    gone = ["test_a.py::test_renamed", "test_gone.py::test_x[a b]"]
    counts = CarriedOverCounts(failed=3, passed=1)
    scenario.create_run(parts=replace(FAILED, counts=counts), failures=["test_a.py::test_flaky", *gone])
    scenario.press()
    assert scenario.latest["output"]["title"].startswith("Re-run of 3 failed tests")
    result = scenario.rerun(env=SECOND)
    assert (result.outputs["conclusion"], result.exit_status) == ("action_required", 1)
    assert scenario.latest["output"]["title"].startswith("2 failed tests not collected · 2 passed, 1 rerun")
    for title in gone:
        assert title in scenario.latest["output"]["summary"]
    scenario.press()
    assert scenario.latest["output"]["title"].startswith("Re-run of all tests")


def _many(number: int) -> str:
    """Return many tests with ids of more than 300 characters, and one other test."""
    return (
        "import pytest\n"
        f"@pytest.mark.parametrize('p', [f'{{i:04}} ' + 'x é' * 100 for i in range({number})], ids=str)\n"
        "def test_many(p): pass\n"
        "def test_ok(): assert 0\n"
    )


@rule("The job: Re-run failed, 5,000 tests with IDs of 300 characters")
@pytest.mark.slow
@pytest.mark.parametrize("number", [60, 5000])
def test_many_failed_tests_with_long_ids_are_rerun_alone(create_scenario: CreateScenario, number: int) -> None:
    scenario = create_scenario({"test_a.py": _many(number + 1)}, category="unit", max_annotations="10")
    ids = [f"test_a.py::test_many[{i:04} " + "x \\xe9" * 100 + "]" for i in range(number)]
    assert len(ids[0]) > 300
    scenario.create_run(parts=replace(FAILED, counts=CarriedOverCounts(failed=number, passed=2)), failures=ids)
    scenario.press()
    assert len(json.dumps(scenario.dispatches[0].inputs)) < 1000
    result = scenario.rerun()
    assert (result.outputs["conclusion"], result.outputs["flaky"]) == ("success", str(number))
    assert scenario.latest["output"]["title"].startswith(f"{number + 2:,} passed, {number:,} rerun")


@rule("Failed tests first: a re-run")
@pytest.mark.slow
def test_rerun_of_all_tests_begins_with_the_failed_ones(create_scenario: CreateScenario) -> None:
    scenario = create_scenario(category="unit", failed_first="true", pytest_args="-v")
    assert re.findall(r"::test_\w+(?= )", scenario.first().log)[:3] == ["::test_ok", "::test_flaky", "::test_skipped"]
    scenario.press("rerun-all")
    result = scenario.rerun(env=SECOND)
    assert re.findall(r"::test_\w+(?= )", result.log)[:3] == ["::test_flaky", "::test_ok", "::test_skipped"]
    assert "order of their collection" not in scenario.latest["output"]["summary"]
