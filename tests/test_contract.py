"""The public interface: action.yml, the code and docs/inputs.md name the same inputs and outputs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from checks.core.inputs.context import parse_context
from checks.core.inputs.credentials import parse_credentials
from checks.core.inputs.names import HIDDEN_INPUTS, INPUTS, read_inputs
from checks.core.inputs.settings import parse_settings
from checks.core.model.check_run import Conclusion
from checks.core.model.job import Context
from checks.core.model.session import Session
from checks.core.model.settings import Credentials, Program, Settings
from checks.core.runner.outputs import outputs

ROOT = Path(__file__).parents[1]
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text())
DOCUMENT = (ROOT / "docs" / "inputs.md").read_text()


class RecordingInputs(dict[str, str]):
    """Inputs that record which of them were read."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def get(self, name: str, default: Any = None) -> Any:
        self.names.add(name)
        return default


def rows(heading: str) -> Iterator[list[str]]:
    """Yield the rows of the table under a heading of the document, as lists of cells."""
    section = DOCUMENT.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    for line in re.findall(r"^\| `.*\|$", section, re.MULTILINE):
        yield [cell.strip().strip("`") for cell in line.strip("|").split(" |")]


def default(name: str) -> str:
    return str(ACTION["inputs"][name].get("default", ""))


def test_action_yml_declares_the_inputs_that_are_read() -> None:
    assert tuple(ACTION["inputs"]) == INPUTS + HIDDEN_INPUTS


def test_every_declared_input_is_read() -> None:
    inputs = RecordingInputs()
    parse_settings(inputs)
    parse_credentials(inputs, Context())
    parse_context({}, {}, inputs)
    inputs.get("job-status")  # the post step reads it
    assert inputs.names == {*INPUTS, *HIDDEN_INPUTS}


@pytest.mark.parametrize("name", INPUTS)
def test_defaults_of_action_yml_are_those_of_the_code(name: str) -> None:
    if "${{" not in default(name):
        assert parse_settings({name: default(name)}) == Settings()


def test_action_without_inputs_has_the_defaults() -> None:
    environ = {f"INPUT_{name.upper()}": default(name) for name in ACTION["inputs"] if "${{" not in default(name)}
    inputs = read_inputs(environ)
    assert parse_settings(inputs) == Settings()
    assert parse_credentials(inputs, Context()) == Credentials()


def test_document_lists_every_input_with_its_default() -> None:
    documented = {row[0]: row[1] for row in rows("Inputs")}
    assert documented == {name: default(name) for name in ACTION["inputs"]}


def test_document_lists_every_program() -> None:
    documented = {row[0] for row in rows("Programs")}
    assert documented >= {program.value for program in Program}
    (allowed,) = (row[2] for row in rows("Inputs") if row[0] == "program")
    assert all(f"`{program.value}`" in f"`{allowed}`" for program in Program)


def test_every_output_is_declared_and_documented() -> None:
    written = tuple(outputs(Session(), Conclusion.SUCCESS, None, ""))
    assert written == tuple(ACTION["outputs"]) == tuple(row[0] for row in rows("Outputs"))


@pytest.mark.parametrize("part", ["inputs", "outputs"])
def test_every_input_and_output_has_a_description(part: str) -> None:
    assert all(entry["description"].endswith(".") for entry in ACTION[part].values())


def test_entrypoints_are_programs_without_a_shell() -> None:
    runs = ACTION["runs"]
    assert (runs["using"], runs["image"]) == ("docker", "Dockerfile")
    assert re.fullmatch(r"/[a-z/-]+", runs["entrypoint"])
    assert re.fullmatch(r"/[a-z/-]+", runs["post-entrypoint"])
    assert runs["post-if"] == "always()"
    assert "args" not in runs
