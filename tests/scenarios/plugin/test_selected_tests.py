"""A re-run runs only the tests that the titles of the previous run name."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from checks.core.github import payload
from checks.core.model.check_run import AnnotationLevel
from checks.core.model.job import Repository
from checks.core.redaction.redactor import Redactor
from checks.core.report.annotations import Annotator
from checks.core.results.session_builder import SessionBuilder
from checks.core.results.stream import Finding
from tests.support.rerun.check_runs import OPEN
from tests.support.runner.environments import environment
from tests.support.runner.plugin_run import PluginResult, PluginRun

SECRET = "correct-horse-battery"

PLAIN = "def test_a(): pass\ndef test_b(): pass\ndef test_b2(): pass\nclass TestC:\n    def test_b(self): pass\n"

#: Each name has a failing test and one that passes.
KINDS = {
    "pytest.ini": "[pytest]\naddopts = --doctest-modules\n",
    "test_it.py": f'''
import pytest, unittest
LONG = "a long name " * 30
@pytest.mark.parametrize("text", [LONG + "1", LONG + "2", LONG], ids=str)
def test_long(text): assert not text.endswith("1")
@pytest.mark.parametrize("text", ["\\U0001f600", "\\U0001f601", "caf\\xe9", "cafe", "\\\\x41", "A"])
def test_character(text): assert text not in ("\\U0001f600", "caf\\xe9", "\\\\x41")
@pytest.mark.parametrize("text", ["{SECRET}-1", "{SECRET}-2", "none-1"])
def test_secret(text): assert text != "{SECRET}-1"
def test_fails(): assert 0
def test_fails_not(): pass
@pytest.fixture
def broken(): assert 0
def test_in_setup(broken): pass
class TestOuter:
    class TestInner:
        def test_fails(self): assert 0
        def test_passes(self): pass
class Case(unittest.TestCase):
    def test_fails(self): self.fail()
    def test_passes(self): pass
def documented():
    """
    >>> 1 + 1
    3
    """
def documented_well():
    """
    >>> 1 + 1
    2
    """
''',
    "\U0001f600/test_face.py": "def test_fails(): assert 0\ndef test_passes(): pass\n",
    f"{SECRET}/test_named.py": "def test_fails(): assert 0\ndef test_passes(): pass\n",
}
#: pytest 9 only; two subtests of each test fail.
SUBTESTS = {
    "test_sub.py": f"""
import pytest, unittest
@pytest.mark.parametrize("text", ["a b", "a"])
def test_subtests(subtests, text):
    for number in range(3):
        with subtests.test("it is " + text, number=number, text="{SECRET}"): assert text == "a" or number == 2
def test_nameless(subtests):
    with subtests.test(): assert 0
def test_passes(subtests):
    with subtests.test("fine"): pass
class Case(unittest.TestCase):
    def test_cases(self):
        for number in range(3):
            with self.subTest("which", number=number): self.assertEqual(number, 2)
    def test_passes(self): pass
