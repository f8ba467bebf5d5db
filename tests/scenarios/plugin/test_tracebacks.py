from __future__ import annotations

import linecache
import re
from pathlib import Path

import pytest

from checks.core.model.item import Details, Outcome
from tests.support.rules import rule
from tests.support.runner.plugin_run import PluginResult, PluginRun


@pytest.fixture(scope="module")
def kinds(tmp_path_factory: pytest.TempPathFactory) -> PluginResult:
    return PluginRun(project="kinds").run(tmp_path_factory.mktemp("kinds"))


@pytest.fixture(scope="module")
def plugins(tmp_path_factory: pytest.TempPathFactory) -> PluginResult:
    return PluginRun(project="plugins", autoload=True).run(tmp_path_factory.mktemp("plugins"))


def details_of(result: PluginResult, name: str) -> Details:
    """Return the details of the last stage, or subtest, of a test that failed by itself."""
    bad = [stage for stage in result.item(name).stages if stage.outcome.is_failure and stage.details is not None]
    return next(stage.details for stage in reversed(bad) if stage.details is not None and stage.details.locations)


def raising_line(result: PluginResult, details: Details) -> str:
    """Return the last line inside the project, where the failure is annotated."""
    project_locations = [place for place in details.locations if place.path.startswith(str(result.folder))]
    return linecache.getline(project_locations[-1].path, project_locations[-1].line).strip()


@pytest.mark.parametrize(
    ("name", "message", "line"),
    [
        ("::test_fails_in_a_helper", "AssertionError: no", 'assert doubled == expected, options.get("message", "")'),
        ("::test_fails_in_the_standard_library", "json.decoder.JSONDecodeError: Expecting prop", 'json.loads("{")'),
        ("::test_error_in_setup", "ValueError: no setup", 'raise ValueError("no setup")'),
        ("::test_error_in_teardown", "RuntimeError: no teardown", 'raise RuntimeError("no teardown")'),
        ("::test_in_a_class", "AssertionError: assert <test_kinds.TestClass object at 0x", "assert self is None"),
        ("::Case::test_assert_equal", "AssertionError: 1 != 2", "self.assertEqual(1, 2)"),
        ("::Case::test_subtests", "AssertionError: 1 != 0", "self.assertEqual(number % 2, 0)"),
        ("::test_never_passes", "AssertionError: assert 0", "assert 0"),
        ("::test_chained", "ValueError: chained", 'raise ValueError("chained") from error'),
        ("::test_in_handling_another", "AssertionError", 'assert doubled == expected, options.get("message", "")'),
        ("::test_chained_in_a_ring", "ValueError: first", "raise first"),
        ("with_an_empty_line", "AssertionError: Not equal to tolerance", 'raise AssertionError("\\nNot equal to tol'),
        ("::test_of_no_message", "RuntimeError", "raise RuntimeError"),
        ("::test_of_a_message_that_fails", "test_errors.test_of_a_message_that_fails.<locals>.Odd: <", "raise Odd"),
        ("::test_of_lone_surrogates", "ValueError: a\\udc80", 'raise ValueError("a" + value)'),
        ("::test_recursion", "RecursionError: maximum recursion depth exceeded", "return down(number + 1)"),
        ("::test_hides_its_helper", "AssertionError: unseen", "helper.check_unseen(0)"),
        ("::test_hides_its_helper_from_some", "ValueError: hidden", "hidden()"),
        ("::test_fails_by_word", "Failed: by word", 'pytest.fail("by word")'),
        ("::test_raises_nothing", "Failed: DID NOT RAISE", "with pytest.raises(ValueError):"),
        ("::test_is_patched", "AssertionError: assert <MagicMock name='getcwd'", "assert getcwd is None"),
        ("::test_is_run_by_the_standard_library", "AssertionError: assert 0", "assert 0"),
        ("::test_has_odd_locals", "AssertionError", 'assert doubled == expected, options.get("message", "")'),
        ("::test_groups", "ExceptionGroup: several (2 sub-exceptions)", 'raise ExceptionGroup("several", ['),
        ("::test_has_notes", "ValueError: noted", "raise error"),
        ("::test_has_members_that_are_no_exceptions", "ValueError: no group", "raise error"),
        ("::helper.twice", "doctest: expected 7, got 6", ">>> twice(3)"),
    ],
)
def test_failure_has_a_one_line_message_and_its_raising_line(
    kinds: PluginResult, name: str, message: str, line: str
) -> None:
    details = details_of(kinds, name)
    assert details.message.startswith(message)
    assert "\n" not in details.message
    assert raising_line(kinds, details).startswith(line)


