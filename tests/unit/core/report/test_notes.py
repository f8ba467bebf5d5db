import pytest

from checks.core.model.settings import Passing, Settings
from checks.core.report.notes import limit_notes
from tests.support.rules import rule


def notes(
    passing: Passing | None = Passing.EACH, failures_beyond: dict[str, int] | None = None, others: int = 0
) -> str:
    remarks = limit_notes(Settings(), passing, failures_beyond=failures_beyond or {}, others_beyond=others)
    return "\n".join(map(str, remarks))


@pytest.mark.parametrize("passing", [Passing.EACH, Passing.NONE, None])
def test_no_note_if_everything_is_annotated(passing: Passing | None) -> None:
    assert notes(passing) == ""


@rule("Annotations: a notice for each passed test")
def test_note_if_passed_tests_are_grouped_by_file_for_the_limit() -> None:
    assert "one notice per file, because one per test would exceed" in notes(Passing.FILE)
    assert list(limit_notes(Settings(passing=Passing.FILE), Passing.FILE, failures_beyond={}, others_beyond=0)) == []


@rule("Annotations: notices and warnings beyond max-annotations")
def test_omitted_notices_are_counted() -> None:
    assert notes(others=1_234) == "Notices and warnings left out because of `max-annotations` (1,000): 1,234."


@rule("Annotations: failures beyond 5,000")
def test_unannotated_failures_are_counted_by_file() -> None:
    assert notes(failures_beyond={"a.py": 2, "b.py": 1_200}) == (
        "1,202 failures beyond the first 5,000 are not annotated:\n  1,200  b.py\n      2  a.py"
    )
