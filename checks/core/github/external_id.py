"""What a check run's ``external_id`` says: which job put it up, what it is, and what a re-run needs of it.

Samples (version; workflow file; workflow run; attempt; job; category; kind; earlier run; tested commit; counts),
where what is empty at the end is left out::

    pcr/2;tests.yml;17201948301;2;pytest;unit;tests
    pcr/2;tests.yml;17201948301;2;pytest;unit;whole;;;3.940.4
    pcr/2;tests.yml;;0;;unit;requested;4811;c0ffee0000000000000000000000000000000000

Names that are too long are cut and end in a hash of the whole, so that two of them still differ.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from enum import Enum, StrEnum, auto
from hashlib import sha256
from urllib.parse import unquote

from ..model.session import CarriedOverCounts

_VERSION = "pcr/2"
_WORKFLOWS = ".github/workflows/"
_ATTEMPT = re.compile(r"[0-9]{1,10}")
_COUNTS = re.compile(r"[0-9]{0,6}(\.[0-9]{0,6}){0,4}")
_RESERVED = re.compile(r"[%;\x00-\x1f\x7f]")
_HALF_ESCAPE = re.compile(r"%.?$")
# With the version, the separators and the numbers they stay within `limits.EXTERNAL_ID_CHARACTERS`.
_NUMBER_CHARACTERS = 20
_WORKFLOW_CHARACTERS = 40
_JOB_CHARACTERS = 20
#: A category that is longer is known to a re-run by its beginning and a hash alone.
CATEGORY_CHARACTERS = 48
_HASH_CHARACTERS = 12
_LARGEST_COUNT = 999_999

#: The run id of a dispatch that went out to a server that does not tell which workflow run it started.
UNKNOWN_RUN_ID = "0"


class RunKind(StrEnum):
    """What a check run is."""

    #: Tests that run, or whose results are not whole.
    TESTS = "tests"
    #: Tests that came to their end, every failure of them annotated.
    COMPLETE = "whole"
    #: Results of tests that ran elsewhere.
    PUBLISHED = "published"
    #: Queued: a re-run that was asked for.
    PLACEHOLDER = "requested"
    #: Queued: a category that the pushed commit will have.
    EXPECTED = "awaited"
    #: The verdict of an earlier run once more, with the reason why it was not run again.
    REPUBLISHED = "repeated"


class Relation(Enum):
    """What a check run of our name and commit is to the one that we are about to put up."""

    NONE = auto()
    PREVIOUS_ATTEMPT = auto()
    NAME_CONFLICT = auto()
    AWAITS_JOB = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalId:
    """The parts.

    Attributes:
        workflow: its file's name in ``.github/workflows``.
        run_id: the workflow run's; of a requested run empty until its dispatch has gone out.
        earlier: the id of the check run that this one repeats, empty for a first one.
        tested: the commit that was tested where it is not the one that the check run is on.
        counts: of the category's tests, by their last stages.
    """

    workflow: str = ""
    run_id: str = ""
    attempt: int = 1
    job: str = ""
    category: str = ""
    kind: RunKind = RunKind.TESTS
    earlier: str = ""
    tested: str = ""
    counts: CarriedOverCounts = field(default_factory=CarriedOverCounts)


def compose(parts: ExternalId) -> str:
    """At most 255 characters; a workflow given as a path is reduced to its file's name."""
    fields = (
        fit_workflow(parts.workflow),
        _fit(parts.run_id, _NUMBER_CHARACTERS),
        str(parts.attempt),
        _fit(parts.job, _JOB_CHARACTERS),
        fit_category(parts.category),
        parts.kind.value,
        _fit(parts.earlier, _NUMBER_CHARACTERS),
        _fit(parts.tested, 40),
        _format_counts(parts.counts),
    )
    return ";".join((_VERSION, *fields)).rstrip(";")