@pytest.mark.parametrize(
    ("name", "message", "line"),
    [
        ("::test_by_hypothesis", "AssertionError: assert 10 < 10", "assert number < 10"),
        ("::test_takes_too_long", "Failed: Timeout (>0.3s) from pytest-timeout.", "time.sleep(20)"),
        ("test_plugins.py::test_subtests", "AssertionError: assert (1 % 2) == 0", "assert number % 2 == 0"),
        ("::Case::test_subtests", "AssertionError: 1 != 0", "self.assertEqual(number % 2, 0)"),
    ],
)
def test_failure_of_a_plugin_has_a_message_and_its_raising_line(
    plugins: PluginResult, name: str, message: str, line: str
) -> None:
    details = details_of(plugins, name)
    assert details.message == message
    assert raising_line(plugins, details) == line


def test_traceback_has_the_falsifying_example_of_hypothesis(plugins: PluginResult) -> None:
    assert re.search(r"E .*test_by_hypothesis\(\nE +number=10,\n", details_of(plugins, "hypothesis").traceback)


def test_subtest_is_described_as_in_the_terminal(plugins: PluginResult) -> None:
    for name in ("test_plugins.py::test_subtests", "::Case::test_subtests"):
        bad = [stage for stage in plugins.item(name).stages if stage.outcome.is_failure]
        assert bad[0].subtest == "[even] (number=1)"


def test_failure_outside_the_project_ends_where_it_was_raised(kinds: PluginResult) -> None:
    *_, last = details_of(kinds, "::test_fails_in_the_standard_library").locations
    assert last.path.endswith("json/decoder.py")


def test_missing_fixture_has_no_location_of_its_own(kinds: PluginResult) -> None:
    (stage,) = [stage for stage in kinds.item("::test_without_its_fixture").stages if stage.details]
    assert stage.details is not None
    assert (stage.details.message, stage.details.locations) == ("fixture 'nowhere' not found", ())
    assert "available fixtures:" in stage.details.traceback


@pytest.mark.parametrize(
    ("module", "message", "line"),
    [
        ("test_not_imported.py", "ModuleNotFoundError: No module named 'nowhere_to_be_", "import nowhere_to_be_found"),
        ("test_not_parsed.py", "SyntaxError: invalid syntax", "def broken(:"),
    ],
)
def test_collection_error_is_located_at_the_failing_line(
    kinds: PluginResult, module: str, message: str, line: str
) -> None:
    details = next(collector.details for collector in kinds.session.collectors if collector.nodeid == module)
    assert details.message.startswith(message)
    assert raising_line(kinds, details) == line


def test_expected_failure_has_only_its_location(kinds: PluginResult) -> None:
    (stage,) = [stage for stage in kinds.item("::test_xfails_in_a_helper").stages if stage.details]
    assert stage.outcome is Outcome.XFAILED
    assert stage.details is not None
    assert raising_line(kinds, stage.details) == 'assert doubled == expected, options.get("message", "")'
    assert not any(b"test_xfails_in_a_helper" in line and b'"longrepr"' in line for line in kinds.lines)


def test_tracebacks_omit_frames_of_pytest_plugins_and_unittest(kinds: PluginResult, plugins: PluginResult) -> None:
    stages = [stage.details for result in (kinds, plugins) for item in result.session.items for stage in item.stages]
    collectors = [collector.details for collector in kinds.session.collectors]
    texts = [details.traceback for details in (*stages, *collectors) if details is not None]
    frames = [line for text in texts for line in text.splitlines() if re.match(r"\S+:\d+: in ", line)]
    assert len(frames) > len(texts)
    foreign = ("pytest", "pluggy", "hypothesis", "unittest", "importlib", "contextlib", "runpy")
    assert [frame for frame in frames if any(name in frame for name in foreign) and "test_plugins" not in frame] == []


# -- the text

