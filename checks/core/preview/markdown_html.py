"""Untrusted Markdown as safe HTML, as GitHub renders it."""

from __future__ import annotations

from markdown_it import MarkdownIt
from nh3 import Cleaner

from ..text.ansi import visible
from . import html_text


def _highlighted(code: str, language: str, _attributes: str) -> str:
    """Return the code block's lines as HTML; empty for languages that are not highlighted."""
    return html_text.diff(code) if language == "diff" else ""


_MARKDOWN = (
    MarkdownIt("commonmark", {"html": True, "highlight": _highlighted})
    .enable(["table", "strikethrough"])
    .disable("image")
)

# GitHub's own allow-list (https://github.com/gjtorikian/html-pipeline), without elements that load, style or act.
_BLOCKS = {"blockquote", "details", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "summary", "ul"}
_TABLES = {"table", "tbody", "td", "th", "thead", "tr"}
_WORDS = {"a", "b", "br", "code", "del", "em", "i", "kbd", "s", "span", "strong", "sub", "sup"}
_CLEANER = Cleaner(
    tags=_BLOCKS | _TABLES | _WORDS,
    attributes={"a": {"href"}, "details": {"open"}, "ol": {"start"}, "td": {"align"}, "th": {"align"}},
    allowed_classes={"span": html_text.CLASSES},
    url_schemes={"http", "https", "mailto"},
    url_relative="deny",
)


def render(source: str) -> str:
    """Return safe HTML of untrusted Markdown."""
    tokens = _MARKDOWN.parse(visible(source))
    for token in tokens:
        if "style" in token.attrs:  # of a table cell; the page's CSP forbids style attributes
            token.attrs = {"align": str(token.attrs["style"]).removeprefix("text-align:")}
    html = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})
    return html_text.with_breakable_code(_CLEANER.clean(html))
