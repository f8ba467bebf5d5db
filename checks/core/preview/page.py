"""The pages of a preview: a check run as HTML and as Markdown, rendered from its request bodies.

Bodies are GitHub's JSON (https://docs.github.com/rest/checks/runs), so the pages show texts truncated as on GitHub. The
HTML runs no scripts and loads nothing from the network, even if names, messages or output of the tests contain HTML.
"""

from __future__ import annotations

from base64 import b64encode
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from textwrap import indent
from typing import Any, Protocol

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markdown_it import MarkdownIt
from nh3 import Cleaner

from ..text.ansi import visible
from ..text.escape import code_span, fence

#: A request's body, or an annotation of one.
Body = Mapping[str, Any]

_LEVELS = ("failure", "warning", "notice")


class Annotations(Protocol):
    """All annotations in the order they were sent; read one by one, so they need not be in memory."""

    def __len__(self) -> int: ...

    def __getitem__(self, position: int, /) -> Body: ...


def html(run: Body, annotations: Annotations) -> Iterator[str]:
    """Yield the page in pieces; `run` is the merge of all bodies so far."""
    files = _files(annotations)
    output = run["output"]
    return _PAGE.generate(
        run=run,
        state=run.get("conclusion") or run["status"],
        elapsed=_elapsed(run),
        summary=_render(output["summary"]),
        text=_render(output.get("text", "")),
        files=files,
        counts={level: sum(len(file.positions[level]) for file in files) for level in _LEVELS},
        annotations=annotations,
    )


def markdown(run: Body, annotations: Annotations) -> Iterator[str]:
    """Yield the Markdown in pieces: title, summary and text, then a list of the annotations."""
    output = run["output"]
    for part in (f"# {output['title']}", output["summary"], output.get("text", "")):
        if part:
            yield visible(part).strip() + "\n\n"
    if annotations:
        yield f"## Annotations ({len(annotations)})\n"
    for file in _files(annotations):
        yield f"\n### {code_span(file.path)}\n\n"
        for position in file.prominent + file.hidden:
            yield _list_item(annotations[position])


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    """The positions of one file's annotations, by level and in the order of their lines."""

    path: str
    positions: Mapping[str, list[int]]

    @property
    def prominent(self) -> list[int]:
        """Failures, then warnings, which the page shows at once."""
        return self.positions["failure"] + self.positions["warning"]

    @property
    def hidden(self) -> list[int]:
        """Notices, which are collapsed."""
        return self.positions["notice"]


def _files(annotations: Annotations) -> list[_File]:
    """Return the files, those with failures first, then those with warnings; each group by path."""
    indexed = ((position, annotations[position]) for position in range(len(annotations)))
    entries = [
        (annotation["start_line"], position, annotation["path"], annotation["annotation_level"])
        for position, annotation in indexed
    ]
    positions: dict[str, dict[str, list[int]]] = defaultdict(lambda: {level: [] for level in _LEVELS})
    for _, position, path, level in sorted(entries):
        positions[path][level].append(position)
    files = [_File(path=path, positions=levels) for path, levels in positions.items()]
    return sorted(files, key=lambda file: (not file.positions["failure"], not file.positions["warning"], file.path))


def _list_item(annotation: Body) -> str:
    """Return an annotation as an item of a Markdown list."""
    message, raw_details = annotation["message"], annotation.get("raw_details", "")
    lines = [
        f"**{annotation['annotation_level']}**, line {annotation['start_line']}",
        code_span(annotation.get("title", "")),
        fence(message) if "\n" in message else code_span(message),
        fence(raw_details) if raw_details else "",
    ]
    return "- " + indent("\n".join(filter(None, lines)), "  ").lstrip() + "\n"


# --- HTML

_MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).disable("image")

# GitHub's own allow-list (https://github.com/gjtorikian/html-pipeline), without elements that load, style or act.
_BLOCKS = {"blockquote", "details", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "summary", "ul"}
_TABLES = {"table", "tbody", "td", "th", "thead", "tr"}
_WORDS = {"a", "b", "br", "code", "del", "em", "i", "kbd", "s", "strong", "sub", "sup"}
_CLEANER = Cleaner(
    tags=_BLOCKS | _TABLES | _WORDS,
    attributes={"a": {"href"}, "details": {"open"}, "ol": {"start"}, "td": {"align"}, "th": {"align"}},
    url_schemes={"http", "https", "mailto"},
    url_relative="deny",
)


def _render(source: str) -> str:
    """Return safe HTML of untrusted Markdown."""
    tokens = _MARKDOWN.parse(visible(source))
    for token in tokens:
        if "style" in token.attrs:  # of a table cell; the page's CSP forbids style attributes
            token.attrs = {"align": str(token.attrs["style"]).removeprefix("text-align:")}
    return _CLEANER.clean(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {}))


def _elapsed(run: Body) -> timedelta | None:
    """Return how long the run took; None while it runs."""
    if "completed_at" not in run:
        return None
    return datetime.fromisoformat(run["completed_at"]) - datetime.fromisoformat(run["started_at"])


def _page() -> Template:
    """Return the template with its style sheet and a CSP that allows only this style sheet."""
    environment = Environment(
        loader=PackageLoader(__package__, ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: visible(value) if type(value) is str else value,
    )
    css = environment.get_template("page.css").render()
    digest = b64encode(sha256(css.encode()).digest()).decode()
    environment.globals["css"] = css
    # https://developer.mozilla.org/docs/Web/HTTP/Guides/CSP; the icon of the tab is a data: URL
    allowed = f"style-src 'sha256-{digest}'; img-src data:"
    environment.globals["policy"] = f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'"
    return environment.get_template("page.html.j2")


_PAGE = _page()
