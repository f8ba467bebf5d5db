"""The pages of a preview: a check run as HTML and as Markdown, rendered from its request bodies.

Bodies are GitHub's JSON (https://docs.github.com/rest/checks/runs), so the pages show texts truncated as on GitHub. The
HTML runs no scripts and loads nothing from the network, even if names, messages or output of the tests contain HTML.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from textwrap import indent

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from ..history import record_line
from ..redaction.source_lines import SourceLines
from ..text.ansi import visible
from ..text.escape import code_span, fence
from . import html_text, markdown_html
from .annotated_files import LEVELS, Annotations, Body, annotated_files, room_for, shown

#: A browser shows the first screen of such a page within a second. Annotations are truncated to fit.
_PAGE_BYTES = 5_000_000
#: The markup around summary, text and annotations.
_FRAME_BYTES = 200_000
#: How often the page reloads itself until the check run is completed.
_REFRESH_SECONDS = 3


def html(run: Body, annotations: Annotations, source_lines: SourceLines = lambda _: ()) -> Iterator[str]:
    """Yield the page in pieces; `run` is the merge of all bodies so far. The source of each file is read once."""
    output = run["output"]
    summary, text = markdown_html.render(output["summary"]), markdown_html.render(_text(output))
    files = annotated_files(annotations)
    room = room_for(annotations, _PAGE_BYTES - _FRAME_BYTES - len(summary.encode()) - len(text.encode()))
    return _PAGE.generate(
        run=run,
        state=run.get("conclusion") or run["status"],
        refresh_seconds=None if run["status"] == "completed" else _REFRESH_SECONDS,
        summary=summary,
        text=text,
        files=files,
        counts={level: sum(len(file.positions[level]) for file in files) for level in LEVELS},
        annotations=annotations,
        source_lines=source_lines,
        shown=lambda positions, lines: shown(annotations, positions, lines, room),
    )


def markdown(run: Body, annotations: Annotations) -> Iterator[str]:
    """Yield the Markdown in pieces: title, summary and text, then a list of the annotations."""
    output = run["output"]
    for part in (f"# {output['title']}", output["summary"], _text(output)):
        if part:
            yield visible(part).strip() + "\n\n"
    if annotations:
        yield f"## Annotations ({len(annotations)})\n"
    for file in annotated_files(annotations):
        yield f"\n### {code_span(file.path)}\n\n"
        for position in file.prominent + file.hidden:
            yield _list_item(annotations[position])


def _text(output: Body) -> str:
    """Return the text without what only later runs read."""
    return record_line.split(output.get("text", ""))[0]


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


def _page() -> Template:
    """Return the template with its style sheets and a CSP that allows only these."""
    loader = PackageLoader(__package__, "")
    environment = Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: visible(value) if type(value) is str else value,
    )
    sheets = ("github-markdown-css-5.9.0/github-markdown.css", "page.css")
    css = "\n".join(loader.get_source(environment, name)[0] for name in sheets)
    digest = b64encode(sha256(css.encode()).digest()).decode()
    # https://developer.mozilla.org/docs/Web/HTTP/Guides/CSP; the icon of the tab is a data: URL
    allowed = f"style-src 'sha256-{digest}'; img-src data:"
    environment.globals |= {
        "css": css,
        "policy": f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'",
    }
    environment.filters["breakable"] = html_text.breakable
    return environment.get_template("page.html.j2")


_PAGE = _page()