"""
}


def failed_ids(result: PluginResult) -> list[str]:
    """Return the sorted ids of the failed tests, as pytest reports them."""
    return sorted(item.nodeid for item in result.session.failed_items)


def run_ids(result: PluginResult) -> list[str]:
    return sorted(item.nodeid for item in result.session.items)


def run_names(result: PluginResult) -> list[str]:
    return [nodeid.partition("::")[2] for nodeid in run_ids(result)]


def sent_titles(result: PluginResult) -> list[str]:
    """Return the full titles of the failures as in a check run: redacted, escaped; long ones from the details."""
    redact = Redactor([SECRET])
    annotator = Annotator(repository=Repository(root=str(result.folder)), root=str(result.folder))
    news = SessionBuilder(redact.redact_json).feed(filter(None, result.lines))
    annotations = [annotator.annotate(finding) for finding in news if isinstance(finding, Finding) and finding.stage]
    failures = [
        annotation
        for annotation in annotations
        if annotation is not None and annotation.level is AnnotationLevel.FAILURE
    ]
    sent = [payload.update(OPEN, [annotation])["output"]["annotations"][0] for annotation in failures]
    return [
        annotation["raw_details"].partition("\n")[0] if annotation["title"].endswith("…") else annotation["title"]
        for annotation in sent
    ]


@pytest.mark.parametrize(
    ("python", "version", "files", "arguments"),
    [
        pytest.param("3.8", "7.4", KINDS, (), id="pytest7.4", marks=pytest.mark.slow),
        pytest.param("3.13", "9", {**KINDS, **SUBTESTS}, (), id="pytest9"),
        pytest.param("3.13", "9", {**KINDS, **SUBTESTS}, ("-n2",), id="pytest9-xdist", marks=pytest.mark.slow),
        pytest.param("3.8", "7.4", KINDS, ("-n2",), id="pytest7.4-xdist", marks=pytest.mark.slow),
    ],
)
def test_titles_of_failures_select_exactly_the_failed_tests(
    python: str, version: str, files: Mapping[str, str], arguments: Sequence[str], tmp_path: Path
) -> None:
    python_path = environment(python, version)
    first_result = PluginRun(project=files, arguments=arguments, python=python_path).run(tmp_path / "first")
    titles = sent_titles(first_result)
    assert not any(SECRET in title or "\U0001f600" in title for title in titles)
    second_result = PluginRun(project=files, arguments=arguments, python=python_path, only=titles).run(
        tmp_path / "again"
    )
    expected = [*failed_ids(first_result), "test_it.py::test_secret[none-1]"]  # the mask matches this one, too
    assert run_ids(second_result) == sorted(expected), second_result.output
    assert second_result.session.not_collected == ()
    assert second_result.session.collected == len(expected)
    assert (second_result.exit_status, second_result.session.lost_records) == (1, 0)


@pytest.mark.parametrize(
    "arguments", [(), pytest.param(("-p", "xdist", "-n2"), marks=pytest.mark.slow)], ids=["alone", "xdist"]
)
def test_titles_of_removed_tests_are_reported_as_missing(arguments: Sequence[str], tmp_path: Path) -> None:
    missing_titles = [f"test_it.py::test_gone[{number}] (i=1)" for number in range(250)]
    run = PluginRun(project={"test_it.py": PLAIN}, arguments=arguments, only=["test_it.py::test_a", *missing_titles])
    result = run.run(tmp_path)
    assert (run_names(result), result.exit_status) == (["test_a"], 0)
    assert list(result.session.not_collected) == missing_titles
    events = [json.loads(line) for line in filter(None, result.lines)]
    assert [len(event["titles"]) for event in events if event["event"] == "missing"] == [100, 100, 50]


@pytest.mark.parametrize(
    "arguments", [(), pytest.param(("-p", "xdist", "-n2"), marks=pytest.mark.slow)], ids=["alone", "xdist"]
)
def test_empty_selection_ends_like_an_empty_k_option(arguments: Sequence[str], tmp_path: Path) -> None:
    option_run = PluginRun(project={"test_it.py": PLAIN}, arguments=(*arguments, "-k", "nowhere"))
    title_run = PluginRun(project={"test_it.py": PLAIN}, arguments=arguments, only=["test_it.py::gone"])
    option_result, title_result = option_run.run(tmp_path / "plain"), title_run.run(tmp_path / "wanted")
    assert title_result.exit_status == option_result.exit_status == 5
    assert title_result.report.get("summary") == option_result.report.get("summary")
    assert title_result.session.collected == option_result.session.collected == 0
    assert title_result.session.deselected == option_result.session.deselected


USER_PROJECT = """
import pytest
@pytest.mark.skip
def test_skipped(): pass
@pytest.mark.parametrize("number", range(6))
def test_number(number): assert number != 2
@pytest.fixture(autouse=True, scope="session")
def counted(request):
    print("session of", request.session.testscollected)
