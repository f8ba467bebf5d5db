from collections.abc import Sequence

import pytest

from checks.core.model.item import Details, Section
from checks.core.report import raw_details

DETAILS = Details(
    traceback="tests/test_a.py:3: in test_x\nE   assert 0", captured=(Section(title="stdout", text="out\n"),)
)


@pytest.mark.parametrize("cause", [0, 1, 122])
@pytest.mark.parametrize("stage", ["", " (in setup)", " (in teardown)"])
@pytest.mark.parametrize("owners", [(), ("@org/a", "b@example.com")])
def test_parts_are_read_as_they_were_composed(cause: int, stage: str, owners: Sequence[str]) -> None:
    text = raw_details.compose(f"tests/test_a.py::test_x{stage}", DETAILS, cause=cause, owners=owners)
    assert raw_details.title_of(text) == "tests/test_a.py::test_x"
    assert raw_details.cause_of(text) == cause
    assert raw_details.body_of(text) == f"{DETAILS.traceback}\n\n----- stdout -----\nout"


@pytest.mark.parametrize("text", ["", "Cause 1", "t\n\nCause 0", "t\n\nCause 1 and 2", "t\n\ntext\n\nCause 1"])
def test_text_without_a_cause_has_none(text: str) -> None:
    assert raw_details.cause_of(text) == 0


def test_owners_have_a_paragraph_of_their_own() -> None:
    text = raw_details.compose("tests/test_a.py::test_x", Details(), cause=2, owners=["@org/a", "b@example.com"])
    assert text == "tests/test_a.py::test_x\n\nCause 2\n\nOwners: @org/a b@example.com"
    assert raw_details.body_of(text) == ""
