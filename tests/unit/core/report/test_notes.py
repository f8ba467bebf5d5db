from dataclasses import replace

import pytest

from checks.core.model.settings import Passing, Settings
from checks.core.report.notes import limit_notes
from tests.support.rules import rule


def notes(
    passing: Passing | None = Passing.EACH,
    failures_beyond: dict[str, int] | None = None,
    others: int = 0,
    setting: Passing = Passing.EACH,
) -> str:
    settings = replace(Settings(), passing=setting)
    remarks = limit_notes(settings, passing, failures_beyond=failures_beyond or {}, others_beyond=others)
    return "\n".join(map(str, remarks))


@pytest.mark.parametrize("setting", Passing)
def test_no_note_if_passed_tests_are_annotated_as_set(setting: Passing) -> None:
    assert notes(setting, setting=setting) == notes(None, setting=setting) == ""


@rule("Annotations: a notice for each passed test")
def test_note_if_passed_tests_are_grouped_by_file_for_the_limit() -> None:
    assert notes(Passing.FILE) == (
        "Passed tests have one notice per file, because one per test would exceed `max-annotations` (200)."
    )


@rule("Annotations: a notice for each file with passed tests")
@pytest.mark.parametrize("setting", [Passing.EACH, Passing.FILE])
def test_note_if_passed_tests_are_in_the_text_alone(setting: Passing) -> None:
    assert notes(Passing.NONE, setting=setting) == (
        "Passed tests are listed in the text alone, because one notice per file would exceed `max-annotations` (200)."
    )


@rule("Annotations: notices and warnings beyond max-annotations")
def test_omitted_notices_are_counted() -> None:
    assert notes(others=1_234) == "Notices and warnings left out because of `max-annotations` (200): 1,234."


@rule("Annotations: failures beyond 5,000")
def test_unannotated_failures_are_counted_by_file() -> None:
    assert notes(failures_beyond={"a.py": 2, "b.py": 1_200}) == (
        "1,202 failures beyond the first 5,000 are not annotated:\n  1,200  b.py\n      2  a.py"
    )
