"""The command line: programs, options and what goes to pytest."""

from __future__ import annotations

import pytest

from checks import __version__
from checks.core.inputs.input import Group, Input
from checks.core.inputs.table import INPUTS
from checks.programs.arguments import inputs_of, parse_arguments

PREVIEW = ".check-run/preview"
PROGRAMS = ["run", "finish", "publish", "respond", "poll", "serve", "failures", "history", "preview"]


def inputs(*arguments: str) -> dict[str, str]:
    return inputs_of(parse_arguments(arguments)[0])


@pytest.mark.parametrize("program", ["", *PROGRAMS])
def test_every_program_has_help(program: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse_arguments([*([program] if program else []), "--help"])
    assert ended.value.code == 0
    text = capsys.readouterr().out
    assert all(name in text for name in ([] if program else PROGRAMS))


def test_help_has_the_name_of_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse_arguments(["preview", "--help"], "pytest-check-runs")
    assert capsys.readouterr().out.startswith("usage: pytest-check-runs preview [options]")


@pytest.mark.parametrize("arguments", [[], *([program] for program in PROGRAMS)])
def test_every_program_prints_the_version(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse_arguments([*arguments, "--version"])
    assert (ended.value.code, capsys.readouterr().out) == (0, f"pytest-check-runs {__version__}\n")


@pytest.mark.parametrize(
    "known", [known for known in INPUTS if known.group is Group.TESTS], ids=lambda known: known.name
)
@pytest.mark.parametrize("program", ["run", "preview"])
def test_inputs_of_the_tests_are_options_and_explained(
    known: Input, program: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert inputs(program, f"--{known.name}", "x") == inputs(program, f"--{known.name}=x") == {known.name: "x"}
    with pytest.raises(SystemExit):
        parse_arguments([program, "--help"])
    assert f"--{known.name} VALUE" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["private-key", "github-token", "matrix"])
def test_secrets_and_what_the_action_sets_are_no_options(name: str) -> None:
    with pytest.raises(SystemExit):
        parse_arguments(["run", f"--{name}", "x"])


@pytest.mark.parametrize("name", ["preview", "head-sha"])
def test_a_preview_has_no_options_that_it_does_not_use(name: str) -> None:
    assert inputs("run", f"--{name}", "x") == {name: "x"}
    assert parse_arguments(["preview", f"--{name}", "x"])[1] == [f"--{name}", "x"]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["run"], {}),
        (["respond"], {"program": "respond"}),
        (["poll", "--queue-at-push", "true"], {"program": "poll", "queue-at-push": "true"}),
        (["publish"], {"program": "publish"}),
        (["publish", "a.json", "b/*.json"], {"program": "publish", "report": "a.json\nb/*.json"}),
        (["publish", "--category", "unit", "a.json"], {"program": "publish", "category": "unit", "report": "a.json"}),
    ],
)
def test_a_program_and_its_options_are_inputs(arguments: list[str], expected: dict[str, str]) -> None:
    assert inputs(*arguments) == expected


@pytest.mark.parametrize(
    ("arguments", "folder", "pytest_args"),
    [
        ([], PREVIEW, []),
        (["tests/unit", "-q"], PREVIEW, ["tests/unit", "-q"]),
        (["--open", "--folder", "out", "--category=unit", "--workers", "2", "-k", "a"], "out", ["-k", "a"]),
        (["--folder=out", "--", "--open"], "out", ["--open"]),
        (["-k", "a", "--open"], PREVIEW, ["-k", "a", "--open"]),
    ],
)
def test_a_preview_gives_pytest_what_follows_its_options(
    arguments: list[str], folder: str, pytest_args: list[str]
) -> None:
    options, rest = parse_arguments(["preview", *arguments])
    assert (options.folder, rest) == (folder, pytest_args)


@pytest.mark.parametrize("port", ["-1", "65536", "http", "٣", ""])
def test_a_port_is_a_number_that_exists(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse_arguments(["serve", "--port", port])
    assert "must be a number from 0 to 65535" in capsys.readouterr().err


def test_commit_status_is_an_option_of_what_creates_check_runs() -> None:
    assert inputs("run", "--commit-status", "true") == {"commit-status": "true"}
    assert inputs("publish", "--commit-status", "true", "a.json")["commit-status"] == "true"
    assert parse_arguments(["preview", "--commit-status", "true"])[1] == ["--commit-status", "true"]  # pytest's