def parse(external_id: str) -> ExternalId | None:
    """The parts, long names as they were cut; None for what is not ours or of a version we do not know."""
    version, *fields = external_id.split(";")
    if version != _VERSION or not 1 <= len(fields) <= 9:
        return None
    workflow, run_id, attempt, job, category, kind, earlier, tested, counts = (
        unquote(field) for field in [*fields, *[""] * (9 - len(fields))]
    )
    if not (_ATTEMPT.fullmatch(attempt) and kind in set(RunKind) and _COUNTS.fullmatch(counts)):
        return None
    return ExternalId(
        workflow=workflow,
        run_id=run_id,
        attempt=int(attempt),
        job=job,
        category=category,
        kind=RunKind(kind),
        earlier=earlier,
        tested=tested,
        counts=_parse_counts(counts),
    )


def fit_workflow(workflow: str) -> str:
    """How a workflow, given as a path or as its file's name, stands in the external id."""
    return _fit(workflow.removeprefix(_WORKFLOWS), _WORKFLOW_CHARACTERS)


def describe(external_id: str) -> ExternalId:
    """The parts; those of nothing for what `parse` does not know."""
    return parse(external_id) or ExternalId()


def fit_category(category: str) -> str:
    """How a category stands in the external id."""
    return _fit(category, CATEGORY_CHARACTERS)


def is_truncated(name: str) -> bool:
    """Whether a parsed name is but the beginning of the whole one."""
    return re.search(rf"~[0-9a-f]{{{_HASH_CHARACTERS}}}\Z", name) is not None


def relation(own_id: str, other_id: str) -> Relation:
    """What `theirs` is to `ours`: both are external ids of runs with one name on one commit.

    A twin is another job (or step) of our workflow run: its results and ours would hide each other.
    """
    own, other = parse(own_id), parse(other_id)
    if own is None or other is None or not own.run_id:
        return Relation.NONE
    if other.kind is RunKind.EXPECTED and (other.workflow, other.category) == (own.workflow, own.category):
        return Relation.AWAITS_JOB
    if own.run_id != other.run_id or other.attempt > own.attempt or other.kind is RunKind.PLACEHOLDER:
        return Relation.NONE
    if other.attempt == own.attempt or (other.job, other.category) != (own.job, own.category):
        return Relation.NAME_CONFLICT
    return Relation.PREVIOUS_ATTEMPT


def is_same_run(first_id: str, second_id: str) -> bool:
    """Whether both are of one check run: completion changes what it is, not whose."""
    first, second = parse(first_id), parse(second_id)
    if first is None or second is None:
        return first_id == second_id
    expected = replace(second, kind=first.kind, tested=first.tested, counts=first.counts)
    return first == expected


def _format_counts(counts: CarriedOverCounts) -> str:
    """Their numbers in the order of the attributes, without zeros at the end."""
    numbers = (counts.failed, counts.passed, counts.skipped, counts.xfailed, counts.xpassed)
    return re.sub(r"(^|\.)0(\.0)*$", "", ".".join(str(min(number, _LARGEST_COUNT)) for number in numbers))


def _parse_counts(counts: str) -> CarriedOverCounts:
    numbers = [int(number or 0) for number in counts.split(".")]
    failed, passed, skipped, xfailed, xpassed = [*numbers, *[0] * (5 - len(numbers))]
    return CarriedOverCounts(failed=failed, passed=passed, skipped=skipped, xfailed=xfailed, xpassed=xpassed)


def _fit(text: str, limit: int) -> str:
    """`text` without separators, at most `limit` characters."""
    escaped = _RESERVED.sub(lambda match: f"%{ord(match[0]):02X}", text)
    if len(escaped) <= limit:
        return escaped
    prefix = _HALF_ESCAPE.sub("", escaped[: limit - _HASH_CHARACTERS - 1])
    return f"{prefix}~{sha256(text.encode(errors='surrogatepass')).hexdigest()[:_HASH_CHARACTERS]}"
