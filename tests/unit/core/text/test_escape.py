import re
from collections.abc import Callable

import pytest
from hypothesis import given

from checks.core.text.ansi import visible
from checks.core.text.escape import code, code_span, fence, one_line, prose
from tests.support.any_session import TEXTS
from tests.support.rendered import Page
from tests.support.rules import rule

NASTY = [
    "@octocat and @org/team",
    "#12, GH-12, octocat/repo#12 and 0123456789abcdef0123456789abcdef01234567",
    "https://example.org www.example.org mail@example.org",
    "https://github.com/octocat/repo/pull/12#issue-1 http://ghe.test/o/r/issues/1 (https://a.test/o/r/commit/0123456)",
    "<script>alert(1)</script> <img src=x onerror=alert(1)> </summary></details> <!-- <![CDATA[",
    "&lt; &amp; &#64; &copy;",
    "**bold** _it_ __init__ ~~gone~~ [a](b) ![a](b) [x]: y \\* :tada: $x$",
    "| a | b |",
    "` `` ``` ```` ~~~",
    "`",
    "`@octocat`",
    "a`@octocat",
    "% \r \n , : ::error::",
    "one\n\ntwo\n    three\n# four\n- five\n===",
    "```\n</details>\n```",
    "\x00 \x1b[31mred\x1b[0m \ud800 \u202e",
    "😀 é 中",
    " blanks ",
    "x" * 100_000,
]
every_nasty_string = pytest.mark.parametrize("text", NASTY, ids=lambda text: ascii(text[:30]))


@rule("Characters: Markdown, HTML, @name, #12, links, commits in IDs, messages and reasons")
@pytest.mark.parametrize(
    "in_page",
    [
        pytest.param(lambda text: f"Text {code_span(text)} text.", id="code span in a paragraph"),
        pytest.param(lambda text: f"- 3 × {code_span(text)}\n- and more", id="code span in a list"),
        pytest.param(lambda text: f"<details><summary>{code(text)}</summary>\n\nText.\n\n</details>", id="summary"),
        pytest.param(lambda text: f'<p><a href="x">{code(text)}</a> text</p>', id="link"),
    ],
)
@every_nasty_string
def test_code_in_a_line_shows_only_the_text(in_page: Callable[[str], str], text: str) -> None:
    page, plain = Page(in_page(text)), Page(in_page("plain"))
    assert page.code == [one_line(text)]
    assert (page.tags, page.links, page.prose) == (plain.tags, plain.links, plain.prose)
    assert page.is_balanced


@rule("Characters: Markdown and the like in tracebacks and output")
@every_nasty_string
def test_fence_shows_only_the_text(text: str) -> None:
    page = Page(f"<details><summary>Text</summary>\n\n{fence(text)}\n\n</details>")
    assert page.code == [visible(text).strip("\n") + "\n"]
    assert page.tags == ["details", "summary", "pre", "code"]
    assert page.is_balanced


@rule("Characters: Markdown and the like in the action's own sentences (a branch's name)")
@every_nasty_string
def test_prose_adds_no_format_link_or_mention(text: str) -> None:
    page = Page(f"Text {prose(text)}")
    assert set(page.tags) <= {"p", "code"}
    assert not re.search(r"[@#]\w|GH-\d|https?://\S+/(?:issues|pull|commit)/", page.prose)
    assert page.is_balanced


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain words: 1, 2.", "plain words: 1, 2."),
        ("Check out `ref: ${{ github.sha }}`.", "Check out `ref: ${{ github.sha }}`."),
        ("merge into release_1 by @octocat, see #12", "merge into release\\_1 by @\u200boctocat, see #\u200b12"),
        ("a < b && c > d", "a \\< b \\&\\& c \\> d"),
        ("&lt; is &#64;", "\\&lt; is \\&#\u200b64;"),
        ("50 % of $5", "50 % of \\$5"),
        ("see GH-12 and gh-7, GHE-12", "see GH\u200b-12 and gh\u200b-7, GHE-12"),
        ("https://github.com/o/r/issues/1", "https:\u200b//github.com/o/r/issues/1"),
        ("https://docs.github.com/rest/checks/runs", "https://docs.github.com/rest/checks/runs"),
    ],
)
def test_prose_keeps_words_and_code(text: str, expected: str) -> None:
    assert prose(text) == expected


@pytest.mark.parametrize("text", ["", " \n\t "])
def test_code_span_of_blank_text_is_empty(text: str) -> None:
    assert code_span(text) == ""


@given(TEXTS)
def test_code_and_fence_show_any_text_unchanged(text: str) -> None:
    assert Page(f"Text {code_span(text)} text.").code == ([one_line(text)] if one_line(text) else [])
    assert Page(f"<p>{code(text)}</p>").code == [one_line(text)]
    assert Page(fence(text)).code == [visible(text).strip("\n") + "\n"]
