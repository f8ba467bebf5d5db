"""The inputs of manual checks, and what goes together."""

from __future__ import annotations

import pytest

from checks.core.inputs.job_inputs import parse_job
from checks.core.inputs.settings import parse_settings
from checks.core.model.errors import CheckError
from checks.core.model.settings import ManualMode

MANUAL = {"manual": "true", "category": "device"}
APP = {"INPUT_APP-ID": "Iv23liOctopus", "INPUT_PRIVATE-KEY": "x"}


def problems(inputs: dict[str, str]) -> list[str]:
    with pytest.raises(CheckError) as caught:
        parse_settings(inputs)
    return list(map(str, caught.value.problems))


@pytest.mark.parametrize(
    ("value", "mode"),
    [
        ("true", ManualMode.PULL_REQUESTS),
        ("True", ManualMode.PULL_REQUESTS),
        ("always", ManualMode.ALWAYS),
        ("FALSE", ManualMode.OFF),
    ],
)
def test_manual_has_three_values(value: str, mode: ManualMode) -> None:
    assert parse_settings({"manual": value, "category": "device"}).manual is mode


def test_patterns_are_lines_without_comments() -> None:
    carry = "src/device/**\n\n# generated\n  /docs/a b.md \n"
    assert parse_settings({**MANUAL, "carry": carry}).carry == ("src/device/**", "/docs/a b.md")


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("!src", "! is not supported"),
        ("src\\a", "\\ is not supported"),
        ("[^a].py", "[^ is not supported"),
        ("[[:alpha:]]", "[: is not supported"),
        ("src/**.py", "** has to be a part of its own, as in src/**/*.py"),
        ("src/../a", "a part of the path is empty or dots"),
        ("./src", "a part of the path is empty or dots"),
        ("/", "a part of the path is empty or dots"),
        ("a//b", "a part of the path is empty or dots"),
    ],
)
def test_pattern_that_is_not_supported_is_named(pattern: str, reason: str) -> None:
    (problem,) = problems({**MANUAL, "carry": f"docs\n{pattern}"})
    assert problem.startswith(f'Input `carry`: "docs {pattern}" is not allowed: in {pattern}, {reason}. Allowed: ')


def test_all_patterns_that_are_not_supported_are_named() -> None:
    (problem,) = problems({**MANUAL, "carry": "!src\ndocs\n./a"})
    assert ": in !src, ! is not supported; in ./a, a part of the path is empty or dots. Allowed: " in problem


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ({"instructions": "Look."}, ["Input `instructions`: it is set, but `manual` is not"]),
        ({"manual": "false", "carry": "src"}, ["Input `carry`: it is set, but `manual` is not"]),
        ({"manual": "maybe", "instructions": "Look.", "carry": "src"}, ['Input `manual`: "maybe" is not allowed']),
        (
            {"manual": "true", "program": "publish", "report": "r.json", "category": "a"},
            ["Input `manual`: `program: publish` creates no manual check."],
        ),
        ({"manual": "true"}, ["Input `manual`: the check would be called “pytest”"]),
        (
            {"manual": "always", "program": "poll", "carry": "!a"},
            ["Input `carry`", "Input `manual`: `program: poll`", "Input `manual`: the check would be"],
        ),
    ],
)
def test_inputs_that_do_not_go_together(inputs: dict[str, str], words: list[str]) -> None:
    found = problems(inputs)
    assert len(found) == len(words)
    assert all(text.startswith(begin) for text, begin in zip(found, words, strict=True))


@pytest.mark.parametrize("name", [{"matrix": '{"board": "a"}'}, {"check-name": "Device"}, {"category": "device"}])
def test_any_name_of_its_own_is_enough(name: dict[str, str]) -> None:
    assert parse_settings({"manual": "true", **name}).check_name != "pytest"


@pytest.mark.parametrize(
    ("environ", "is_missing"),
    [
        ({}, True),
        ({"INPUT_GITHUB-TOKEN": "t"}, True),
        ({"GITHUB_ACTOR": "dependabot[bot]"}, False),
        ({"INPUT_APP-ID": "Iv23liOctopus", "GITHUB_ACTOR": "dependabot[bot]"}, False),
        (APP, False),
    ],
)
def test_manual_check_needs_an_app(environ: dict[str, str], is_missing: bool) -> None:
    given = {"INPUT_MANUAL": "true", "INPUT_CATEGORY": "device", "GITHUB_ACTIONS": "true", **environ}
    found = parse_job(given, {}, {}).problems
    assert any("no App is set" in problem.why for problem in found) is is_missing


def test_wrong_input_leaves_the_manual_check_and_its_instructions() -> None:
    environ = {"INPUT_MANUAL": "true", "INPUT_INSTRUCTIONS": "a.md", "INPUT_PASSING": "some", **APP}
    settings = parse_job(environ, {}, {}).settings
    assert (settings.manual, settings.instructions) == (ManualMode.PULL_REQUESTS, "a.md")
