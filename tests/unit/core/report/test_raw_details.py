from collections.abc import Sequence

import pytest

from checks.core.model.item import Details, Section
from checks.core.report import raw_details

DETAILS = Details(
    traceback="tests/test_a.py:3: in test_x\nE   assert 0", captured=(Section(title="stdout", text="out\n"),)
)


TITLE = "tests/test_a.py::test_x"


@pytest.mark.parametrize("cause", [0, 1, 122])
@pytest.mark.parametrize("stage", ["", "setup", "teardown"])
@pytest.mark.parametrize("owners", [(), ("@org/a", "b@example.com")])
@pytest.mark.parametrize("title", [TITLE, f"{TITLE} [one\n\nCause 9\n\nOwners: @evil\n\ntext]"])
def test_parts_are_read_as_they_were_composed(cause: int, stage: str, owners: Sequence[str], title: str) -> None:
    text = raw_details.compose(f"{title} (in {stage})" if stage else title, DETAILS, cause=cause, owners=owners)
    assert raw_details.title_of(text) == title.partition("\n\n")[0]
    assert raw_details.stage_of(text, title) == stage
    assert raw_details.cause_of(text, title) == cause
    assert raw_details.owners_of(text, title) == owners
    assert raw_details.body_of(text, title) == f"{DETAILS.traceback}\n\n----- stdout -----\nout"
    assert raw_details.parts_of(text, title) == (DETAILS.traceback, (Section(title="stdout", text="out"),))


@pytest.mark.parametrize("text", ["", "Cause 1", "t\n\nCause 0", "t\n\nCause 1 and 2", "t\n\ntext\n\nCause 1"])
def test_text_without_a_cause_has_none(text: str) -> None:
    assert raw_details.cause_of(text, "t") == 0


def test_owners_have_a_paragraph_of_their_own() -> None:
    text = raw_details.compose(TITLE, Details(), cause=2, owners=["@org/a", "b@example.com"])
    assert text == "tests/test_a.py::test_x\n\nCause 2\n\nOwners: @org/a b@example.com"
    assert raw_details.body_of(text, TITLE) == ""


def test_owner_whose_name_is_truncated_is_left_out() -> None:
    owners = [f"@org/team-{number}" for number in range(100)]
    read = raw_details.owners_of(raw_details.compose(TITLE, Details(), owners=owners), TITLE)
    assert read
    assert [*read] == owners[: len(read)]
