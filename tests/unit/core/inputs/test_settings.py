"""Every input: what is taken, what is refused, and in which words."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.core.inputs.settings import parse_settings
from checks.core.inputs.table import INPUTS
from checks.core.inputs.values import NAME_CHARACTERS
from checks.core.model.check_run import Conclusion
from checks.core.model.errors import CheckError
from checks.core.model.settings import Compare, Passing, Settings

VALID: list[tuple[str, str, str, Any]] = [
    ("category", "unit", "check_name", "pytest (unit)"),
    ("category", "unit\ttests\n", "category", "unit tests"),
    ("category", "a\x00b\u202ec", "category", "a b c"),
    ("check-name", "Tests", "check_name", "Tests"),
    ("matrix", '{"category": "unit", "python": "3.12"}', "check_name", "pytest (unit, 3.12)"),
    ("matrix", '{"python": 3.10, "n": 2, "fast": true, "x": null, "y": ""}', "category", "3.10, 2, true"),
    ("matrix", '{"os": {"name": "linux", "tags": ["a", ["b", {}]]}, "v": 1}', "category", "linux, a, b, 1"),
    ("matrix", "null", "check_name", "pytest"),
    ("matrix", "{}", "check_name", "pytest"),
    ("pytest-args", "tests/unit -k 'not slow'", "pytest_args", ("tests/unit", "-k", "not slow")),
    ("pytest-args", "-q\n  tests/a\n  tests/b", "pytest_args", ("-q", "tests/a", "tests/b")),
    ("pytest-args", "'' # $HOME *", "pytest_args", ("", "#", "$HOME", "*")),
    ("working-directory", "./packages//api/", "working_directory", "packages/api"),
    ("working-directory", "a/../b", "working_directory", "b"),
    ("working-directory", "..a", "working_directory", "..a"),
    ("install", "pip install -e .\npip list", "install", "pip install -e .\npip list"),
    ("python-version", "3.12", "python_version", "3.12"),
    ("python-version", "3.10.4", "python_version", "3.10.4"),
    ("python-version", "3.13t", "python_version", "3.13t"),
    ("python-version", "3.14rc1", "python_version", "3.14rc1"),
    ("workers", "auto", "workers", "auto"),
    ("workers", "04", "workers", "4"),
    ("workers", "0", "workers", ""),
    ("failed-first", "true", "failed_first", True),
    ("timeout-minutes", "2.5", "timeout_minutes", 2.5),
    ("passing", "file", "passing", Passing.FILE),
    ("max-annotations", "0", "max_annotations", 0),
    ("show-locals", "FALSE", "show_locals", False),
    ("redact", "[a-z]+-key\n\n  (?i)internal", "redact", ("[a-z]+-key", "(?i)internal")),
    ("pass-env", "GITHUB_OUTPUT,  A_1\nB", "pass_env", ("GITHUB_OUTPUT", "A_1", "B")),
    ("no-tests", "failure", "no_tests", Conclusion.FAILURE),
    ("no-tests", "neutral", "no_tests", Conclusion.NEUTRAL),
    ("no-tests", "", "no_tests", None),
    ("fail-on-flaky", "True", "fail_on_flaky", True),
    ("fail-job", "false", "fail_job", False),
    ("live-interval", "1", "live_interval_seconds", 1.0),
    ("preview", "out/check", "preview", "out/check"),
    ("compare", "base", "compare", Compare()),
    ("compare", "none", "compare", Compare(is_on=False)),
    ("compare", "main", "compare", Compare(branch="main")),
    ("compare", "release/1.x", "compare", Compare(branch="release/1.x")),
    ("compare", "übersicht#3%", "compare", Compare(branch="übersicht#3%")),
    ("compare", "refs/heads/none", "compare", Compare(branch="none")),
]

INVALID: list[tuple[str, str, str]] = [
    ("pytest-args", "-k 'not slow", "a quote is not closed"),
    ("pytest-args", "tests\\", "nothing follows the last backslash"),
    ("working-directory", "/etc", "a folder inside the workspace"),
    ("report", "/tmp/report.json", "a file or glob inside the workspace"),
    ("report", "a.json\n../b.json", "a file or glob inside the workspace"),
    ("working-directory", "../other", "a folder inside the workspace"),
    ("working-directory", "a/../..", "a folder inside the workspace"),
    ("python-version", "3.1", "quote it"),
    ("python-version", "3.7", "from 3.8 on"),
    ("python-version", "2.7", "a CPython version"),
    ("python-version", "pypy3.10", "a CPython version"),
    ("python-version", "3.12; rm -rf /", "a CPython version"),
    ("workers", "fast", "auto or a number"),
    ("workers", "-1", "auto or a number"),
    ("workers", "٣", "auto or a number"),
    ("failed-first", "base", "true or false"),
    ("timeout-minutes", "0", "above 0"),
    ("timeout-minutes", "inf", "above 0"),
    ("timeout-minutes", "1e9", "above 0"),
    ("passing", "Each", "each, file or none"),
    ("max-annotations", "-1", "a whole number"),
    ("max-annotations", "1.5", "a whole number"),
    ("max-annotations", "9" * 5000, "a whole number"),
    ("show-locals", "yes", "true or false"),
    ("show-locals", "1", "true or false"),
    ("fail-on-flaky", "tRUE", "true or false"),
    ("fail-job", "on", "true or false"),
    ("redact", "ok\n[a-", "line 2, column 1: unterminated character set"),
    ("redact", "(\nok\n)", "line 3, column 1: unbalanced parenthesis"),
    ("redact", "[[:alpha:]]x", "line 1: Possible nested set"),
    ("redact", "a*", "line 1 matches the empty text"),
    ("redact", "a{99999999999}", "line 1: the repetition number is too large"),
    ("pass-env", "HOME INPUT_PRIVATE-KEY", "INPUT_PRIVATE-KEY is not a name"),
    ("no-tests", "cancelled", "failure, neutral or success"),
    ("live-interval", "0.5", "of at least 1"),
    *(
        ("compare", name, "the name of a branch")
        for name in (
            *("main branch", "a..b", "a...b", "-main", "a^", "a~1", "a:b", "a?", "a*", "a[b", "a\\b", "a@{1}", "@"),
            *("HEAD", "/a", "a/", "a//b", ".a", "a/.b", "a.lock", "a.lock/b", "a.", "a\x7f", "c0ffee12" * 5),
            *("refs/heads/", "refs/tags/v1", "refs/heads/refs/heads/a"),
        )
    ),
    ("matrix", "category: unit", "do not set it yourself"),
    ("matrix", "[1]", "do not set it yourself"),
]


@pytest.mark.parametrize(("name", "value", "field", "parsed"), VALID)
def test_valid_value_is_parsed(name: str, value: str, field: str, parsed: object) -> None:
    assert getattr(parse_settings({name: value}), field) == parsed


@pytest.mark.parametrize(("name", "value", "words"), INVALID)
def test_invalid_value_error_names_input_and_allowed_values(name: str, value: str, words: str) -> None:
    with pytest.raises(CheckError) as raised:
        parse_settings({name: value})
    (problem,) = raised.value.problems
    assert problem.what == f"Input `{name}`"
    assert words in str(problem)
    assert value.splitlines()[0][:40] in problem.why
    assert len(problem.why) < 300


def test_all_problems_are_reported_together() -> None:
    with pytest.raises(CheckError) as raised:
        parse_settings({name: value for name, value, _ in INVALID})
    assert {problem.what for problem in raised.value.problems} == {f"Input `{name}`" for name, _, _ in INVALID}


def test_each_line_of_redact_is_checked() -> None:
    with pytest.raises(CheckError, match=r"line 1, column 1: .*; line 3, column 2: "):
        parse_settings({"redact": "[\nok\nb)"})


def test_missing_or_empty_inputs_give_the_defaults() -> None:
    assert parse_settings({}) == parse_settings({known.name: "" for known in INPUTS}) == Settings()


def test_category_overrides_matrix_and_check_name_overrides_both() -> None:
    inputs = {"matrix": '{"python": "3.12"}', "category": "unit"}
    assert parse_settings(inputs).check_name == "pytest (unit)"
    assert parse_settings({**inputs, "check-name": "Tests"}).check_name == "Tests"


def test_long_names_are_truncated_and_stay_distinct() -> None:
    names = [parse_settings({"matrix": json.dumps({"a": "x" * 300 + end})}).category for end in "12"]
    assert len(set(names)) == 2
    assert all(len(name) <= NAME_CHARACTERS for name in names)
    assert all(name.startswith("xxx") and "… " in name for name in names)


@pytest.mark.parametrize("length", [NAME_CHARACTERS - 1, NAME_CHARACTERS, NAME_CHARACTERS + 1])
def test_name_within_the_limit_is_not_truncated(length: int) -> None:
    name = parse_settings({"check-name": "n" * length}).check_name
    assert (name == "n" * length) == (length <= NAME_CHARACTERS)


@settings(max_examples=50)
@given(st.dictionaries(st.sampled_from([known.name for known in INPUTS]), st.text(max_size=40)))
def test_any_inputs_give_settings_or_problems(inputs: dict[str, str]) -> None:
    problem_inputs, name = _parsed(inputs)
    assert problem_inputs <= {f"Input `{name}`" for name in inputs}
    assert name == " ".join(name.split())


def _parsed(inputs: dict[str, str]) -> tuple[set[str], str]:
    """The inputs that were refused, and the check's name."""
    try:
        return set(), parse_settings(inputs).check_name
    except CheckError as error:
        return {problem.what for problem in error.problems}, ""
