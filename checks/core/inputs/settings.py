"""Inputs -> `Settings`, by the table of inputs. Every mistake is found before one is reported.

`credentials` parses the inputs of its own: with credentials alone, a check run can report the other mistakes.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..model.errors import CheckError, Problem
from ..model.settings import Program, Settings
from .manual_inputs import manual_problems
from .table import INPUTS
from .values import InvalidValueError

#: How much of a wrong value is shown.
SHOWN_CHARACTERS = 60

_NO_REPORT = Problem(
    what="Input `report`",
    why="no report is named, and `program: publish` runs no tests.",
    remedy="Name the report files of pytest-json-report, such as reports/*.json.",
)


def parse_settings(inputs: Mapping[str, str]) -> Settings:
    """Return the settings that `inputs` ask for. An input that is empty or missing has its default.

    Raises `CheckError` with a `Problem` for each wrong input.
    """
    values: dict[str, object] = {}
    problems: list[Problem] = []
    for known in INPUTS:
        if text := inputs.get(known.name, ""):
            try:
                values[known.name] = known.parse(text)
            except InvalidValueError as error:
                problems.append(_problem(known.name, text, error))
    if values.get("program") is Program.PUBLISH and not inputs.get("report"):
        problems.append(_NO_REPORT)
    problems += manual_problems(inputs, values)
    if problems:
        raise CheckError(*problems)
    category = values.get("category") or values.get("matrix") or ""
    names = {"category": category, **({"check_name": f"pytest ({category})"} if category else {})}
    fields = {known.field: values[known.name] for known in INPUTS if known.field and known.name in values}
    return Settings(**{**names, **fields})  # type: ignore[arg-type]  # the table pairs each field with its parser


def _problem(name: str, value: str, error: InvalidValueError) -> Problem:
    one_line = " ".join(value.split())
    shown = one_line if len(one_line) <= SHOWN_CHARACTERS else f"{one_line[:SHOWN_CHARACTERS]}…"
    return Problem(
        what=f"Input `{name}`",
        why=f'"{shown}" is not allowed{": " if error.reason else ""}{error.reason}.',
        remedy=f"Allowed: {error.allowed}.",
    )
