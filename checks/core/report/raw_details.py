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

RECORDED_PROPERTIES = "Recorded properties"
_STAGES = (StageName.SETUP, StageName.TEARDOWN)
_STAGE = re.compile(rf" \(in ({'|'.join(_STAGES)})\)$")
_HEADER = re.compile(r"(?:Cause ([1-9]\d{0,8})\n\n)?(?:Owners: ([^\n]+)\n\n)?")


def compose(title: str, details: Details, *, cause: int = 0, owners: Sequence[str] = ()) -> str:
    """Return the raw details; `cause` is 0 for what is no failure."""
    recorded = Section(title=RECORDED_PROPERTIES, text=evidence.table(details.properties))
    texts = (recorded, *details.captured)
    sections = [f"----- {section.title} -----\n{section.text}" for section in texts if section.text]
    header = [title, f"Cause {cause}" if cause else "", f"Owners: {owners_text(owners)}" if owners else ""]
    return "\n\n".join(part.rstrip() for part in (*header, details.traceback, *sections) if part)


def with_stage(title: str, stage: Stage) -> str:
    """Return the title with the stage; without it for the call, where tests usually fail."""
    return f"{title} ({stage.where})" if stage.where else title


def title_of(raw_details: str) -> str:
    """Return the title without the stage."""
    return _STAGE.sub("", raw_details.partition("\n\n")[0])


def stage_of(raw_details: str) -> str:
    """Return ``setup`` or ``teardown``, or an empty string."""
    match = _STAGE.search(raw_details.partition("\n\n")[0])
    return match[1] if match else ""


def cause_of(raw_details: str) -> int:
    """Return the number of the cause, or 0."""
    return int(_header(raw_details)[1] or 0)


def owners_of(raw_details: str) -> tuple[str, ...]:
    """Return the owners; very many are incomplete."""
    return tuple((_header(raw_details)[2] or "").removesuffix("…").split())


def body_of(raw_details: str) -> str:
    """Return traceback and output."""
    header = _header(raw_details)
    return header.string[header.end() :].removesuffix("\n\n")


def _header(raw_details: str) -> re.Match[str]:
    """Return what is between the title and the traceback, which may be empty."""
    match = _HEADER.match(raw_details.partition("\n\n")[2] + "\n\n")
    assert match is not None  # noqa: S101 - for the type checker
    return match