"""


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        pytest.param(("-k", "number and not 3"), ["1", "2", "4"], id="-k", marks=pytest.mark.slow),
        pytest.param(("-m", "skip"), [], id="-m"),
        pytest.param(("-x",), ["1", "2"], id="-x"),
        pytest.param(
            ("test_it.py::test_number[4]", "test_it.py::test_number[5]"), ["4"], id="ids", marks=pytest.mark.slow
        ),
        pytest.param(("--lf",), ["1", "2", "3", "4"], id="--lf without a cache"),
        pytest.param(("--deselect=test_it.py::test_number[4]",), ["1", "2", "3"], id="--deselect"),
    ],
)
def test_selection_respects_the_options_of_the_user(
    arguments: Sequence[str], expected: list[str], tmp_path: Path
) -> None:
    only = [f"test_it.py::test_number[{number}]" for number in range(1, 5)]
    result = PluginRun(project={"test_it.py": USER_PROJECT}, arguments=arguments, only=only).run(tmp_path)
    assert run_ids(result) == [f"test_it.py::test_number[{number}]" for number in expected]


def test_unselected_tests_count_as_deselected_everywhere(tmp_path: Path) -> None:
    only = ["test_it.py::test_number[1]"]
    result = PluginRun(project={"test_it.py": USER_PROJECT}, arguments=("-m", "not skip"), only=only).run(tmp_path)
    assert (result.session.collected, result.session.deselected) == (1, 6)
    assert result.report["summary"] == {"passed": 1, "total": 1, "collected": 7, "deselected": 6}
    assert "1 passed, 6 deselected in " in result.last_line


CONFTEST_THAT_SORTS = """
import pytest
@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    print("offered", len(items))
    items.reverse()
def pytest_deselected(items):
    print("left out", len(items))
"""


def test_other_plugins_see_all_tests_and_the_deselected_ones(tmp_path: Path) -> None:
    files = {"conftest.py": CONFTEST_THAT_SORTS, "test_it.py": PLAIN}
    only = ["test_it.py::test_a", "test_it.py::test_b"]
    result = PluginRun(project=files, arguments=("-s",), only=only).run(tmp_path)
    assert [line for line in result.output.splitlines() if "offered" in line] == ["offered 4"]
    assert "left out 2" in result.output
    assert [item.nodeid for item in result.session.items] == ["test_it.py::test_b", "test_it.py::test_a"]


@pytest.mark.parametrize("title", ["test_it.py::test_a", "test_it.py::test_a@g"])
@pytest.mark.slow
def test_selection_finds_ids_with_an_xdist_group(title: str, tmp_path: Path) -> None:
    files = {"test_it.py": "import pytest\n@pytest.mark.xdist_group('g')\ndef test_a(): pass\ndef test_b(): pass\n"}
    run = PluginRun(project=files, arguments=("-n2", "--dist=loadgroup"), python=environment("3.8", "7.4"))
    result = replace(run, only=[title]).run(tmp_path)
    assert (run_names(result), result.session.not_collected) == (["test_a"], ())


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("{", id="cut"),
        pytest.param("[]", id="a list", marks=pytest.mark.slow),
        pytest.param("[" * 100_000, id="deep"),
        pytest.param('{"mask": "***", "ends": {"a": 3}}', id="no ends", marks=pytest.mark.slow),
        pytest.param('{"mask": "", "ends": {"***": [3]}}', id="no mask"),
    ],
)
def test_all_tests_run_if_the_selection_file_is_malformed(text: str, tmp_path: Path) -> None:
    (tmp_path / "only.json").write_text(text)
    result = PluginRun(project={"test_it.py": PLAIN}).run(tmp_path)
    assert (result.exit_status, result.session.total, result.session.not_collected) == (0, 4, ())


def test_all_tests_run_if_the_selection_file_is_unreadable(tmp_path: Path) -> None:
    (tmp_path / "only.json").mkdir()
    result = PluginRun(project={"test_it.py": PLAIN}).run(tmp_path)
    assert (result.exit_status, result.session.total) == (0, 4)


MANY = """
import pytest
@pytest.mark.parametrize("name", ["%04d %s" % (number, "word " * 58) for number in range(6000)], ids=str)
def test_many(name): pass
"""


@pytest.mark.slow
def test_selection_file_takes_thousands_of_long_titles(tmp_path: Path) -> None:
    titles = [f"test_it.py::test_many[{number:04} {'word ' * 58}] [message] (i=1)" for number in range(5_000)]
    run = PluginRun(project={"test_it.py": MANY}, arguments=("--collect-only", "-qq"), only=titles)
    result = run.run(tmp_path)
    assert (result.session.collected, result.session.deselected, result.session.not_collected) == (5_000, 1_000, ())
