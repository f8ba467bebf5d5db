"""Inputs come from the action's variables, or from ours outside a workflow, and messages name them accordingly."""

from __future__ import annotations

import pytest

from checks.core.inputs.names import for_shell, read_inputs, unknown_variables

CASES = {
    "an input of the action": ({"INPUT_APP-ID": "12"}, {"app-id": "12"}),
    "blanks around a value": ({"INPUT_CATEGORY": " unit\n"}, {"category": "unit"}),
    "an empty value": ({"INPUT_CATEGORY": "", "INPUT_INSTALL": "  "}, {}),
    "an input of another name": ({"INPUT_COLOUR": "red", "INPUT_APP_ID": "12"}, {}),
    "a hidden input": ({"INPUT_JOB-CHECK-RUN-ID": "7"}, {"job-check-run-id": "7"}),
    "outside a workflow": ({"CHECKS_APP_ID": "12", "CHECKS_PYTHON": "/usr/bin/python3"}, {"app-id": "12"}),
    "both": ({"INPUT_CATEGORY": "", "CHECKS_CATEGORY": "unit"}, {}),
    "neither": ({"HOME": "/root"}, {}),
}


@pytest.mark.parametrize(("environ", "inputs"), CASES.values(), ids=CASES)
def test_inputs_are_read_by_their_names_in_action_yml(environ: dict[str, str], inputs: dict[str, str]) -> None:
    assert read_inputs(environ) == inputs


IN_SHELL = {
    "Input `workers`: wrong.": "`--workers` / `CHECKS_WORKERS`: wrong.",
    "it is empty although `app-id` is set.": "it is empty although `--app-id` / `CHECKS_APP_ID` is set.",
    "Inputs `app-id` and `category`": "`--app-id` / `CHECKS_APP_ID` and `--category` / `CHECKS_CATEGORY`",
    "Input `private-key`: no.": "`CHECKS_PRIVATE_KEY` / `CHECKS_PRIVATE_KEY_FILE`: no.",
    "`github-token` has no access": "`CHECKS_GITHUB_TOKEN` has no access",
    "Input `report`: 'x.json'": "`REPORT` / `CHECKS_REPORT`: 'x.json'",
    "Input `matrix`: no.": "`CHECKS_MATRIX`: no.",
    "use `program: publish`": "use `publish`",
    "even with `fail-job: false`": "even with `--fail-job false` / `CHECKS_FAIL_JOB=false`",
    "the input `install` failed": "`--install` / `CHECKS_INSTALL` failed",
    "`git rev-parse HEAD` and `checks`": "`git rev-parse HEAD` and `checks`",
}


@pytest.mark.parametrize(("message", "expected"), IN_SHELL.items())
def test_messages_in_a_shell_name_option_and_variable(message: str, expected: str) -> None:
    assert for_shell(message) == expected


UNKNOWN = {
    "CHECKS_CATEGROY": " Did you mean CHECKS_CATEGORY?",
    "CHECKS_PYTEST_ARG": " Did you mean CHECKS_PYTEST_ARGS?",
    "CHECKS_KEY_FILE": " Did you mean CHECKS_PRIVATE_KEY_FILE?",
    "CHECKS_XYZ": "",
}


@pytest.mark.parametrize(("name", "hint"), UNKNOWN.items())
def test_unknown_variable_is_reported_with_the_nearest_name(name: str, hint: str) -> None:
    environ = {name: "x", "PATH": "/bin", "CHECKS_CATEGORY": "unit"}
    assert [*unknown_variables(environ)] == [f"The variable {name} is set, but nothing reads it.{hint}"]


@pytest.mark.parametrize("name", ["CHECKS_PYTHON", "CHECKS_WEBHOOK_SECRET", "CHECKS_PRIVATE_KEY_FILE", "CHECKS_MATRIX"])
def test_variables_that_programs_read_are_known(name: str) -> None:
    assert [*unknown_variables({name: "x"})] == []
