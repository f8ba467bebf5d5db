"""Titles are matched to collected tests."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Sequence

import pytest

from checks.core.github import payload
from checks.core.model.check_run import Annotation, AnnotationLevel
from checks.core.pytest_process.selection import selection_json
from tests.support.growth import cpu_seconds, is_linear
from tests.support.rerun.check_runs import OPEN
from tests.support.runner.plugin_run import CHILD

Find = Callable[[Sequence[str], Sequence[str]], dict[str, list[str]]]


@pytest.fixture
def find(monkeypatch: pytest.MonkeyPatch) -> Find:
    """Return what the plugin matches for these titles and ids."""
    monkeypatch.syspath_prepend(CHILD.parent)
    selection = importlib.import_module("pytest_check_runs_selection").Selection
    return lambda titles, ids: selection(json.loads(selection_json(titles)), has_groups=False).matches(ids)


IDS = ("it.py::a", "it.py::a[x]", "it.py::b", "it.py::b2", "it.py::C::b", "it.yml::send", "it.yml::send a mail")


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        pytest.param("it.py::b", ["it.py::b"], id="no test whose name only begins so"),
        pytest.param("it.py::b[x] (i=1)", [], id="no test without its parameters"),
        pytest.param("it.py::b a description", ["it.py::b"], id="a subtest"),
        pytest.param("it.yml::send a mail", ["it.yml::send a mail"], id="the longest of two"),
        pytest.param("it.yml::send a letter", ["it.yml::send"], id="the longest that there is"),
        pytest.param("it.yml::send *** mail", ["it.yml::send a mail"], id="the longest, with a mask"),
        pytest.param("it.py::***b", ["it.py::C::b", "it.py::b"], id="a mask for anything and for nothing"),
        pytest.param("***.py::***[***]", ["it.py::a[x]"], id="masks everywhere"),
        pytest.param("***y::a*** ***", ["it.py::a", "it.py::a[x]"], id="a masked subtest"),
        pytest.param("it.py::b***b", [], id="ends that would overlap"),
        pytest.param("i***.y***d ***a***l", ["it.yml::send a mail"], id="cut words alone"),
        pytest.param("***b***b***b", [], id="pieces that would overlap"),
        pytest.param("it.py::\\x61", ["it.py::a"], id="an escape"),
        pytest.param("\\U00000069\\u0074.py::***2", ["it.py::b2"], id="escapes and a mask"),
        pytest.param("\\Uffffffff::a", [], id="no character"),
        pytest.param("it.py", [], id="a file"),
        pytest.param("", [], id="nothing"),
    ],
)
def test_title_matches_every_id_it_can_mean(title: str, expected: list[str], find: Find) -> None:
    assert sorted(find([title], IDS)[title]) == expected


@pytest.mark.parametrize(
    "nodeid",
    ["a.py::\0\x7f\x9f", "\u202e.py::a", "\U0001f600.py::\\x00\\U0001f600", "\ud800.py::\\", "é.py::\\xe9\\\\xe9"],
)
def test_title_with_escaped_characters_matches_its_id(nodeid: str, find: Find) -> None:
    annotation = Annotation(path="a.py", line=1, level=AnnotationLevel.FAILURE, title=nodeid, message="m")
    (sent,) = payload.update(OPEN, [annotation])["output"]["annotations"]
    assert find([sent["title"]], [nodeid, "a.py::other"]) == {sent["title"]: [nodeid]}


@pytest.mark.parametrize(
    "shown",
    [
        pytest.param("test_it.py::test_many[{}]", id="ids"),
        pytest.param("test_it.py::test_many[{}] [message] (i=1)", id="subtests"),
        pytest.param("***.py::test_many[{}] [message] (i=1)", id="a mask in front"),
        pytest.param("test_it.py::test_many[{}***", id="a mask at the end"),
        pytest.param("***.py::test_many[{}***", id="masks at both ends"),
    ],
)
@pytest.mark.parametrize("first", [0, 3_000], ids=["there", "gone"])
def test_matching_thousands_of_titles_takes_linear_time(shown: str, first: int, find: Find) -> None:
    """Comparing all pairs would take four times as long for twice as many."""
    names = [f"{number:04} {'word ' * 58}" for number in range(5_500)]
    ids = [f"test_it.py::test_many[{name}]" for name in names[:3_000]]
    titles = [shown.format(name) for name in names[first : first + 2_500]]
    half_seconds = cpu_seconds(lambda: find(titles[:1_250], ids[:1_500]))
    matches = {}
    whole_seconds = cpu_seconds(lambda: matches.update(find(titles, ids)))
    assert is_linear(half_seconds, whole_seconds)
    assert [*matches.values()] == ([[]] * 2_500 if first else [[nodeid] for nodeid in ids[:2_500]])
