"""Where an input comes from: a variable of the runner in a workflow, ``CHECKS_*`` elsewhere."""

from __future__ import annotations

from collections.abc import Mapping

from .table import INPUTS


def read_inputs(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the inputs that are set, by their names in `action.yml`, without blanks around the values.

    The runner gives an action ``INPUT_SOME-NAME`` for every declared input. If there is no such variable at all, we
    are outside a workflow, and ``CHECKS_SOME_NAME`` is read. Variables of other names are ignored.
    """
    in_workflow = any(name.startswith("INPUT_") for name in environ)
    variables = {known.name: f"INPUT_{known.name.upper()}" if in_workflow else variable(known.name) for known in INPUTS}
    values = {name: environ.get(of_name, "").strip() for name, of_name in variables.items()}
    return {name: value for name, value in values.items() if value}


def variable(name: str) -> str:
    """Return the variable of an input outside a workflow: ``CHECKS_SOME_NAME``."""
    return f"CHECKS_{name.upper().replace('-', '_')}"
