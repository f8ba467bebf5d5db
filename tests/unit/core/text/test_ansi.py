import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.core.text.ansi import escaped, positions_without_ansi, strip_ansi, visible
from tests.support.rules import rule

ANY_TEXT = st.text(st.characters(codec=None))


@rule("Characters: ANSI sequences")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("plain [31m text", "plain [31m text", id="nothing to strip"),
        pytest.param("\x1b[31mred\x1b[0m", "red", id="colours"),
        pytest.param("\x1b[38;2;1;2;3mtrue\x1b[m colour", "true colour", id="24 bits of colour"),
        pytest.param("\x9b1mbold\x9b0m", "bold", id="eight-bit introducer"),
        pytest.param("a\x1b[2K\x1b[1Gb", "ab", id="cursor movements"),
        pytest.param("\x1b]8;;https://x.org\x1b\\link\x1b]8;;\x1b\\", "link", id="hyperlink"),
        pytest.param("\x1b]0;window title\x07text", "text", id="window title"),
        pytest.param("\x1bPq#0;2\x1b\\text", "text", id="sixels"),
        pytest.param("\x1b(Btext\x1bM", "text", id="short escapes"),
        pytest.param("\x1b]8;;no end\nthe next line", "8;;no end\nthe next line", id="control string without an end"),
        pytest.param("cut \x1b[", "cut ", id="sequence without an end"),
    ],
)
def test_strip_ansi_removes_sequences_only(text: str, expected: str) -> None:
    assert strip_ansi(text) == expected


@rule("Characters: NUL and other control characters, lone surrogates")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("line\n\tline", "line\n\tline", id="layout stays"),
        pytest.param("one\r\ntwo\rthree", "one\ntwo\nthree", id="every line end"),
        pytest.param("a\x00b", r"a\x00b", id="NUL"),
        pytest.param("\x08\x7f\x85", r"\x08\x7f\x85", id="C0, DEL, C1"),
        pytest.param("cut \x1b", r"cut \x1b", id="a bare escape"),
        pytest.param("\ud800 and \udfff", r"\ud800 and \udfff", id="lone surrogates"),
        pytest.param("user\u202eresu", r"user\u202eresu", id="directional override"),
        pytest.param("\u2066x\u2069", r"\u2066x\u2069", id="directional isolate"),
        pytest.param("émoji 😀 中", "émoji 😀 中", id="what has a shape stays"),
    ],
)
def test_visible_writes_out_invisible_characters(text: str, expected: str) -> None:
    assert visible(text) == expected


@given(st.lists(ANY_TEXT | st.sampled_from(["\x1b[31m", "\x1b]8;;x\x07", "\x1bM", "\x1b", "\x9b1m"])).map("".join))
def test_positions_match_the_stripped_text(text: str) -> None:
    assert "".join(text[position] for position in positions_without_ansi(text)) == strip_ansi(text)


@given(ANY_TEXT)
def test_visible_text_is_encodable_and_idempotent(text: str) -> None:
    once = visible(text)
    once.encode()
    assert visible(once) == once


@given(st.characters(codec=None))
def test_escaped_character_is_a_python_escape(character: str) -> None:
    assert escaped(character).encode().decode("unicode-escape") == character
