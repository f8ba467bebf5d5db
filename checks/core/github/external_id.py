"""The ``external_id`` of a check run: `Identity` -> text and back.

Samples (version; workflow file; workflow run; attempt; job; category; kind; earlier run; tested commit; counts;
``s`` if it has a commit status, and the pull request with its comment), without empty fields at the end::

    pcr/2;tests.yml;17201948301;2;pytest;unit;tests
    pcr/2;tests.yml;17201948301;2;pytest;unit;complete;;;3.940.4
    pcr/2;tests.yml;17201948301;2;pytest;unit;tests;;;;s
    pcr/2;tests.yml;17201948301;2;pytest;unit;tests;;;;s1234
    pcr/2;tests.yml;;0;rerun-failed;unit;placeholder;4811;c0ffee0000000000000000000000000000000000

A name that is too long is truncated and ends with a hash of the whole, so that two such names still differ.
"""

from __future__ import annotations

import re
from dataclasses import replace
from enum import Enum, auto
from hashlib import sha256
from urllib.parse import unquote

from ..model.identity import Identity, RunKind
from ..model.session import CarriedOverCounts
from ..text.ansi import visible

_VERSION = "pcr/2"
_WORKFLOWS = ".github/workflows/"
_ATTEMPT = re.compile(r"[0-9]{1,10}")
#: Numbers with dots between them; each may be absent.
COUNTS = re.compile(r"[0-9]{0,6}(\.[0-9]{0,6}){0,4}")
_RESERVED = re.compile(r"[%;\x00-\x1f\x7f]")
_HALF_ESCAPE = re.compile(r"%.?$")
# With the version, the separators and the numbers they stay within `limits.EXTERNAL_ID_CHARACTERS`.
_NUMBER_CHARACTERS = 19
_WORKFLOW_CHARACTERS = 31
_JOB_CHARACTERS = 20
#: A re-run knows a longer category by its beginning and a hash only.
CATEGORY_CHARACTERS = 48
_HASH_CHARACTERS = 12
_LARGEST_COUNT = 999_999
_FIELDS = 10
#: Kept here, as the receiver knows nothing else of the job, and asks for other tokens only if they are needed.
_COMMIT_STATUS = "s"
#: A pull request with a longer number gets no comment.
_LARGEST_PULL_REQUEST = 9_999_999
_REPEATED_IN = re.compile(r"(s?)([0-9]{0,7})")


class Relation(Enum):
    """How an existing check run of this name and commit relates to the one that we are about to create."""

    NONE = auto()
    PREVIOUS_ATTEMPT = auto()
    NAME_CONFLICT = auto()
    AWAITS_JOB = auto()


def compose(identity: Identity) -> str:
    """Return the external id, of at most 255 characters. `parse` reads it back as the `canonical` identity."""
    fields = (
        fit_workflow(identity.workflow),
        _fit(identity.run_id, _NUMBER_CHARACTERS),
        str(identity.attempt),
        _fit(identity.job, _JOB_CHARACTERS),
        fit_category(identity.category),
        identity.kind.value,
        _fit(identity.earlier, _NUMBER_CHARACTERS),
        _fit(identity.tested, 40),
        format_counts(identity.counts),
        _repeated_in(identity),
    )
    return ";".join((_VERSION, *fields)).rstrip(";")


def parse(external_id: str) -> Identity | None:
    """Return the identity that an external id holds; None if this project or this version did not compose it."""
    version, *fields = external_id.split(";")
    if version != _VERSION or not 1 <= len(fields) <= _FIELDS:
        return None
    workflow, run_id, attempt, job, category, kind, earlier, tested, counts, repeated_in = (
        unquote(field) for field in [*fields, *[""] * (_FIELDS - len(fields))]
    )
    if not (_ATTEMPT.fullmatch(attempt) and kind in set(RunKind) and COUNTS.fullmatch(counts)):
        return None
    if not (repeated := _REPEATED_IN.fullmatch(repeated_in)):
        return None
    return Identity(
        workflow=workflow,
        run_id=run_id,
        attempt=int(attempt),
        job=job,
        category=category,
        kind=RunKind(kind),
        earlier=earlier,
        tested=tested,
        counts=parse_counts(counts),
        has_commit_status=bool(repeated[1]),
        pull_request=int(repeated[2] or 0),
    )


def canonical(identity: Identity) -> Identity:
    """Return the identity as GitHub gives it back: a workflow as its file's name, long names truncated."""
    return parse(compose(identity)) or identity


def fit_workflow(workflow: str) -> str:
    """Return a workflow, given as a path or as its file's name, as the external id holds it."""
    return _fit(workflow.removeprefix(_WORKFLOWS), _WORKFLOW_CHARACTERS)


def fit_category(category: str) -> str:
    """Return a category as the external id holds it."""
    return _fit(category, CATEGORY_CHARACTERS)


def is_truncated(name: str) -> bool:
    """Whether a parsed name was truncated."""
    return re.search(rf"~[0-9a-f]{{{_HASH_CHARACTERS}}}\Z", name) is not None


def relation(own: Identity, other: Identity | None) -> Relation:
    """Return how `other` relates to `own`. Both belong to check runs of one name on one commit.

    A name conflict is another job (or step) of the same workflow run: one result would hide the other.
    """
    if other is None or not own.run_id:
        return Relation.NONE
    if other.kind is RunKind.EXPECTED and (other.workflow, other.category) == (own.workflow, own.category):
        return Relation.AWAITS_JOB
    if own.run_id != other.run_id or other.attempt > own.attempt or other.kind is RunKind.PLACEHOLDER:
        return Relation.NONE
    if other.attempt == own.attempt or (other.job, other.category) != (own.job, own.category):
        return Relation.NAME_CONFLICT
    return Relation.PREVIOUS_ATTEMPT


def is_same_run(own: Identity, other: Identity | None) -> bool:
    """Whether both belong to one check run, which may have completed in between."""
    return other is not None and own == replace(other, kind=own.kind, tested=own.tested, counts=own.counts)


def _repeated_in(identity: Identity) -> str:
    """Return where else the check run is shown."""
    has_comment = 0 < identity.pull_request <= _LARGEST_PULL_REQUEST
    return f"{_COMMIT_STATUS if identity.has_commit_status else ''}{identity.pull_request if has_comment else ''}"


def format_counts(counts: CarriedOverCounts) -> str:
    """Return the numbers in the order of the attributes, without zeros at the end."""
    numbers = (counts.failed, counts.passed, counts.skipped, counts.xfailed, counts.xpassed)
    return re.sub(r"(^|\.)0(\.0)*$", "", ".".join(str(min(number, _LARGEST_COUNT)) for number in numbers))


def parse_counts(counts: str) -> CarriedOverCounts:
    """Return the counts of a text that matches `COUNTS`."""
    numbers = [int(number or 0) for number in counts.split(".")]
    failed, passed, skipped, xfailed, xpassed = [*numbers, *[0] * (5 - len(numbers))]
    return CarriedOverCounts(failed=failed, passed=passed, skipped=skipped, xfailed=xfailed, xpassed=xpassed)


def _fit(text: str, limit: int) -> str:
    """Return `text` without separators and invisible characters, of at most `limit` characters."""
    escaped = _RESERVED.sub(lambda match: f"%{ord(match[0]):02X}", visible(text))
    if len(escaped) <= limit:
        return escaped
    prefix = _HALF_ESCAPE.sub("", escaped[: limit - _HASH_CHARACTERS - 1])
    return f"{prefix}~{sha256(text.encode(errors='surrogatepass')).hexdigest()[:_HASH_CHARACTERS]}"
