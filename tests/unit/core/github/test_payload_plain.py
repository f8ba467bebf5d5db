from __future__ import annotations

import pytest

from checks.core.github.payload import plain
from checks.core.model.check_run import Annotation, AnnotationLevel


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("assert 1 == 2\n\tindented", "assert 1 == 2\n\tindented", id="ascii"),
        pytest.param("é", r"\xe9", id="latin"),
        pytest.param("☃", r"\u2603", id="basic-plane"),
        pytest.param("🙂", r"\U0001f642", id="beyond-it"),
        pytest.param("\ud800", r"\ud800", id="lone-surrogate"),
        pytest.param("\0\x1b[31m\x7f\r", r"\x00\x1b[31m\x7f\x0d", id="control-characters"),
        pytest.param("", "", id="empty"),
    ],
)
def test_every_text_becomes_printable_ascii(text: str, expected: str) -> None:
    annotation = Annotation(
        path="é.py", line=3, level=AnnotationLevel.FAILURE, title=text, message=text, raw_details=text
    )
    mended = plain(annotation)
    assert (mended.title, mended.message, mended.raw_details) == (expected, expected, expected)
    assert (mended.path, mended.line, mended.level) == ("é.py", 3, AnnotationLevel.FAILURE)