VALUES = """\
test_errors.py:{line}: in test_shows_the_values_of_arguments_and_locals
    def test_shows_the_values_of_arguments_and_locals(text="long " * 100, *rest, option=None, **others):
        listed, mapped, number = list(range(100)), {{n: n for n in range(5000)}}, 10**9
  >     assert number == 0
      text = '{text}'…
      option = None
      rest = ()
      others = {{}}
      listed = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, ...]
      mapped = {{0: 0, 1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 6, 7: 7, 8: 8, 9: 9, 10: 10, 11: 11, ...}}
      number = 1000000000
E   AssertionError: assert 1000000000 == 0"""


def test_frame_shows_its_source_then_arguments_then_locals(kinds: PluginResult) -> None:
    details = details_of(kinds, "::test_shows_the_values_of_arguments_and_locals")
    assert details.traceback == VALUES.format(line=details.locations[-1].line, text="long " * 48)


def test_frames_of_installed_code_show_no_values(kinds: PluginResult) -> None:
    text = details_of(kinds, "::test_fails_in_the_standard_library").traceback
    assert text.count("…/json/") == 3
    assert " = " not in re.sub("  > .*", "", text).replace("obj, end = ", "")


@pytest.mark.parametrize(
    "value",
    [
        "wrong = <Odd instance at 0x",
        "skipping = <Skipped in repr>",
        "exiting = <SystemExit in repr>",
        "lying = a proxy\n",
        "among = [a proxy]\n",
        "secret = '***'\n",
        "many = <Many of 2000 items>\n",
        "lines = 'a\\nb'\n",
    ],
)
def test_values_with_odd_behaviour_are_shown(kinds: PluginResult, value: str) -> None:
    assert f"      {value}" in details_of(kinds, "::test_has_odd_locals").traceback


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        pytest.param(
            "::test_chained",
            r"E   KeyError: 'key'\n\nThe above exception was the direct cause of the following exception:\n\ntest_err",
            id="cause",
        ),
        pytest.param(
            "::test_in_handling_another",
            r"E   KeyError: 'key'\n\nDuring handling of the above exception, another exception occurred:\n\ntest_err",
            id="context",
        ),
        pytest.param("::test_without_its_context", r"^test_errors.py:\d+: in test_.*\n(  .*\n)+E .*$", id="none"),
        pytest.param("::test_chained_in_a_ring", r"^E   ValueError: second\n(.*\n)*E   ValueError: first$", id="ring"),
        pytest.param("::test_has_notes", r"E   ValueError: noted\nE   a note$", id="notes"),
        pytest.param("::test_recursion", r"number = 3\n… \d+ frames left out …\ntest_errors.py", id="recursion"),
        pytest.param(
            "::test_groups",
            r"E   ExceptionGroup: several \(2 sub-exceptions\)\n"
            r"  \+-- exception 1 of 2\n  \| E   ExceptionGroup: inner \(12 sub-exceptions\)\n"
            r"  \|   \+-- exception 1 of 12\n  \|   \| test_errors.py:\d+: in test_groups\n"
            r"(  \|.*\n)+  \|   \+-- … and 2 more\n  \+-- exception 2 of 2\n  \| E   ValueError: last$",
            id="group",
        ),
        pytest.param("::test_of_lone_surrogates", r"value = '\\udc80'\nE   ValueError: a\\udc80$", id="surrogates"),
    ],
)
def test_traceback_has_what_python_shows(kinds: PluginResult, name: str, pattern: str) -> None:
    assert re.search(pattern, details_of(kinds, name).traceback)


def test_long_message_is_truncated_with_a_note(kinds: PluginResult) -> None:
    details = details_of(kinds, "::test_of_a_long_message")
    assert len(details.message) < 16_000
    assert "… 34012 characters left out …" in details.traceback
    assert len(details.traceback) < 17_000


def test_report_has_no_long_message_in_full(kinds: PluginResult) -> None:
    (test,) = (test for test in kinds.report["tests"] if test["nodeid"].endswith("::test_of_a_long_message"))
    assert "… 34012 characters left out …" in test["call"]["crash"]["message"]


def test_values_are_shown_only_on_request(tmp_path: Path) -> None:
    arguments = ("-k", "test_fails_in_a_helper", "--tb=no", "test_kinds.py")
    result = PluginRun(project="kinds", arguments=arguments, has_locals=False).run(tmp_path)
    text = details_of(result, "::test_fails_in_a_helper").traceback
    assert "helper.py:17: in check\n    def check(" in text
    assert "doubled = 4" not in text


