"""What a re-run takes from the previous check run: its annotations and its external id, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from posixpath import join
from typing import Any

from ..history import base_state
from ..model.check_run import Annotation, AnnotationLevel
from ..model.history import Record
from ..model.identity import Identity, RunKind
from ..model.item import Details, Item, Location, Outcome, Stage, StageName
from ..model.session import CarriedOverCounts, Session
from ..model.verdict import Remark
from ..pytest_process.selection import nodeid_ends
from ..report import raw_details

#: Loads the annotation of a failure, which is kept on disk.
LoadFailure = Callable[[], Annotation]

_ELLIPSIS = "…"


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviousRun:
    """The parts of the previous run that matter for this one.

    Attributes:
        run_id: the id of the check run.
        only: titles of the tests to run; None for all.
        failures: the loaders of its failure annotations, by title.
        carried_over: counts of the tests that are not re-run.
        record: its record; None without one that is believed.
        remarks: remarks to show in the new check run.
    """

    run_id: str = ""
    only: tuple[str, ...] | None = None
    failures: Mapping[str, LoadFailure] = field(default_factory=dict)
    carried_over: CarriedOverCounts = field(default_factory=CarriedOverCounts)
    record: Record | None = None
    remarks: tuple[Remark, ...] = ()


def parse_failure(annotation: Mapping[str, Any]) -> Annotation | None:
    """Return a failure annotation with its full title, and its message without the base, or None for other levels.

    https://docs.github.com/rest/checks/runs#list-check-run-annotations
    """
    if annotation.get("annotation_level") != AnnotationLevel.FAILURE:
        return None
    title, details = annotation.get("title") or "", annotation.get("raw_details") or ""
    message, state = base_state.split(annotation.get("message") or "")
    return Annotation(
        path=annotation.get("path") or "",
        line=annotation.get("start_line") or 1,
        level=AnnotationLevel.FAILURE,
        title=_full_title(title, details),
        message=message,
        raw_details=details,
        base=state or "",
    )


def failures_by_test(failures: Mapping[str, LoadFailure]) -> dict[str, LoadFailure]:
    """Return the failures by every prefix of their title that may be the node id."""
    found: dict[str, LoadFailure] = {}
    for title, failure in failures.items():
        for end in nodeid_ends(title):
            found.setdefault(title[:end], failure)
    return found


def previous_details(failure: Annotation, *, run_id: str, root: str) -> Details:
    """Return the details of a test's failure in the previous run. `root` is the repository's path."""
    return Details(
        message=f"In check run {run_id} on this commit: {failure.message}",
        locations=(Location(path=join(root, failure.path), line=failure.line),),
        traceback=raw_details.body_of(failure.raw_details, failure.title),
    )


def mark_flaky(item: Item, details: Details | None = None) -> Item:
    """Return a passed test as flaky, as if its failure in the previous run had been its first attempt."""
    first = Stage(name=StageName.CALL, outcome=Outcome.RERUN, details=details)
    return replace(item, stages=(first, *item.stages))


def complete_identity(identity: Identity, session: Session, *, tested: str, is_whole: bool) -> Identity:
    """Return the identity of the completed check run, with the data that a re-run needs."""
    tested = tested or identity.tested  # the commit that a re-run was asked to test, and did not
    if not is_whole or identity.kind is not RunKind.TESTS:
        return replace(identity, tested=tested)
    return replace(identity, kind=RunKind.COMPLETE, tested=tested, counts=carry_over(session))


def carry_over(session: Session) -> CarriedOverCounts:
    """Return the counts that a later re-run of the failed tests carries over."""
    notable = [item for item in session.notable_items if not item.is_failure]
    counts = Session(items=notable, carried_over=session.carried_over).counts
    return CarriedOverCounts(
        failed=len(_bad_titles(session)),
        passed=counts[Outcome.PASSED] + session.total - len(session.notable_items),
        skipped=counts[Outcome.SKIPPED],
        xfailed=counts[Outcome.XFAILED],
        xpassed=counts[Outcome.XPASSED],
    )


def carried_over_remark(carried_over: CarriedOverCounts) -> Remark:
    """Return the remark about counts carried over from the previous run."""
    counts = ", ".join(f"{number:,} {outcome.value}" for outcome, number in carried_over.counts.items() if number)
    text = f"Re-ran only the failed tests. Carried over from the previous run: {counts or 'nothing'}."
    return Remark(text=text, page=carried_over.page)


def _bad_titles(session: Session) -> set[str]:
    return {item.title(stage) for item in session.failed_items for stage in item.stages if stage.outcome.is_failure}


def _full_title(title: str, details: str) -> str:
    """Return the full title: `payload` puts a title that it truncates at the start of the details."""
    full_title = raw_details.title_of(details)
    return full_title if title.endswith(_ELLIPSIS) and full_title.startswith(title[:-1]) else title
