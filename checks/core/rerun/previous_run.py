"""What an earlier check run says of its tests, for those that run again.

Nothing but its annotations and its external id: a re-run needs no memory of ours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from posixpath import join
from typing import Any

from ..github.external_id import RunKind, compose, parse
from ..model.check_run import Annotation, AnnotationLevel
from ..model.item import Details, Item, Location, Outcome, Stage, StageName
from ..model.session import CarriedOverCounts, Session
from ..model.verdict import Remark
from ..pytest_process.selection import nodeid_ends

#: Gives the annotation of a failure, which waits outside our memory.
LoadFailure = Callable[[], Annotation]

_ELLIPSIS = "…"
_STAGE_SUFFIXES = (" (in setup)", " (in teardown)")


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviousRun:
    """An earlier run, as far as it bears on this one.

    Attributes:
        run_id: the check run's.
        only: titles of the tests that are to run, None for all.
        failures: what failed in it: the title, and what gives its annotation.
        standing: results of tests that do not run again.
        remarks: what is to be said of it in any case.
    """

    run_id: str = ""
    only: tuple[str, ...] | None = None
    failures: Mapping[str, LoadFailure] = field(default_factory=dict)
    carried_over: CarriedOverCounts = field(default_factory=CarriedOverCounts)
    remarks: tuple[Remark, ...] = ()


def parse_failure(annotation: Mapping[str, Any]) -> Annotation | None:
    """GitHub's annotation with its whole title; None for one that is no failure.

    https://docs.github.com/rest/checks/runs#list-check-run-annotations
    """
    if annotation.get("annotation_level") != AnnotationLevel.FAILURE:
        return None
    title, details = annotation.get("title") or "", annotation.get("raw_details") or ""
    return Annotation(
        path=annotation.get("path") or "",
        line=annotation.get("start_line") or 1,
        level=AnnotationLevel.FAILURE,
        title=_full_title(title, details),
        message=annotation.get("message") or "",
        raw_details=details,
    )


def failures_by_test(failures: Mapping[str, LoadFailure]) -> dict[str, LoadFailure]:
    """The failures by whatever may be the node id in a title, as an annotation shows it."""
    found: dict[str, LoadFailure] = {}
    for title, failure in failures.items():
        for end in nodeid_ends(title):
            found.setdefault(title[:end], failure)
    return found


def previous_details(failure: Annotation, item: Item, *, run_id: str, root: str) -> Details:
    """What a test's failure in an earlier run was; `root` is the repository's."""
    return Details(
        message=f"In check run {run_id} on this commit: {failure.message}",
        locations=(Location(path=join(root, failure.path), line=failure.line),),
        traceback=failure.raw_details.removeprefix(item.nodeid).lstrip("\n"),
    )


def mark_flaky(item: Item, details: Details | None = None) -> Item:
    """A test that failed in an earlier run and passed now: as if that had been its first attempt."""
    first = Stage(name=StageName.CALL, outcome=Outcome.RERUN, details=details)
    return replace(item, stages=(first, *item.stages))


def complete_external_id(external_id: str, session: Session, *, tested: str, is_whole: bool) -> str:
    """The external id of a check run that completes, with what a re-run needs of it; not ours stays as it is."""
    parts = parse(external_id)
    if parts is None:
        return external_id
    tested = tested or parts.tested  # what a re-run was to test, and has not
    if not is_whole or parts.kind is not RunKind.TESTS:
        return compose(replace(parts, tested=tested))
    return compose(replace(parts, kind=RunKind.COMPLETE, tested=tested, counts=carry_over(session)))


def carry_over(session: Session) -> CarriedOverCounts:
    """The numbers that a later re-run of what failed lets stand."""
    passing = Session(
        items=tuple(item for item in session.items if not item.is_failure), carried_over=session.carried_over
    )
    counts = passing.counts
    return CarriedOverCounts(
        failed=len(_bad_titles(session)),
        passed=counts[Outcome.PASSED],
        skipped=counts[Outcome.SKIPPED],
        xfailed=counts[Outcome.XFAILED],
        xpassed=counts[Outcome.XPASSED],
    )


def carried_over_remark(carried_over: CarriedOverCounts) -> Remark:
    """What stands of an earlier run."""
    counts = ", ".join(f"{number:,} {outcome.value}" for outcome, number in carried_over.counts.items() if number)
    text = f"Re-ran only the failed tests. Carried over from the previous run: {counts or 'nothing'}."
    return Remark(text=text, page=carried_over.page)


def _bad_titles(session: Session) -> set[str]:
    return {item.title(stage) for item in session.failed_items for stage in item.stages if stage.outcome.is_failure}


def _full_title(title: str, details: str) -> str:
    """A title that was cut leads the details, see `translate.payload`."""
    first = details.partition("\n\n")[0]
    if not title.endswith(_ELLIPSIS) or not first.startswith(title[:-1]):
        return title
    return next((first.removesuffix(stage) for stage in _STAGE_SUFFIXES if first.endswith(stage)), first)