def test_traceback_is_whole_in_a_folder_named_as_a_tool(tmp_path: Path) -> None:
    folder = tmp_path / "pluggy" / "_pytest"
    folder.mkdir(parents=True)
    files = {"test_a.py": "def fail():\n    assert 0\n\ndef check():\n    fail()\n\ndef test_a():\n    check()\n"}
    text = details_of(PluginRun(project=files).run(folder), "::test_a").traceback
    assert re.findall(r"^test_a.py:\d+: in (\w+)", text, re.MULTILINE) == ["test_a", "check", "fail"]


EMPTY_REPRS = """
import collections, threading

class Plain:
    def method(self): pass

class Named(Plain):
    def __repr__(self): return "<Named at 0x7f>"

class Meta(type):
    def __getattribute__(cls, name): raise LookupError(name)

class Strange(Named, metaclass=Meta): pass

def test_a(capsys):
    plain, bound, built_in = Plain(), Plain().method, [].append
    named, listed, event, strange = Named(), [1], threading.Lock(), Strange()
    assert 0
"""


@rule("Annotations: arguments and locals of functions of the project")
def test_values_whose_repr_is_only_an_address_are_left_out(tmp_path: Path) -> None:
    text = details_of(PluginRun(project={"test_a.py": EMPTY_REPRS}).run(tmp_path), "::test_a").traceback
    assert re.findall(r"^      (\w+) = ", text, re.MULTILINE) == ["named", "listed", "event", "strange"]


# What each expression is shown as.
LIMITED = {
    "{'b': [(1, None)], 'a': b'x'}": "{'b': [(1, None)], 'a': b'x'}",
    "{'b': {2, 1}, 'a': 1}": "{'b': {1, 2}, 'a': 1}",
    "[[[[[]]]]]": "[[[[[]]]]]",
    "[[[[[1]]]]]": "[[[[[...]]]]]",
    "{'a': {'b': {'c': {'d': {}}}}}": "{'a': {'b': {'c': {'d': {}}}}}",
    "{'a': {'b': {'c': {'d': {1: 1}}}}}": "{'a': {'b': {'c': {'d': {...}}}}}",
    "[(list(range(13)),)]": "[([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, ...],)]",
    "['x' * 241]": f"['{'x' * 240}'…]",
    "['x' * 240]": f"['{'x' * 240}']",
    "(dict.fromkeys(range(13)),)": f"({{{', '.join(f'{n}: None' for n in range(12))}, ...}},)",
    "[10 ** 300]": f"[1{'0' * 117}...{'0' * 119}]",
}


@rule("Annotations: arguments and locals of functions of the project")
def test_values_are_shown_as_python_does_within_limits_of_depth_and_length(tmp_path: Path) -> None:
    assignments = [f"    value{number} = {expression}" for number, expression in enumerate(LIMITED)]
    code = "\n".join(["def test_a():", *assignments, "    assert 0\n"])
    text = details_of(PluginRun(project={"test_a.py": code}).run(tmp_path), "::test_a").traceback
    assert re.findall(r"^      value\d+ = (.*)", text, re.MULTILINE) == [*LIMITED.values()]


DOCTESTS = {
    "docs/guide.md": ">>> 1 + 1\n3\n",
    "src/shop.py": '"""\n>>> raise_it()\n"""\n\ndef raise_it():\n    raise ValueError("no")\n',
    "tests/test_a.py": "def test_a(nothing): pass\n",
}


@rule("Annotations: a doctest that fails, and a fixture that is missing")
def test_paths_in_doctests_and_missing_fixtures_are_relative(tmp_path: Path) -> None:
    arguments = ("--doctest-modules", "--doctest-glob=*.md")
    result = PluginRun(project=DOCTESTS, arguments=arguments).run(tmp_path)
    texts = [stage.details.traceback for item in result.session.items for stage in item.stages if stage.details]
    assert len(texts) == 3
    places = [re.findall(r"(?:docs/guide\.md|src/shop\.py|tests/test_a\.py)\W.*", text) for text in texts]
    assert places == [
        ["docs/guide.md:1: DocTestFailure"],
        ['src/shop.py", line 6, in raise_it', "src/shop.py:2: UnexpectedException"],
        ["tests/test_a.py, line 1", "tests/test_a.py:1"],
    ]
    assert str(result.folder) not in "\n".join(texts)
