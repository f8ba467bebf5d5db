from checks.core.redaction.redactor import Redactor
from checks.core.redaction.source_lines import redacted_lines
from tests.support.rules import rule

SECRET = "correct-horse-battery"


@rule("Secrets that redaction must find: in a line of a file")
def test_source_lines_have_no_secrets() -> None:
    lines = redacted_lines(lambda path: [path, f"key = '{SECRET}'", ""], Redactor([SECRET]))

    assert lines("a.py") == ["a.py", "key = '***'", ""]


def test_lines_whose_numbers_would_change_are_not_shown() -> None:
    secret = "first-half-\nsecond-half"
    lines = redacted_lines(lambda _: ["a", *secret.split("\n"), "b"], Redactor([secret]))

    assert lines("a.py") == ()


def test_missing_file_has_no_lines() -> None:
    assert not any(redacted_lines(lambda _: [], Redactor())("a.py"))
