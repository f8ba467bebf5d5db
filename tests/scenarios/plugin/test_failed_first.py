"""Tests that failed before run first, and otherwise nothing changes."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.adapters.pytest_process.failed_first import hand_over
from checks.core.history.test_key import keys
from checks.core.redaction.redactor import Redactor
from tests.support.environments import python_with
from tests.support.examples import EXAMPLES
from tests.support.rules import rule
from tests.support.runner.environments import environment
from tests.support.runner.plugin_run import CHILD, PluginResult, PluginRun
from tests.unit.core.history.test_test_key import STABLE, VARIABLE

Keys = Callable[[Sequence[str]], list[int]]


@pytest.fixture(scope="module")
def plugin_keys() -> Keys:
    """Return what computes the keys in the plugin."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(CHILD.parent)
        found: Keys = importlib.import_module("pytest_check_runs_keys").keys
        return found


VARIED = [nodeid for nodeid, _ in VARIABLE.values()]
OTHERS = ("0x7f3a2b4c5d6f", "<f at 0x7f3a2b4c5d6f>", "-", " at ", "2026-11-27 13:43Z")
PIECES = st.sampled_from([*VARIED, *STABLE, *OTHERS])


@settings(max_examples=3 * EXAMPLES)
@given(nodeids=st.lists(st.lists(PIECES | st.text(max_size=3), max_size=4).map("".join), max_size=12))
def test_plugin_and_action_agree_on_keys(plugin_keys: Keys, nodeids: list[str]) -> None:
    assert plugin_keys(nodeids) == [*keys(nodeids)]


def test_plugin_and_action_agree_on_keys_of_lone_surrogates(plugin_keys: Keys) -> None:
    nodeids = [*VARIED, *STABLE, *VARIED, "t[\ud800]", "t[\udfff]", "t", "t"]
    assert plugin_keys(nodeids) == [*keys(nodeids)]


PROJECT = {
    "test_a.py": """
import pytest
@pytest.fixture(scope="module")
def shared(): return [1]
@pytest.mark.parametrize("number", range(4))
def test_number(number, shared): assert number != 2
class TestIt:
    def test_one(self, shared): assert shared
    def test_two(self, shared): assert not shared
""",
    "test_b.py": """
import pytest
def test_passes(): pass
def test_fails(): assert 0
""",
}
FAILED = ("test_a.py::test_number[2]", "test_a.py::TestIt::test_two", "test_b.py::test_fails")
COLLECTED = (
    *(f"test_a.py::test_number[{number}]" for number in range(4)),
    *("test_a.py::TestIt::test_one", "test_a.py::TestIt::test_two"),
    *("test_b.py::test_passes", "test_b.py::test_fails"),
)
FIRST = (*FAILED, *(nodeid for nodeid in COLLECTED if nodeid not in FAILED))


def order(result: PluginResult) -> tuple[str, ...]:
    """Return the node ids in the order of their start."""
    return tuple(item.nodeid for item in result.session.items)


@rule("Failed tests first: a test failed before")
@pytest.mark.parametrize(
    ("python", "version"),
    [
        pytest.param("3.8", "7.4", marks=pytest.mark.slow),
        pytest.param("3.11", "8.4", marks=pytest.mark.slow),
        pytest.param("3.13", "9"),
    ],
)
def test_failed_tests_run_first_in_the_order_of_collection(python: str, version: str, tmp_path: Path) -> None:
    run = PluginRun(project=PROJECT, python=environment(python, version), failed=keys(FAILED[::-1]))
    result = run.run(tmp_path)
    assert order(result) == FIRST
    assert (result.session.collected, result.session.deselected, result.exit_status) == (8, 0, 1)


@rule("Failed tests first: -x, --maxfail")
def test_x_stops_at_the_test_that_failed_before(tmp_path: Path) -> None:
    result = PluginRun(project=PROJECT, arguments=("-x",), failed=keys(FAILED[2:])).run(tmp_path)
    assert order(result) == (FAILED[2],)


SHARED = """
import pytest
@pytest.fixture(scope="module")
def shared(): print("<set up>")
def test_first(shared): pass
def test_fails(shared): assert 0
"""


@rule("Failed tests first: tests share a fixture of their module or class")
def test_fixture_of_a_module_may_be_set_up_again(tmp_path: Path) -> None:
    files = {"test_it.py": SHARED, "test_b.py": "def test_fails(): assert 0\n"}
    failed = keys(["test_it.py::test_fails", "test_b.py::test_fails"])
    result = PluginRun(project=files, arguments=("-s", "test_it.py", "test_b.py"), failed=failed).run(tmp_path)
    assert order(result) == ("test_it.py::test_fails", "test_b.py::test_fails", "test_it.py::test_first")
    assert result.output.count("<set up>") == 2


@rule("Failed tests first: nothing that failed is collected now")
@pytest.mark.parametrize("failed", [(), ("test_a.py::test_gone", "test_a.py")], ids=["nothing", "others"])
def test_order_is_as_collected_without_tests_that_failed(failed: Sequence[str], tmp_path: Path) -> None:
    assert order(PluginRun(project=PROJECT, failed=keys(failed)).run(tmp_path)) == COLLECTED


