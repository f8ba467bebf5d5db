"""The raw details of a failure's annotation.

The first paragraph is the title, the second the number of the failure's cause. Traceback, recorded properties and
output follow::

    tests/test_cart.py::test_total (in setup)

    Cause 2

    tests/conftest.py:12: in cart
    …

    ----- Captured stdout setup -----
    …
"""

from __future__ import annotations

import re

from ..model.item import Details, Section, Stage, StageName
from . import evidence

_STAGES = (StageName.SETUP, StageName.TEARDOWN)
_STAGE = re.compile(rf" \(in (?:{'|'.join(_STAGES)})\)$")
_CAUSE = re.compile(r"Cause ([1-9]\d{0,8})$")


def compose(title: str, details: Details, *, cause: int = 0) -> str:
    """Return the raw details; `cause` is 0 for what is no failure."""
    recorded = Section(title="Recorded properties", text=evidence.table(details.properties))
    texts = (recorded, *details.captured)
    sections = [f"----- {section.title} -----\n{section.text}" for section in texts if section.text]
    header = [title, f"Cause {cause}" if cause else ""]
    return "\n\n".join(part.rstrip() for part in (*header, details.traceback, *sections) if part)


def with_stage(title: str, stage: Stage) -> str:
    """Return the title with the stage; without it for the call, where tests usually fail."""
    return f"{title} ({stage.where})" if stage.where else title


def title_of(raw_details: str) -> str:
    """Return the title without the stage."""
    return _STAGE.sub("", raw_details.partition("\n\n")[0])


def cause_of(raw_details: str) -> int:
    """Return the number of the cause, or 0."""
    match = _CAUSE.match(raw_details.partition("\n\n")[2].partition("\n\n")[0])
    return int(match[1]) if match else 0


def body_of(raw_details: str) -> str:
    """Return traceback and output."""
    body = raw_details.partition("\n\n")[2]
    return body.partition("\n\n")[2] if cause_of(raw_details) else body
