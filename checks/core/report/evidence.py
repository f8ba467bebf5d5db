"""What a failure's collapsible shows: the traceback, and the properties that the test recorded (`record_property`)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from html import escape

from ..model.item import Details
from ..text.escape import code
from .traceback_fence import traceback_fence

Properties = Sequence[tuple[str, str]]

_NAME_CHARACTERS = 30
#: What browsers and GitHub take as one address, whatever it contains otherwise.
_LINK = re.compile(r"https://[^\s<>\"'`\\\x00-\x1f\x7f-\x9f…]{4,2000}")


def render(details: Details) -> Callable[[str], str]:
    """Return a function that returns the Markdown of a traceback with the recorded properties below it."""
    properties = markdown(details.properties)
    return lambda traceback: f"{traceback_fence(traceback)}\n\n{properties}".rstrip()


def table(properties: Properties) -> str:
    """Return a line of plain text for each property; further lines of a value are aligned with its first."""
    width = min(max((len(name) for name, _ in properties), default=0), _NAME_CHARACTERS)
    indent = "\n" + " " * (width + 2)
    return "\n".join(f"{name:{width}}  {value}".rstrip().replace("\n", indent) for name, value in properties)


def markdown(properties: Properties) -> str:
    """Return a table in HTML, in which no text of a property is Markdown; values that are https links are links."""
    rows = [f"<tr><td>{code(name)}</td> <td>{_value(value)}</td></tr>" for name, value in properties]
    return "\n".join(["<table>", *rows, "</table>"]) if rows else ""


def _value(value: str) -> str:
    return f'<a href="{escape(value)}">{code(value)}</a>' if _LINK.fullmatch(value) else code(value)
