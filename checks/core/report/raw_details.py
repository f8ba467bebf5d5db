"""The raw details of a failure's annotation.

The first paragraph is the title, the second the number of the failure's cause, the third the owners if there are any.
Traceback, recorded properties and output follow::

    tests/test_cart.py::test_total (in setup)

    Cause 2

    Owners: @octo/shop

    tests/conftest.py:12: in cart
    …

    ----- Captured stdout setup -----
    …
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..model.item import Details, Section, Stage, StageName
from . import evidence
from .owners import owners_text

_RECORDED_PROPERTIES = "Recorded properties"
_STAGES = (StageName.SETUP, StageName.TEARDOWN)
_STAGE = re.compile(rf" \(in ({'|'.join(_STAGES)})\)$")
_HEADER = re.compile(r"(?:Cause ([1-9]\d{0,8})\n\n)?(?:Owners: ([^\n]+)\n\n)?")
_SECTION = re.compile(r"(?:\A|\n\n)----- (.+) -----\n")


def compose(title: str, details: Details, *, cause: int = 0, owners: Sequence[str] = ()) -> str:
    """Return the raw details; `cause` is 0 for what is no failure."""
    texts = sections(details.properties, details.captured)
    blocks = [f"----- {section.title} -----\n{section.text}" for section in texts if section.text]
    facts = [f"Cause {cause}" if cause else "", f"Owners: {owners_text(owners)}" if owners else ""]
    # Blanks at the end belong to a title. Without them, a long one would stand in front of this once more.
    return "\n\n".join([title.rstrip("\n"), *(part.rstrip() for part in (*facts, details.traceback, *blocks) if part)])


def sections(properties: evidence.Properties, captured: tuple[Section, ...]) -> tuple[Section, ...]:
    """Return the recorded properties, if there are any, and the output."""
    if not properties:
        return captured
    return (Section(title=_RECORDED_PROPERTIES, text=evidence.table(properties)), *captured)


def with_stage(title: str, stage: Stage) -> str:
    """Return the title with the stage; without it for the call, where tests usually fail."""
    return f"{title} ({stage.where})" if stage.where else title


def title_of(raw_details: str) -> str:
    """Return the title without the stage, up to its first blank line."""
    return _STAGE.sub("", raw_details.partition("\n\n")[0])


# A node id or the description of a subtest may contain blank lines, so the following need the annotation's title.


def stage_of(raw_details: str, title: str) -> str:
    """Return ``setup`` or ``teardown``, or an empty string."""
    match = _STAGE.search(_split(raw_details, title)[0])
    return match[1] if match else ""


def cause_of(raw_details: str, title: str) -> int:
    """Return the number of the cause, or 0."""
    return int(_header(raw_details, title)[1] or 0)


def owners_of(raw_details: str, title: str) -> tuple[str, ...]:
    """Return the owners; of very many, the first."""
    text = _header(raw_details, title)[2] or ""
    owners = text.split()
    return tuple(owners[:-1] if text.endswith("…") else owners)


def body_of(raw_details: str, title: str) -> str:
    """Return traceback and output."""
    header = _header(raw_details, title)
    return header.string[header.end() :].removesuffix("\n\n")


def parts_of(raw_details: str, title: str) -> tuple[str, tuple[Section, ...]]:
    """Return the traceback, and recorded properties and output as sections."""
    traceback, *parts = _SECTION.split(body_of(raw_details, title))
    found = zip(parts[::2], parts[1::2], strict=True)
    return traceback, tuple(Section(title=name, text=text) for name, text in found)


def _header(raw_details: str, title: str) -> re.Match[str]:
    """Return what is between the title and the traceback, which may be empty."""
    match = _HEADER.match(_split(raw_details, title)[1] + "\n\n")
    assert match is not None  # noqa: S101 - for the type checker
    return match


def _split(raw_details: str, title: str) -> tuple[str, str]:
    """Return the title with the stage, and what follows."""
    start = len(title) if raw_details.startswith(title) else 0
    end = raw_details.find("\n\n", start)
    return (raw_details, "") if end < 0 else (raw_details[:end], raw_details[end + 2 :])
