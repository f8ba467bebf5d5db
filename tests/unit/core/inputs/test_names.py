"""Inputs come from the action's variables, or from ours outside a workflow, and messages name them accordingly."""

from __future__ import annotations

import re

import pytest

from checks.core.inputs.names import for_shell, read_inputs, unknown_variables
from tests.support.texts import messages

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
    "check it, then re-run the job.": "check it, then run the command again.",
    "The job was cancelled. The post step completes it.": "The command was cancelled. It may remain in progress.",
    "the workspace has no such folder.": "the current folder has no such folder.",
    "`git rev-parse HEAD` and `checks`": "`git rev-parse HEAD` and `checks`",
}


@pytest.mark.parametrize(("message", "expected"), IN_SHELL.items())
def test_messages_in_a_shell_name_option_and_variable(message: str, expected: str) -> None:
    assert for_shell(message) == expected


#: What a program in a shell may print of a job's run.
PRINTED_IN_SHELL = (
    *("checks/adapters/pytest_process/workspace.py", "checks/adapters/reports/find_reports.py"),
    *("checks/core/github/error_kind.py", "checks/core/inputs/values.py", "checks/core/verdict/tested_commit.py"),
    *("checks/core/verdict/conclusion.py", "checks/programs/run/create.py", "checks/programs/run/reporter.py"),
    *("checks/programs/run/invalid_inputs.py", "checks/programs/run/run.py"),
)
#: Only the job of a re-run prints this.
RERUN = "This job does not run "

MESSAGES = messages()
OF_JOB = re.compile(
    r"\b(the|this|a) job\b|job summary|\b(post|this|the) step\b|\bworkspace\b|this input|workflow_run` job",
    re.IGNORECASE,
)


@pytest.mark.parametrize("path", PRINTED_IN_SHELL)
def test_messages_in_a_shell_mention_no_job(path: str) -> None:
    texts = [
        for_shell(message.text.replace("{{", "{").replace("}}", "}")) for message in MESSAGES if message.path == path
    ]
    assert texts
    assert [text for text in texts if OF_JOB.search(text) and not text.startswith(RERUN)] == []


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
