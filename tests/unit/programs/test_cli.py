"""What the command line prints in a shell: plain text that names options and variables."""

from __future__ import annotations

import re
from io import BytesIO

import pytest

from checks.core.inputs.credentials import parse_credentials
from checks.core.inputs.names import for_shell, variable
from checks.core.inputs.table import INPUTS
from checks.core.model.errors import CheckError
from checks.core.model.job import Context
from checks.programs.arguments import parse_arguments
from checks.programs.cli import run_program
from tests.unit.core.inputs.test_credentials import INVALID as INVALID_CREDENTIALS
from tests.unit.core.inputs.test_settings import INVALID

INPUT_NAME = re.compile(rf"[Ii]nputs? `|`({'|'.join(known.name for known in INPUTS)})[:`]|\\$\\{{\\{{")


def printed(*arguments: str, **environ: str) -> str:
    """Return what a refused program prints."""
    stdout = BytesIO()
    assert run_program(*parse_arguments(arguments), environ, stdout) == 2
    return stdout.getvalue().decode()


@pytest.mark.parametrize(("name", "value", "words"), INVALID)
def test_invalid_value_in_a_shell_names_option_and_variable(name: str, value: str, words: str) -> None:
    text = printed("preview", **{variable(name): value})
    option = {"matrix": "", "report": "`REPORT` / "}.get(name, f"`--{name}` / ")
    assert text.startswith(f"Error: {option}`{variable(name)}`: ")
    assert for_shell(words) in text
    assert text.count("\n") == 1
    assert "::" not in text.replace("[[:alpha:]]", "")
    assert INPUT_NAME.findall(text) == []


@pytest.mark.parametrize(("inputs", "expected"), [row[::2] for row in INVALID_CREDENTIALS.values()])
def test_invalid_credentials_in_a_shell_name_variables(inputs: dict[str, str], expected: list[tuple[str, str]]) -> None:
    with pytest.raises(CheckError) as raised:
        parse_credentials(inputs, Context())
    texts = [for_shell(str(problem)) for problem in raised.value.problems]
    assert all(variable(name) in text for text, (name, _) in zip(texts, expected, strict=True))
    assert [INPUT_NAME.findall(text) for text in texts] == [[]] * len(texts)


def test_all_problems_are_printed() -> None:
    environ = {variable(name): value for name, value, _ in INVALID}
    assert printed("preview", **environ).count("Error: ") == len(environ)


def test_in_actions_errors_are_commands_that_name_inputs() -> None:
    text = printed("preview", GITHUB_ACTIONS="true", CHECKS_WORKERS="many", CHECKS_WORKES="1")
    assert text.startswith('::error::Input `workers`: "many" is not allowed')
    assert "CHECKS_WORKES" not in text


PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA1vX2aPq7Rk3\n-----END RSA PRIVATE KEY-----\n"
WRONG_VALUE = {"CHECKS_PYTEST_ARGS": "--api-token pw'Xy72kQpLz19", "API_TOKEN": "pw'Xy72kQpLz19"}


def test_secret_in_a_wrong_value_is_redacted() -> None:
    text = printed("preview", **WRONG_VALUE)
    assert "`CHECKS_PYTEST_ARGS`: " in text
    assert "Xy72kQpLz19" not in text


@pytest.mark.parametrize("program", ["publish", "serve"])
@pytest.mark.parametrize("key", [PEM, "".join(PEM.splitlines()), "MIIEowIBAAKCAQEA1vX2aPq7Rk3" * 40])
def test_key_in_place_of_its_path_is_not_shown(program: str, key: str) -> None:
    text = printed(program, CHECKS_PRIVATE_KEY_FILE=key)
    assert "`CHECKS_PRIVATE_KEY_FILE`: it is the text of a key, not the path of a file. " in text
    assert "MIIEowIBAAKCAQEA1vX2aPq7Rk3" not in text


def test_the_path_of_the_key_is_shown() -> None:
    assert "`CHECKS_PRIVATE_KEY_FILE` is 'secrets/no-such.pem'" in printed(
        "publish", CHECKS_PRIVATE_KEY_FILE="secrets/no-such.pem"
    )


def test_unknown_variable_is_a_warning() -> None:
    first, *_ = printed("preview", CHECKS_WORKERS="many", CHECKS_WORKES="1").splitlines()
    assert first == "Warning: The variable CHECKS_WORKES is set, but nothing reads it. Did you mean CHECKS_WORKERS?"
