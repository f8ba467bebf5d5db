"""What tests record (`record_property`), from the tests' process to the session."""

from __future__ import annotations

from pathlib import Path

import pytest

from checks.core.model.item import Item
from tests.support.runner.plugin_run import PluginResult, PluginRun

SUITE = """
import pathlib, pytest

class Odd:
    def __str__(self): raise SystemExit

def test_values(record_property, request):
    record_property("page", "https://ci.test/" + "x" * 500)
    record_property("build", 4711)
    record_property("path", pathlib.Path("a/b"))
    record_property("long", "y" * 5000)
    record_property("many", list(range(10**6)))
    record_property("lines", "a\\nb")
    request.node.user_properties.append(("direct", None))
    assert 0

def test_odd_values(record_property):
    record_property("odd", Odd())
    record_property("surrogate", "\\udc80")
    assert 0

def test_many_properties(record_property):
    for number in range(60):
        record_property("number", number)
    assert 0

@pytest.fixture
def late(record_property):
    yield
    record_property("late", "yes")
    assert 0

def test_teardown(late, record_property):
    record_property("early", "yes")

def test_passes(record_property):
    record_property("unseen", "unseen-value")

@pytest.mark.flaky(reruns=1)
def test_flaky(record_property, seen=[]):
    seen.append(1)
    record_property("attempt", len(seen))
    assert len(seen) == 2
"""


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> PluginResult:
    return PluginRun(project={"test_p.py": SUITE}).run(tmp_path_factory.mktemp("properties"))


def properties_of(item: Item) -> dict[str, str]:
    (details,) = [stage.details for stage in item.stages if stage.details is not None]
    return dict(details.properties)


def test_values_are_recorded_as_bounded_text(result: PluginResult) -> None:
    recorded = properties_of(result.item("::test_values"))
    assert recorded.pop("long") == "y" * 500 + "\n… 4000 characters left out …\n" + "y" * 500
    assert recorded == {
        "page": "https://ci.test/" + "x" * 500,
        "build": "4711",
        "path": "a/b",
        "many": "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, ...]",
        "lines": "a\nb",
        "direct": "None",
    }


@pytest.mark.parametrize(
    ("name", "recorded"),
    [
        ("::test_odd_values", {"odd": "<SystemExit in repr>", "surrogate": "\\udc80"}),
        ("::test_teardown", {"early": "yes", "late": "yes"}),
        ("::test_flaky", {"attempt": "1"}),
    ],
)
def test_each_failure_has_what_its_test_recorded(result: PluginResult, name: str, recorded: dict[str, str]) -> None:
    assert properties_of(result.item(name)) == recorded


def test_properties_beyond_fifty_are_counted(result: PluginResult) -> None:
    (details,) = [stage.details for stage in result.item("::test_many_properties").stages if stage.details]
    assert details.properties[49:] == (("number", "49"), ("…", "and 10 more"))


def test_properties_of_a_passed_test_are_not_streamed(result: PluginResult) -> None:
    assert not any(b"unseen-value" in line for line in result.lines)


def test_report_has_the_same_properties_as_the_stream(result: PluginResult) -> None:
    for name in ("::test_values", "::test_teardown", "::test_flaky"):
        (item,) = (item for item in result.from_report.items if item.nodeid.endswith(name))
        assert properties_of(item) == properties_of(result.item(name))


@pytest.mark.slow
def test_properties_reach_the_controller_of_xdist(tmp_path: Path) -> None:
    result = PluginRun(project={"test_p.py": SUITE}, arguments=("-p", "xdist", "-n1", "-k", "test_teardown")).run(
        tmp_path
    )
    assert properties_of(result.item("::test_teardown")) == {"early": "yes", "late": "yes"}
