"""Comments -> commands, also of people who try to hide some, and the time that takes."""

from __future__ import annotations

from functools import partial

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from checks.core.comment_commands.command import CommentCommand
from checks.core.comment_commands.names import KnownCheck, NamedCheck, is_blank, resolve
from checks.core.comment_commands.parse import MAX_COMMANDS, parse_comment
from checks.core.text.escape import one_line
from checks.core.text.quoted_name import quoted_name
from tests.support.growth import cpu_seconds, is_linear

FULL = 65_536


def shown(command: CommentCommand) -> str:
    """Return ``pass <quoted name> text``, with ``?`` for an unknown verb and ``!`` for a problem."""
    if command.verb is None:
        return "?"
    name = f"<{command.name}>" if command.name else ""
    return " ".join(filter(None, [command.verb.value, name, command.rest, "!" if command.problem else ""]))


def filled(unit: str) -> str:
    """Return a text as long as a comment may be."""
    return (unit * (FULL // len(unit) + 1))[:FULL]


#: What a comment says, and its commands.
COMMENTS: list[tuple[str, str, list[str]]] = [
    ("pass", "/check pass device", ["pass device"]),
    ("fail with a reason", "/check fail device no sound", ["fail device no sound"]),
    ("rerun", "/check rerun unit failed", ["rerun unit failed"]),
    ("list", "/check list", ["list"]),
    ("help and more", "/check help me please", ["help"]),
    ("any case", "/CHECK Pass Device", ["pass Device"]),
    ("several", "/check pass a\n/check fail b\n\n/check list", ["pass a", "fail b", "list"]),
    ("among text", "Looks good.\n/check pass a\nThanks!", ["pass a"]),
    ("among text without a blank line, then text", "/check pass a\nas I said", ["pass a"]),
    ("CRLF", "/check pass a\r\n/check fail b\r\n", ["pass a", "fail b"]),
    ("CR", "/check pass a\r/check fail b", ["pass a", "fail b"]),
    ("tabs", "/check\tpass\ta\tseen", ["pass a\tseen"]),
    ("no-break spaces", "/check\u00a0pass\u00a0a", ["pass a"]),
    ("blanks around", "  /check   pass   a  ", ["pass a"]),
    ("trailing blanks and a hard break", "/check pass a  \n/check fail b\\\n/check list", ["pass a", "fail b", "list"]),
    ("no verb", "/check", ["?"]),
    ("unknown verb", "/check approve a", ["?"]),
    ("unknown verb that begins as one", "/check passes a", ["?"]),
    ("verb as code", "/check `pass` a", ["?"]),
    ("no name", "/check pass", ["pass !"]),
    ("invisible name", "/check pass \u200b\u2060", ["pass \u200b\u2060 !"]),
    ("empty quoted name", "/check pass ''", ["pass !"]),
    ("another word", "/checks pass a", []),
    ("a word that begins so", "/checkpass a", []),
    ("a colon", "/check: pass a", []),
    ("a path", "/check/pass", []),
    (
        "an e-mail that quotes a notification without marks",
        "No.\n\nFrom: mallory\n\n/check pass a\n\n—\nReply to this email directly, view it on GitHub, or unsubscribe.",
        [],
    ),
    ("code without a blank", "/check`pass`", []),
    ("in the middle of a line", "please /check pass a", []),
    ("a mention before it", "@octocat /check pass a", []),
    ("an invisible character before it", "\u200b/check pass a", []),
    ("escaped", "\\/check pass a", []),
    ("escaped, beside a command", "\\/check pass a\n/check pass b\n&#47;check pass c", ["pass b"]),
    ("as an entity", "&#47;check pass a", []),
    ("formatted", "**/check pass a**", []),
    ("a link's text", "[/check pass a](https://example.com)", []),
    ("single quotes", "/check pass 'pytest (device lab)' seen", ["pass <pytest (device lab)> seen"]),
    ("double quotes", '/check pass "pytest (device)"', ["pass <pytest (device)>"]),
    ("typographic quotes", "/check pass “device lab” it’s fine", ["pass <device lab> it’s fine"]),
    ("German quotes", "/check pass „device lab“ gut", ["pass <device lab> gut"]),
    ("French quotes", "/check pass « device lab » bien", ["pass < device lab > bien"]),
    ("code as quotes", "/check pass `pytest (device)` seen", ["pass <pytest (device)> seen"]),
    ("code with backticks", "/check pass `` a`b ``", ["pass <a`b>"]),
    ("code that is the reason", "/check pass a see `x*y`", ["pass a see `x*y`"]),
    ("an apostrophe in quotes", "/check pass 'it's fine' ok", ["pass <it's fine> ok"]),
    ("an unclosed quote", "/check pass 'device lab", ["pass !"]),
    ("an unclosed code span", "/check pass `device lab", ["pass `device lab"]),
    ("a commit", "/check pass a @c0ffee1 seen", ["pass a @c0ffee1 seen"]),
    ("underscores and asterisks", "/check pass test_*_a_ *b* __c__", ["pass test_*_a_ *b* __c__"]),
    ("angle brackets", "/check pass list<int> & <b>x</b>", ["pass list<int> & <b>x</b>"]),
    ("square brackets", "/check pass test_a[1-x] [y]", ["pass test_a[1-x] [y]"]),
    ("a regular expression", "/check pass .*", ["pass .*"]),
    ("a regular expression, quoted", "/check pass '^(a|b)+$'", ["pass <^(a|b)+$>"]),
    ("a regular expression as code", r"/check pass `\d+\.\w`", [r"pass <\d+\.\w>"]),
    ("a link in the reason", "/check pass a see [it](https://x.test/1)", ["pass a see [it](https://x.test/1)"]),
    ("an address in the reason", "/check pass a <https://x.test/1>", ["pass a <https://x.test/1>"]),
    ("an image in the reason", "/check pass a ![it](https://x.test/1.png)", ["pass a ![it](https://x.test/1.png)"]),
    ("a mention and a number in the reason", "/check fail a see @octocat #12", ["fail a see @octocat #12"]),
    ("an escape in the name", "/check pass a\\_b", ["pass a_b"]),
    ("an entity in the name", "/check pass a&amp;b", ["pass a&b"]),
    ("hidden text in a line", "/check pass a<!-- b --> c", ["pass a c"]),
    ("a fence", "```\n/check pass a\n```", []),
    ("a fence with a language", "```console\n/check pass a\n```\n/check fail b", ["fail b"]),
    ("a fence of tildes", "~~~\n/check pass a\n~~~", []),
    ("an unclosed fence", "```\n/check pass a", []),
    ("a fence inside a longer one", "````\n```\n/check pass a\n````\n/check fail b", ["fail b"]),
    ("backticks that are no fence", "``` a ```\n/check pass a", ["pass a"]),
    ("indented code", "    /check pass a", []),
    ("indented by a tab", "\t/check pass a", []),
    ("indented inside a paragraph", "text\n    /check pass a", ["pass a"]),
    ("a code span over lines", "`x\n/check pass a`", []),
    ("a code span before it", "`x`\n/check pass a", ["pass a"]),
    ("a quote", "> /check pass a", []),
    ("a quoted reply and an own command", "> @mallory wrote:\n> /check fail a\n\n/check pass a", ["pass a"]),
    ("a quote's lazy line", "> quoted\n/check pass a", []),
    ("nested quotes", "> > /check pass a\n>\n> /check pass b", []),
    ("a list", "- /check pass a\n- /check pass b", []),
    ("a numbered list", "1. /check pass a", []),
    ("a list's lazy line", "- text\n/check pass a", []),
    ("a task list", "- [ ] /check pass a", []),
    ("a table", "| a |\n|---|\n| /check pass a |", []),
    ("a table's row without pipes", "| a |\n|---|\n/check pass a", []),
    ("a heading", "# /check pass a", []),
    ("an underlined heading", "/check pass a\n===", []),
    ("an HTML comment", "<!-- /check pass a -->", []),
    ("an HTML comment over lines", "<!--\n/check pass a\n-->", []),
    ("an unclosed HTML comment", "<!--\n/check pass a", []),
    ("an HTML comment in a paragraph", "text <!-- x\n/check pass a -->", []),
    ("an HTML block", "<details>\n/check pass a\n</details>", []),
    ("after an HTML block", "<details>\n\n/check pass a\n\n</details>", ["pass a"]),
    ("a tag over lines", "text <a title='\n/check pass a'>x</a>", []),
    ("a title of a link over lines", "[x](y 'z\n/check pass a')", []),
    ("a link's definition", "[x]: y 'z\n/check pass a'", []),
    ("direction marks", "/check pass \u202ea\u202c\u200e", ["pass \u202ea\u202c\u200e"]),
    ("invisible characters in the verb", "/check pa\u200bss a", ["pass a"]),
    ("a letter that looks the same", "/check p\u0430ss a", ["?"]),
    ("a slash that looks the same", "\u2215check pass a", []),
    ("a null character", "/check pass a\0b", ["pass a\ufffdb"]),
    ("line separators", "/check pass a\u2028/check fail b", ["pass a\u2028/check fail b"]),
    ("nothing", "", []),
    ("ten commands", "/check list\n" * 10, ["list"] * 10),
    ("a name of full length", f"/check pass {'x' * (FULL - 12)}", [f"pass {'x' * (FULL - 12)}"]),
]


@pytest.mark.parametrize(("comment", "expected"), [row[1:] for row in COMMENTS], ids=[row[0] for row in COMMENTS])
def test_comment_has_commands(comment: str, expected: list[str]) -> None:
    parsed = parse_comment(comment)
    assert [shown(command) for command in parsed.commands] == expected
    assert parsed.surplus == 0


@pytest.mark.parametrize(("number", "surplus"), [(11, 1), (9_000 // 12, 740)])
def test_more_than_ten_commands_are_counted(number: int, surplus: int) -> None:
    parsed = parse_comment("/check list\n" * number)
    assert (len(parsed.commands), parsed.surplus) == (MAX_COMMANDS, surplus)


#: Repeated, these take a parser of Markdown the most time.
HOSTILE = [
    *("> ", "> a\nb\n", "- ", "[", "![", "[a](", "[a]: b\n", "`", "`a ", "*a ", "**a *b ", "<!-- ", "<a ", "&", "\\"),
    *("```\n", "| a |\n", "/check pass 'a \n", "/check pass a ", "\u202e", "@c0ffee1 "),
]


@pytest.mark.parametrize("unit", HOSTILE)
def test_hostile_comment_takes_linear_time(unit: str) -> None:
    def parse(size: int) -> None:
        parse_comment("/check pass a\n\n/check pass " + filled(unit)[:size])

    assert is_linear(*(cpu_seconds(partial(parse, size)) for size in (FULL // 4, FULL // 2)))


@settings(max_examples=50)
@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=40))
def test_written_name_is_read_back(name: str) -> None:
    assume(not is_blank(one_line(name)))
    check = KnownCheck(name=one_line(name), category="", is_manual=True)
    (command,) = parse_comment(f"/check pass {quoted_name(name)} the reason").commands
    assert resolve(command, [check]) == NamedCheck(check=check, rest="the reason")
