import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.core.text.truncate import truncate_characters, truncate_end, truncate_markdown, truncate_middle
from tests.support.rules import rule

Truncate = Callable[[str, int], str]

LIMIT = 200
all_functions = pytest.mark.parametrize("truncate", [truncate_end, truncate_middle, truncate_markdown])
TEXTS = st.text(st.characters(codec="utf-8"), max_size=300)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("abcd", "abcd"), ("abcde", "abcde"), ("abcdef", "abcd…"), ("éàüöß", "éàüöß"), ("éàüößs", "éàüö…")],
)
def test_truncate_characters_ends_with_an_ellipsis(text: str, expected: str) -> None:
    assert truncate_characters(text, 5) == expected


@all_functions
@pytest.mark.parametrize("character", ["a", "é", "中", "😀"])
@pytest.mark.parametrize("more_bytes", [-1, 0])
def test_text_within_the_limit_is_not_truncated(truncate: Truncate, character: str, more_bytes: int) -> None:
    text = _of_length(LIMIT + more_bytes, character)
    assert truncate(text, LIMIT) == text


@all_functions
@pytest.mark.parametrize("character", ["a", "é", "中", "😀"])
def test_one_byte_over_the_limit_truncates_at_a_character(truncate: Truncate, character: str) -> None:
    text = _of_length(LIMIT + 1, character)
    result = truncate(text, LIMIT)
    assert len(result.encode()) <= LIMIT
    assert _kept_bytes(result) + _missing_bytes(result) == LIMIT + 1


def test_truncate_end_keeps_the_beginning() -> None:
    assert truncate_end("a" * 20_000, 100) == "a" * 67 + "\n… truncated: 19,933 more bytes"


def test_truncate_middle_keeps_both_ends() -> None:
    result = truncate_middle("head " + "x" * 20_000 + " thrown", 100)
    assert result.startswith("head xxx")
    assert result.endswith("xxx thrown")
    assert re.search(r"x\n… truncated: 19,9\d\d bytes …\nx", result)


@rule("Limits: truncated Markdown")
@pytest.mark.parametrize(
    ("opened", "closed"),
    [
        pytest.param("```\n", "\n```\n", id="fence"),
        pytest.param("`````text\n```\n", "\n`````\n", id="longer fence"),
        pytest.param("~~~\n", "\n~~~\n", id="tilde fence"),
        pytest.param("<details><summary>x</summary>\n\n", "\n</details>\n", id="details"),
        pytest.param("<details>\n<details>\n", "\n</details>\n</details>\n", id="details in details"),
        pytest.param("<details>\n\n```\n", "\n```\n</details>\n", id="fence in details"),
        pytest.param("```\n<details>\n", "\n```\n", id="details in a fence are text"),
        pytest.param("<details>\n</details>\n```\n```\n", "x\n\n…", id="what was closed"),
        pytest.param("</details>\n<details>\n", "\n</details>\n", id="a stray end"),
    ],
)
def test_truncated_markdown_closes_open_fences_and_details(opened: str, closed: str) -> None:
    result = truncate_markdown(opened + "x\n" * LIMIT, LIMIT)
    assert len(result.encode()) <= LIMIT
    assert closed in result
    assert re.search(r"\n\n… truncated: \d+ more bytes$", result)


def test_truncated_markdown_keeps_whole_lines() -> None:
    lines = [f"| line {number} |" for number in range(100)]
    result = truncate_markdown("\n".join(lines), LIMIT)
    kept_lines = result.partition("\n\n… truncated")[0].split("\n")
    assert kept_lines == lines[: len(kept_lines)]


@all_functions
@given(text=TEXTS | st.text("`~<details>/\n x", max_size=600))
def test_truncated_text_never_exceeds_the_limit(truncate: Truncate, text: str) -> None:
    assert len(truncate(text, 100).encode()) <= 100


def _of_length(bytes_: int, character: str) -> str:
    size = len(character.encode())
    return "a" * (bytes_ % size) + character * (bytes_ // size)


def _missing_bytes(text: str) -> int:
    match = re.search(r"truncated: ([\d,]+)", text)
    assert match
    return int(match[1].replace(",", ""))


def _kept_bytes(text: str) -> int:
    return len(re.sub(r"\n+… truncated: [\d,]+ (more bytes|bytes …\n)", "", text).encode())
