"""What a check run's ``external_id`` says: which job of which workflow run put it up.

A sample: ``pcr/1;tests.yml;17201948301;2;pytest;unit`` (version; workflow file; workflow run; attempt; job; category).
Names that are too long are cut and end in a hash of the whole, so that two of them still differ.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto
from hashlib import sha256
from urllib.parse import unquote

_VERSION = "pcr/1"
_WORKFLOWS = ".github/workflows/"
_RESERVED = re.compile(r"[%;\x00-\x1f\x7f]")
_HALF_ESCAPE = re.compile(r"%.?$")
# With the version, the separators and the numbers they stay within `limits.EXTERNAL_ID_CHARACTERS`.
_NUMBER_CHARACTERS = 20
_NAME_CHARACTERS = 65
_HASH_CHARACTERS = 12


class Relation(Enum):
    """What a check run of our name and commit is to the one that we are about to put up."""

    NONE = auto()
    FORMER_ATTEMPT = auto()
    TWIN = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalId:
    """The parts; `workflow` is the file's name in ``.github/workflows``, `run_id` the workflow run's."""

    workflow: str = ""
    run_id: str = ""
    attempt: int = 1
    job: str = ""
    category: str = ""


def compose(parts: ExternalId) -> str:
    """At most 255 characters; a workflow given as a path is reduced to its file's name."""
    fields = (
        _fitted(parts.workflow.removeprefix(_WORKFLOWS), _NAME_CHARACTERS),
        _fitted(parts.run_id, _NUMBER_CHARACTERS),
        str(parts.attempt),
        _fitted(parts.job, _NAME_CHARACTERS),
        _fitted(parts.category, _NAME_CHARACTERS),
    )
    return ";".join((_VERSION, *fields))


def parse(external_id: str) -> ExternalId | None:
    """The parts, long names as they were cut; None for what is not ours or of a version we do not know."""
    version, *fields = external_id.split(";")
    if version != _VERSION or len(fields) != 5:
        return None
    workflow, run_id, attempt, job, category = (unquote(field) for field in fields)
    if not (attempt.isascii() and attempt.isdigit()):
        return None
    return ExternalId(workflow=workflow, run_id=run_id, attempt=int(attempt), job=job, category=category)


def relation(ours: str, theirs: str) -> Relation:
    """What `theirs` is to `ours`: both are external ids of runs with one name on one commit.

    A twin is another job (or step) of our workflow run: its results and ours would hide each other.
    """
    we, they = parse(ours), parse(theirs)
    if we is None or they is None or not we.run_id or we.run_id != they.run_id or they.attempt > we.attempt:
        return Relation.NONE
    if they.attempt == we.attempt or (they.job, they.category) != (we.job, we.category):
        return Relation.TWIN
    return Relation.FORMER_ATTEMPT


def _fitted(text: str, limit: int) -> str:
    """`text` without separators, at most `limit` characters."""
    whole = _RESERVED.sub(lambda match: f"%{ord(match[0]):02X}", text)
    if len(whole) <= limit:
        return whole
    kept = _HALF_ESCAPE.sub("", whole[: limit - _HASH_CHARACTERS - 1])
    return f"{kept}~{sha256(text.encode(errors='surrogatepass')).hexdigest()[:_HASH_CHARACTERS]}"
