"""The input `instructions`: Markdown, or the path of a file with it."""

from __future__ import annotations

from posixpath import isabs, normpath

from ..model.errors import CheckError, Problem
from ..text.amounts import pluralize
from ..text.ansi import visible
from ..text.truncate import size_bytes, truncate_characters

#: What a check's text (`limits.OUTPUT_TEXT_BYTES`) holds beside the longest record that a request can leave there.
MOST_BYTES = 56 * 1024
MISSING = "*The workflow gives no instructions for this check.*"
_ENDINGS = (".md", ".markdown", ".txt")
_SHOWN_CHARACTERS = 100
_INPUT = "Input `instructions`"


def path_of(value: str) -> str:
    """Return the path that the value may be, relative to the workspace and inside it; else an empty string."""
    path = normpath(value)
    is_inside = not isabs(path) and path.split("/")[0] not in ("..", ".")
    return path if is_inside and len(value.splitlines()) == 1 else ""


def names_file(value: str) -> bool:
    """Whether the value is meant as a path, so that a file that is missing is a mistake."""
    return len(value.splitlines()) == 1 and value.lower().endswith(_ENDINGS)


def missing_file(value: str) -> CheckError:
    """Return the error for a file that is missing."""
    path = truncate_characters(value, _SHOWN_CHARACTERS)
    return CheckError(
        Problem(
            what=_INPUT,
            why=f"the workspace has no file {path}. One line that ends in {', '.join(_ENDINGS)} is a path.",
            remedy="Give the path relative to the workspace, such as docs/device.md. In a workflow, check out the "
            "repository before this step.",
        )
    )


def checked(text: str) -> str:
    """Return the text that the check has; `MISSING` for none. Raises `CheckError` if the check cannot hold it."""
    size = size_bytes(visible(text))
    if size > MOST_BYTES:
        raise CheckError(
            Problem(
                what=_INPUT,
                why=f"they have {pluralize(size, 'byte')}, and the text of a check has room for {MOST_BYTES:,}.",
                remedy="Shorten them, or link to a page with the details.",
            )
        )
    return text.strip() or MISSING
