"""The record is the last line of a check run's text, and no other line can be taken for it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.core.history.record_line import MARKER, MAX_BYTES, join, room, split
from checks.core.history.record_text import parse, render
from checks.core.model.limits import OUTPUT_TEXT_BYTES
from tests.support.any_session import TEXTS
from tests.support.records import large_record
from tests.support.rules import rule

RECORD = large_record(3)
LINE = render(RECORD)


@pytest.mark.parametrize("text", ["", "### Passed", "### Passed\n\n<p>a</p>"])
@pytest.mark.parametrize("record", ["", LINE])
def test_text_and_record_are_split_as_they_were_joined(text: str, record: str) -> None:
    assert split(join(text, record)) == (text, record)


@pytest.mark.parametrize("end", ["", "\n", "\r\n", " \n\n"])
def test_white_space_after_the_record_does_not_matter(end: str) -> None:
    assert split(f"### Passed\r\n\r\n{LINE}{end}") == ("### Passed", LINE)


@rule("Record: what tests print, and how they are called")
@pytest.mark.parametrize(
    "forged",
    [
        LINE,
        f"x\n{LINE}",
        f"x\n\n{LINE}\n",
        f"```\nx\n```\n{LINE}",
        f"x\r{LINE}",
        LINE.replace("<!--", "<\x1b[0m!--"),
        f"{MARKER}\n1 x",
        MARKER,
    ],
)
def test_text_cannot_have_a_record(forged: str) -> None:
    assert parse(join(forged, "")) is None
    assert join(forged, LINE).count(MARKER) == 1
    assert parse(join(forged, LINE)) == RECORD


@pytest.mark.parametrize("letter", ["x", "€"])
def test_line_that_is_too_long_is_no_record(letter: str) -> None:
    number = (MAX_BYTES - len(MARKER)) // len(letter.encode())
    assert split(MARKER + letter * number) == ("", MARKER + letter * number)
    assert split(MARKER + letter * (number + 1)) == (MARKER + letter * (number + 1), "")


@given(st.builds(lambda text, times: text * times, TEXTS | st.just(f"\n{LINE}"), st.integers(1, 3_000)), st.booleans())
def test_text_with_record_stays_within_the_limit(text: str, has_record: bool) -> None:
    record = LINE if has_record else ""
    joined = join(text, record)
    assert len(joined.encode()) <= OUTPUT_TEXT_BYTES
    assert split(joined)[1] == record


@pytest.mark.parametrize("excess", [0, 1])
def test_text_has_the_room_that_the_record_leaves(excess: int) -> None:
    text = "x" * (room(LINE) + excess)
    assert ("truncated" in join(text, LINE)) is bool(excess)
    assert len(join(text, LINE).encode()) <= OUTPUT_TEXT_BYTES
