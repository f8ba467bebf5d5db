import pytest

from checks.core.model.item import Details, Section
from checks.core.report import raw_details

DETAILS = Details(
    traceback="tests/test_a.py:3: in test_x\nE   assert 0", captured=(Section(title="stdout", text="out\n"),)
)


@pytest.mark.parametrize("cause", [0, 1, 122])
@pytest.mark.parametrize("stage", ["", " (in setup)", " (in teardown)"])
def test_parts_are_read_as_they_were_composed(cause: int, stage: str) -> None:
    text = raw_details.compose(f"tests/test_a.py::test_x{stage}", DETAILS, cause=cause)
    assert raw_details.title_of(text) == "tests/test_a.py::test_x"
    assert raw_details.cause_of(text) == cause
    assert raw_details.body_of(text) == f"{DETAILS.traceback}\n\n----- stdout -----\nout"


@pytest.mark.parametrize("text", ["", "Cause 1", "t\n\nCause 0", "t\n\nCause 1 and 2", "t\n\ntext\n\nCause 1"])
def test_text_without_a_cause_has_none(text: str) -> None:
    assert raw_details.cause_of(text) == 0
