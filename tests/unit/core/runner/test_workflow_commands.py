"""Workflow commands: the runner reads what was written, for any text."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.core.model.limits import COMMAND_MESSAGE_CHARACTERS
from checks.core.runner import workflow_commands
from tests.support.examples import EXAMPLES

NASTY = {
    "percent": ("100%", "100%25"),
    "an escape": ("%0A%25", "%250A%2525"),
    "a newline": ("a\nb", "a%0Ab"),
    "CRLF": ("a\r\nb", "a%0D%0Ab"),
    "colons and commas": ("a::b,c:d", "a::b,c:d"),
    "a command": ("\n::error::x", "%0A::error::x"),
    "the resume of a fence": ("::token::", "::token::"),
    "HTML": ("<b>&amp;</b>", "<b>&amp;</b>"),
    "an emoji": ("🙂", "🙂"),
    "a lone surrogate": ("\ud800", "\ud800"),
    "NUL": ("a\0b", "a\0b"),
}


@pytest.mark.parametrize(("text", "escaped"), NASTY.values(), ids=NASTY)
def test_message_is_escaped(text: str, escaped: str) -> None:
    assert workflow_commands.error(text) == f"::error::{escaped}"


PROPERTIES = {
    "colon": ("a::b", "a%3A%3Ab"),
    "comma": ("a,line=1", "a%2Cline=1"),
    "equals": ("a=b", "a=b"),
    "newline": ("a\r\nb", "a%0D%0Ab"),
    "percent": ("%2C", "%252C"),
}


@pytest.mark.parametrize(("text", "escaped"), PROPERTIES.values(), ids=PROPERTIES)
def test_property_also_escapes_colons_and_commas(text: str, escaped: str) -> None:
    assert workflow_commands.error("x", file=text) == f"::error file={escaped}::x"


def test_empty_properties_are_omitted() -> None:
    assert workflow_commands.error("x", title="t", file="a.py", line=3) == "::error title=t,file=a.py,line=3::x"
    assert workflow_commands.error("x", title="", file="", line=None) == "::error::x"


def test_other_commands_have_their_format() -> None:
    assert workflow_commands.warning("w") == "::warning::w"
    assert workflow_commands.group("g") == "::group::g"
    assert workflow_commands.stop_commands("t0k3n") == "::stop-commands::t0k3n"
    assert workflow_commands.resume_commands("t0k3n") == "::t0k3n::"


@pytest.mark.parametrize("length", [COMMAND_MESSAGE_CHARACTERS - 1, COMMAND_MESSAGE_CHARACTERS])
def test_message_within_the_limit_is_not_truncated(length: int) -> None:
    assert workflow_commands.error("%" * length) == "::error::" + "%25" * length


def test_message_over_the_limit_ends_with_an_ellipsis() -> None:
    message = workflow_commands.error("x" * (COMMAND_MESSAGE_CHARACTERS + 1)).removeprefix("::error::")
    assert len(message) == COMMAND_MESSAGE_CHARACTERS
    assert message.endswith("x…")


def read_command(line: str) -> tuple[str, dict[str, str], str] | None:
    """Parse a line of the log like the runner (ActionCommand.TryParseV2)."""
    match = re.fullmatch(r"\s*::([^\s:]+)(?: (.*?))?::(.*)", line, re.DOTALL)
    if not match:
        return None
    pairs = (pair.partition("=") for pair in (match[2] or "").split(",") if pair)
    return match[1], {name: unescaped(value, "\r\n:,%") for name, _, value in pairs}, unescaped(match[3], "\r\n%")


def unescaped(text: str, letters: str) -> str:
    for letter in letters:
        text = text.replace(f"%{ord(letter):02X}", letter)
    return text


TEXTS = st.text(alphabet=st.sampled_from("a%0AD25:,=\r\n #[]é🙂"), max_size=20)


@settings(max_examples=2 * EXAMPLES)
@given(TEXTS, TEXTS.filter(bool))
def test_runner_parses_back_any_message_and_title(message: str, title: str) -> None:
    line = workflow_commands.error(message, title=title)
    assert not {"\r", "\n"} & set(line)
    assert read_command(line) == ("error", {"title": title}, message)


INERT = {
    "a command": "::error::x",
    "an indented one": "  \t::set-output name=a::b",
    "after a no-break space": "\u00a0::error::x",
    "on the second line": "a\n::error::x",
    "after a carriage return": "progress\r::error::x",
    "an old one in the middle": "see ##[error]x",
    "old ones after one another": "###[a]##[b]",
}


@pytest.mark.parametrize("text", INERT.values(), ids=INERT)
def test_inert_text_contains_no_command(text: str) -> None:
    shown = workflow_commands.inert(text)
    assert "##[" not in shown
    assert not any(line.lstrip().startswith("::") for line in re.split(r"[\r\n]", shown))
    assert shown.replace("\N{WORD JOINER}", "") == text.replace("\r", "\n")


@pytest.mark.parametrize("text", ["a::b", "tests/a.py::test_b", "# [x]", "#[derive]", "", "a : : b"])
def test_inert_leaves_harmless_text_unchanged(text: str) -> None:
    assert workflow_commands.inert(text) == text


def test_records_hold_any_value() -> None:
    values = {"a": "1", "empty": "", "lines": "x\ny<<EOF\nEOF=\n", "equals": "b=c"}
    assert workflow_commands.records(values, "D1") == (
        "a<<D1\n1\nD1\nempty<<D1\n\nD1\nlines<<D1\nx\ny<<EOF\nEOF=\n\nD1\nequals<<D1\nb=c\nD1\n"
    )


PLAIN = {
    "an error": (workflow_commands.error("50% done\nfailed", title="pytest (unit)"), "Error: 50% done\nfailed"),
    "a warning": (workflow_commands.warning("w"), "Warning: w"),
    "a failure": (
        workflow_commands.error("assert 0", title="a.py::t[1,2]", file="a.py", line=3),
        "Error: a.py:3: a.py::t[1,2]: assert 0",
    ),
    "after a traceback": (f"Traceback\n{workflow_commands.error('A bug.')}", "Traceback\nError: A bug."),
    "a test's command": (workflow_commands.inert("::error::x"), ":\N{WORD JOINER}:error::x"),
    "escapes of a test": (workflow_commands.error("%0A %25"), "Error: %0A %25"),
    "other text": ("pytest: success, 1 passed", "pytest: success, 1 passed"),
}


@pytest.mark.parametrize(("text", "expected"), PLAIN.values(), ids=PLAIN)
def test_log_outside_a_workflow_has_no_commands(text: str, expected: str) -> None:
    assert workflow_commands.plain(text) == expected
