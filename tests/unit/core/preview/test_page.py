from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from checks.core.preview import html_text, page
from checks.core.redaction.source_lines import SourceLines
from checks.core.text.ansi import visible
from tests.support.bodies import ATTACKS, annotation, check_run
from tests.support.rules import rule

ANY_TEXT = st.text(st.characters(codec=None), max_size=200) | st.sampled_from(sorted(ATTACKS.values()))
MARKDOWN_TAGS = {"a", "b", "blockquote", "br", "code", "del", "details", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr"}
MARKDOWN_TAGS |= {"i", "kbd", "li", "ol", "p", "pre", "s", "span", "strong", "sub", "summary", "sup", "ul", "wbr"}
MARKDOWN_TAGS |= {"table", "tbody", "td", "th", "thead", "tr"}


class Elements(HTMLParser):
    """The elements of a page, with their attributes, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.nodes: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.nodes.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    @property
    def structure(self) -> list[tuple[str, list[str]]]:
        """The elements and the names of their attributes, without the breaks and the weight that texts may have."""
        return [
            (tag, [*attributes])
            for tag, attributes in self.nodes
            if tag != "wbr" and (tag != "span" or attributes.get("class") not in html_text.CLASSES)
        ]

    @property
    def tags(self) -> list[str]:
        return [tag for tag, _ in self.nodes]

    def attributes(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.nodes if name == tag]


def rendered(
    run: dict[str, Any], annotations: Sequence[dict[str, Any]] = (), source_lines: SourceLines = lambda _: ()
) -> str:
    html = "".join(page.html(run, annotations, source_lines))
    assert html.encode()  # no lone surrogate is left
    return html


def summary_elements(markdown: str) -> Elements:
    """Return the elements of the page for a summary in Markdown."""
    html = rendered(check_run(summary=markdown))
    section = re.search(
        r'<section class="markdown markdown-body" aria-label="Summary">(.*?)</section>', html, re.DOTALL
    )
    assert section
    return Elements(section[1])


def filled_with(text: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return a run and an annotation with `text` in every untrusted field except Markdown."""
    action = {"label": text, "description": text, "identifier": text}
    fields = {"path": text, "message": text, "raw_details": text}
    return check_run(title=text, name=text, head_sha=text, actions=[action]), [annotation("failure", text, **fields)]


def page_filled_with(text: str) -> Elements:
    return Elements(rendered(*filled_with(text), lambda _: [text] * 9))


every_attack = pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())


@every_attack
def test_hostile_text_adds_no_element_and_is_shown_whole(attack: str) -> None:
    harmless, attacked = page_filled_with("x"), page_filled_with(attack)

    assert attacked.structure == harmless.structure
    assert attacked.text.count(visible(attack)) >= 6


@every_attack
def test_hostile_markdown_is_rendered_inert(attack: str) -> None:
    assert_inert(summary_elements(attack))


@every_attack
def test_markdown_cannot_leave_its_section(attack: str) -> None:
    harmless = Elements(rendered(check_run(summary="x", text="x")))

    attacked = Elements(rendered(check_run(summary=attack, text=f"{attack}\n\n{attack}")))

    assert list(filter(is_page_tag, attacked.tags)) == list(filter(is_page_tag, harmless.tags))


def is_page_tag(tag: str) -> bool:
    return tag not in MARKDOWN_TAGS


@given(ANY_TEXT, ANY_TEXT)
def test_any_markdown_is_rendered_inert(first: str, second: str) -> None:
    assert_inert(summary_elements(f"{first}\n\n{second}"))


@given(ANY_TEXT)
def test_any_text_is_rendered(text: str) -> None:
    rendered(*filled_with(text))
    "".join(page.markdown(*filled_with(text))).encode()


def assert_inert(elements: Elements) -> None:
    assert set(elements.tags) <= MARKDOWN_TAGS
    for tag, attributes in elements.nodes:
        assert set(attributes) <= {"href", "rel", "open", "start", "align", "class"}, tag
        assert set((attributes.get("class") or "").split()) <= html_text.CLASSES
        assert re.match("https?://|mailto:", attributes.get("href") or "https://")


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "//evil.test", "", "http"])
def test_job_link_requires_an_https_address(url: str) -> None:
    links = Elements(rendered(check_run(details_url=url))).attributes("a")

    assert [link["href"] for link in links] == ["check-run.json", "check-run.md"]


