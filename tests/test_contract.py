"""The contract with users is one: action.yml, the code and docs/inputs.md name the same inputs and outputs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml

from checks.core.inputs.context import parse_context
from checks.core.inputs.credentials import parse_credentials
from checks.core.inputs.input import Group, Input
from checks.core.inputs.names import read_inputs
from checks.core.inputs.settings import parse_settings
from checks.core.inputs.table import INPUTS
from checks.core.model.check_run import Conclusion
from checks.core.model.job import Context
from checks.core.model.session import Session
from checks.core.model.settings import Credentials, Program, Settings
from checks.core.runner.outputs import outputs
from tests.support.inputs_page import with_tables

ROOT = Path(__file__).parents[1]
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text())
DOCUMENT = (ROOT / "docs" / "inputs.md").read_text()


class RecordingInputs(dict[str, str]):
    """Inputs that remember which of them were asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def get(self, name: str, default: Any = None) -> Any:
        self.names.add(name)
        return default


def rows(heading: str) -> Iterator[list[str]]:
    """The cells of the rows of the table under a heading of the document."""
    section = DOCUMENT.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    for line in re.findall(r"^\| `.*\|$", section, re.MULTILINE):
        yield [cell.strip().strip("`") for cell in line.strip("|").split(" |")]


def default(name: str) -> str:
    return str(ACTION["inputs"][name].get("default", ""))


def is_declared(known: Input) -> bool:
    return known.is_default_declared and bool(known.default)


def test_action_yml_declares_the_inputs_that_are_read() -> None:
    declared = {
        known.name: {"description": known.description, **({"default": known.default} if is_declared(known) else {})}
        for known in INPUTS
    }
    assert declared == ACTION["inputs"]
    assert list(declared) == list(ACTION["inputs"])


def test_every_input_sets_a_field_or_is_read_elsewhere() -> None:
    inputs = RecordingInputs()
    parse_credentials(inputs, Context())
    parse_context({}, {}, inputs)
    inputs.names |= {"job-status", "matrix"}  # the post step and the category read these
    assert inputs.names | {known.name for known in INPUTS if known.field} == {known.name for known in INPUTS}


def test_every_setting_comes_from_one_input() -> None:
    assert sorted(known.field for known in INPUTS if known.field) == sorted(field.name for field in fields(Settings))


@pytest.mark.parametrize(
    "known",
    [known for known in INPUTS if known.is_default_declared and "${{" not in known.default],
    ids=lambda known: known.name,
)
def test_a_default_of_the_table_is_that_of_the_settings(known: Input) -> None:
    assert parse_settings({known.name: known.default}) == Settings()


def test_action_without_inputs_has_the_defaults() -> None:
    environ = {f"INPUT_{name.upper()}": default(name) for name in ACTION["inputs"] if "${{" not in default(name)}
    inputs = read_inputs(environ)
    assert parse_settings(inputs) == Settings()
    assert parse_credentials(inputs, Context()) == Credentials()


def test_the_page_has_the_table_of_inputs() -> None:
    assert with_tables(DOCUMENT) == DOCUMENT, "run: make docs"
    assert all(f"\n### {group}\n" in DOCUMENT for group in Group)


def test_the_page_has_every_program_that_an_input_can_name() -> None:
    assert {row[0] for row in rows("Programs")} >= {program.value for program in Program}


def test_every_output_is_declared_and_documented() -> None:
    written = tuple(outputs(Session(), Conclusion.SUCCESS, None))
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