OBJECTS = """
import pytest
def test_passes(): pass
@pytest.mark.parametrize("value", [object(), object()], ids=repr)
def test_object(value): pass
"""


def test_addresses_of_objects_in_ids_do_not_matter(tmp_path: Path) -> None:
    first, second = (f"test_it.py::test_object[<object object at 0x7f000000000{number}>]" for number in (1, 2))
    result = PluginRun(project={"test_it.py": OBJECTS}, failed=keys([first, second])[1:]).run(tmp_path)
    assert order(result)[0].startswith("test_it.py::test_object[<object object at 0x")
    assert order(result)[1] == "test_it.py::test_passes"


@rule("Failed tests first: another plugin changes the order or deselects")
def test_other_plugins_order_both_groups(tmp_path: Path) -> None:
    conftest = "def pytest_collection_modifyitems(items): items.reverse()\n"
    run = PluginRun(project={**PROJECT, "conftest.py": conftest}, arguments=("-k", "not One"), failed=keys(FAILED))
    expected = (*reversed(FIRST[:3]), *reversed(FIRST[3:]))
    assert order(run.run(tmp_path)) == tuple(nodeid for nodeid in expected if not nodeid.endswith("test_one"))


@pytest.mark.slow
def test_pytest_randomly_shuffles_both_groups(tmp_path: Path) -> None:
    run = PluginRun(project=PROJECT, python=python_with("randomly"), arguments=["--randomly-seed=4711"], failed=[])
    shuffled = order(run.run(tmp_path / "shuffled"))
    assert shuffled != COLLECTED
    result = replace(run, failed=keys(FAILED)).run(tmp_path / "first")
    assert order(result) == tuple(sorted(shuffled, key=lambda nodeid: nodeid not in FAILED))


@rule("Failed tests first: pytest-xdist")
@pytest.mark.parametrize(
    ("distribution", "python", "version"),
    [
        ("load", "3.13", "9"),
        pytest.param("worksteal", "3.13", "9", marks=pytest.mark.slow),
        pytest.param("load", "3.8", "7.4", marks=pytest.mark.slow),
    ],
)
def test_xdist_begins_with_the_tests_that_failed(distribution: str, python: str, version: str, tmp_path: Path) -> None:
    arguments = ("-n2", f"--dist={distribution}")
    run = PluginRun(project=PROJECT, arguments=arguments, python=environment(python, version), failed=keys(FAILED[2:]))
    result = run.run(tmp_path)
    first, second = (order(result).index(nodeid) for nodeid in (FAILED[2], COLLECTED[0]))
    assert first < second  # which is next on the same worker
    assert sorted(order(result)) == sorted(COLLECTED)
    assert result.session.grouped_by == ""


@rule("Failed tests first: --dist=loadscope, loadfile, loadgroup")
@pytest.mark.parametrize(
    "distribution",
    ["loadscope", pytest.param("loadfile", marks=pytest.mark.slow), pytest.param("loadgroup", marks=pytest.mark.slow)],
)
def test_groups_of_xdist_keep_their_order(distribution: str, tmp_path: Path) -> None:
    arguments = ("-p", "xdist", "-n2", f"--dist={distribution}")
    result = PluginRun(project=PROJECT, arguments=arguments, failed=keys(FAILED)).run(tmp_path)
    assert order(result)[0] not in FAILED  # each is the first of its group if the order changes
    assert sorted(order(result)) == sorted(COLLECTED)
    assert result.session.grouped_by == distribution
    redact = Redactor(patterns=[r"\w+"])
    (event,) = (entry for line in result.lines if line and (entry := json.loads(line))["event"] == "grouped")
    assert redact.redact_json(event)["event"] == "grouped"
    assert "distribution" in redact.redact_json(event)


@rule("Failed tests first: GitHub is slow")
@pytest.mark.parametrize(
    "arguments", [(), pytest.param(("-p", "xdist", "-n2"), marks=pytest.mark.slow)], ids=["alone", "xdist"]
)
def test_late_names_change_no_order_any_more(arguments: Sequence[str], tmp_path: Path) -> None:
    run = PluginRun(project=PROJECT, arguments=arguments, failed=keys(FAILED), is_late=True)
    result = run.run(tmp_path)
    assert sorted(order(result)) == sorted(COLLECTED)
    assert order(result) == COLLECTED or arguments
    assert not hand_over(keys(FAILED), tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("{", id="cut"),
        pytest.param("[" * 100_000, id="deep"),
        pytest.param("4", id="a number", marks=pytest.mark.slow),
        pytest.param("[[]]", id="lists", marks=pytest.mark.slow),
    ],
)
def test_malformed_file_changes_nothing(text: str, tmp_path: Path) -> None:
    (tmp_path / "first.json").write_text(text)
    result = PluginRun(project=PROJECT, failed=[], is_late=True).run(tmp_path)
    assert (order(result), result.exit_status) == (COLLECTED, 1)


def test_option_changes_nothing_if_it_is_not_set(tmp_path: Path) -> None:
    assert hand_over(keys(FAILED), tmp_path)
    assert order(PluginRun(project=PROJECT).run(tmp_path)) == COLLECTED
