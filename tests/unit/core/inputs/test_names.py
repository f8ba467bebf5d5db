"""Inputs come from the action's variables, or from ours outside a workflow."""

from __future__ import annotations

import pytest

from checks.core.inputs.names import read_inputs

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