def test_policy_allows_only_the_style_sheet() -> None:
    html = rendered(check_run())

    (policy,) = [meta["content"] for meta in Elements(html).attributes("meta") if "http-equiv" in meta]
    assert re.fullmatch(
        r"default-src 'none'; style-src 'sha256-[\w+/]{43}='; img-src data:; base-uri 'none'; form-action 'none'",
        policy or "",
    )
    assert html.count("<style>") == 1
    assert "<script" not in html
    assert "style=" not in html


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("| a | b |\n|--:|:-:|\n| 1 | 2 |", '<td align="right">1</td>\n<td align="center">2</td>'),
        ("<details open><summary>a</summary>\n\n```\n<b>\n```\n\n</details>", "<pre><code>&lt;b&gt;\n</code></pre>"),
        ("~~gone~~ `a` **b**", "<p><s>gone</s> <code>a</code> <strong>b</strong></p>"),
        (
            "[a](https://github.com/o/r/blob/1/a.py#L7)",
            '<a href="https://github.com/o/r/blob/1/a.py#L7" rel="noopener noreferrer">a</a>',
        ),
    ],
    ids=["table", "details around code", "inline", "link to a line"],
)
def test_markdown_is_rendered(markdown: str, html: str) -> None:
    assert html in rendered(check_run(summary=markdown))


STATES = [
    "success",
    "failure",
    "neutral",
    "cancelled",
    "skipped",
    "timed_out",
    "action_required",
    "in_progress",
    "queued",
]


@pytest.mark.parametrize("state", STATES)
def test_each_state_has_a_word_and_an_icon(state: str) -> None:
    run = check_run(conclusion=state)
    if state in ("in_progress", "queued"):
        run = {key: value for key, value in run.items() if key not in ("conclusion", "completed_at")} | {
            "status": state
        }

    elements = Elements(rendered(run))

    assert state.replace("_", " ").capitalize() in elements.text
    assert {"href": f"#{state}"} in elements.attributes("use")
    assert state in [symbol["id"] for symbol in elements.attributes("symbol")]


@pytest.mark.parametrize("level", ["failure", "warning", "notice"])
def test_each_level_has_a_word_and_an_icon(level: str) -> None:
    elements = Elements(rendered(check_run(conclusion="success"), [annotation(level)]))

    assert level.capitalize() in elements.text
    assert {"href": f"#{level}"} in elements.attributes("use")
    assert level in [symbol["id"] for symbol in elements.attributes("symbol")]


def test_header_shows_name_title_commit_times_and_buttons() -> None:
    elements = Elements(rendered(check_run(title="3 failed in 1 m 12 s")))

    words = " ".join(elements.text.split())
    assert "pytest (unit) 3 failed in 1 m 12 s Failure 2026-11-23 03:49 UTC a1b2c3d Job Re-run failed" in words
    assert elements.attributes("button") == [
        {"type": "button", "disabled": None, "title": "Re-runs the failed tests"},
    ]


def test_newly_created_run_is_rendered() -> None:
    run = {"name": "pytest", "head_sha": "", "status": "in_progress", "started_at": "2026-11-23T03:49:00Z"}

    elements = Elements(rendered({**run, "output": {"title": "Starting", "summary": ""}}))

    assert "Annotations" not in elements.text
    assert "button" not in elements.tags


@pytest.mark.parametrize(("status", "refreshes"), [("queued", 1), ("in_progress", 1), ("completed", 0)])
def test_page_reloads_itself_until_the_run_is_completed(status: str, refreshes: int) -> None:
    html = rendered(check_run(status=status))

    assert html.count('<meta http-equiv="refresh" content="3">') == refreshes
    assert ("reloads itself" in html) is bool(refreshes)


def test_annotated_line_is_shown_with_the_lines_around_it() -> None:
    files = {"a.py": [f"line_{number} = 1" for number in range(1, 10)], "b.py": ["only"]}
    annotations = [
        annotation("failure", path="a.py", line=7),
        annotation("failure", path="a.py", line=7),
        annotation("warning", path="b.py", line=2),
    ]

    html = rendered(check_run(), annotations, files.__getitem__)

    (code,) = re.findall(r'<pre class="code">(.*?)</pre>', html, re.DOTALL)
    assert code == (
        "\n  5  line_5 = 1\n  6  line_6 = 1\n"
        '<span class="pl-mc">&gt; 7  line_7 = 1</span>\n  8  line_8 = 1\n  9  line_9 = 1'
    )


def test_each_file_is_read_once() -> None:
    read: list[str] = []
    annotations = [annotation(level, path=path) for path in "ab" for level in ("failure", "notice", "notice")]

    def source_lines(path: str) -> list[str]:
        read.append(path)
        return []

    rendered(check_run(), annotations, source_lines)

    assert read == ["a", "b"]


@rule("Limits: the page of a preview")
@pytest.mark.parametrize("raw_bytes", [100, 3_000, pytest.param(10_000, marks=pytest.mark.slow)])
def test_five_thousand_annotations_fit_the_page(raw_bytes: int) -> None:
    lines = "a.py:7: in test\n    source\n  > assert value\n      value = 1\nE   AssertionError\n"
    raw_details = lines * (raw_bytes // len(lines))
    annotations = [
        annotation("failure", f"tests/test_{number}.py::test_total[{number}]", line=number, raw_details=raw_details)
        for number in range(1, 5_001)
    ]

    html = rendered(check_run(), annotations, lambda _: ["assert total(cart) == 1"] * 5_000)

    assert 2_500_000 < len(html.encode()) <= 5_000_000
    assert html.count("<li><p") == 5_000
    assert html.count("> 4999  assert".replace(">", "&gt;")) == 1
    assert ("… truncated: " in html) is (raw_bytes > 100)


def test_large_details_are_truncated_and_small_ones_are_not() -> None:
    annotations = [annotation("failure", raw_details="x" * size) for size in [1_000] * 99 + [64_000] * 99]

    shown = re.findall("<pre>\n(.*?)</pre>", rendered(check_run(), annotations), re.DOTALL)

    assert [details for details in shown if len(details) == 1_000] == ["x" * 1_000] * 99
    assert sum("… truncated: " in details for details in shown) == 99


def in_order(text: str, words: Iterable[str]) -> list[str]:
    """Return the words in the order in which the text has them."""
    return sorted(words, key=text.index)


def test_files_and_annotations_are_sorted_by_severity() -> None:
    annotations = [
        annotation("notice", "cherry", path="a.py", line=1),
        annotation("notice", "pear", path="z.py", line=1),
        annotation("warning", "plum", path="z.py", line=9),
        annotation("failure", "fig", path="z.py", line=8),
        annotation("failure", "grape", path="z.py", line=7),
        annotation("warning", "melon", path="b.py", line=2),
    ]
    expected = ["grape", "fig", "plum", "pear", "melon", "cherry"]

    body = rendered(check_run(), annotations).partition("</style>")[2]
    for text in (Elements(body).text, "".join(page.markdown(check_run(), annotations))):
        assert in_order(text, expected) == expected
        assert in_order(text, ["z.py", "b.py", "a.py"]) == ["z.py", "b.py", "a.py"]


def test_notices_are_collapsed() -> None:
    annotations = [annotation("failure"), annotation("notice"), annotation("notice", path="b.py")]

    details = Elements(rendered(check_run(), annotations)).attributes("details")

    assert details == [
        {"class": "file has-failure has-notice", "open": None},
        {"class": "quiet"},
        {"class": "file has-notice"},
    ]


def test_levels_can_be_chosen_with_their_counts() -> None:
    elements = Elements(rendered(check_run(), [annotation("failure"), *[annotation("notice")] * 1200]))

    assert [choice["id"] for choice in elements.attributes("input")] == ["only-all", "only-failure", "only-notice"]
    assert "All 1,201" in elements.text
    assert "Notices 1,200" in elements.text


def test_raw_details_are_shown_unchanged() -> None:
    raw = "\n  first\n\n\tsecond <b>\nE   third\n"

    assert raw in Elements(rendered(check_run(), [annotation("failure", raw_details=raw)])).text


def test_markdown_has_title_summary_text_and_annotations() -> None:
    run = check_run(title="2 failed", summary="| a |\n|---|\n", text="Text.\n")
    annotations = [
        annotation("failure", raw_details="one\ntwo ``` three\n"),
        annotation("notice", "a `b`", message="x"),
    ]

    assert "".join(page.markdown(run, annotations)) == (
        "# 2 failed\n\n| a |\n|---|\n\nText.\n\n## Annotations (2)\n\n### `tests/test_a.py`\n\n"
        "- **failure**, line 7\n  `tests/test_a.py::test_x`\n  `AssertionError: assert 1 == 2`\n"
        "  ````\n  one\n  two ``` three\n  ````\n"
        "- **notice**, line 7\n  `` a `b` ``\n  `x`\n"
    )


@every_attack
def test_hostile_annotation_stays_one_list_item_in_markdown(attack: str) -> None:
    _, annotations = filled_with(attack)

    source = "".join(page.markdown(check_run(), annotations))

    tokens = MarkdownIt("commonmark").parse(source[source.index("## Annotations") :])
    top_level = [token.type for token in tokens if token.level == 0]
    assert [kind for kind in top_level if kind != "inline"] == [
        *["heading_open", "heading_close"] * 2,
        "bullet_list_open",
        "bullet_list_close",
    ]
    inline = [child.type for token in tokens for child in token.children or ()]
    assert set(inline) <= {"text", "code_inline", "softbreak", "strong_open", "strong_close"}
    assert not [token.type for token in tokens if token.type.startswith("html")]
