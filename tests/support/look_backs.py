"""Look-backs at made-up commits, each of which is a text with a letter for each run: what `TEST` did there."""

from __future__ import annotations

from checks.core.history.past_runs import LookBack, PastCommit, PastRun
from checks.core.history.test_key import key, variant_key
from checks.core.model.check_run import Conclusion, Output, RemoteCheckRun, Status
from checks.core.model.history import Record
from checks.core.model.identity import Identity, RunKind
from checks.core.model.session import CarriedOverCounts

TEST, FILE, OTHER = "test_a.py::test_it", "test_a.py", "test_a.py::test_other"
KEY = key(TEST)
_OTHERS = frozenset({key(OTHER)})
_ALL = _OTHERS | {KEY}

#: ``X`` passes or fails as expected, ``?`` is in no list, and ``2`` is two tests whose ids differ in an address.
RECORDS = {
    "P": Record(failed={}, skipped=frozenset(), collected=_ALL, file_seconds={key(FILE): 1.0}),
    "F": Record(failed={"call": frozenset({KEY})}, skipped=frozenset(), collected=_ALL),
    "R": Record(failed={}, skipped=frozenset(), collected=_ALL, flaky=frozenset({KEY})),
    "S": Record(failed={}, skipped=frozenset({KEY}), collected=_ALL),
    "X": Record(failed={}, skipped=frozenset(), collected=_ALL, counts=CarriedOverCounts(xfailed=1)),
    "-": Record(failed={}, skipped=frozenset(), collected=_OTHERS),
    "?": Record(failed={}, skipped=frozenset(), collected=None),
    "f": Record(failed=None),
    "s": Record(failed={}, collected=_ALL),
    "Q": Record(failed={}, skipped=frozenset(), collected=_ALL, quarantined=frozenset({KEY})),
    "C": Record(failed={"collection": frozenset({key(FILE)})}, skipped=frozenset(), collected=frozenset()),
    "2": Record(failed={}, skipped=frozenset(), collected=_ALL | {variant_key(KEY, 1)}),
}


def commit_id(number: int) -> str:
    """Return the id of a commit; the newest is 0."""
    return f"{number:07x}{'0' * 33}"


def look_back(*commits: str, branch: str = "main") -> LookBack:
    """Return a look-back at commits, the newest first, with their runs, oldest first. ``>`` is before a re-run."""
    return LookBack(
        commits=tuple(
            PastCommit(commit=commit_id(number), runs=tuple(_runs(number, letters)))
            for number, letters in enumerate(commits)
        ),
        branch=branch,
    )


def _runs(number: int, letters: str) -> list[PastRun]:
    runs: list[PastRun] = []
    is_rerun = False
    for letter in letters.replace(".", ""):
        if letter == ">":
            is_rerun = True
            continue
        runs.append(past_run(commit_id(number), RECORDS[letter], index=len(runs), is_rerun=is_rerun))
        is_rerun = False
    return runs


def past_run(commit: str, record: Record, *, index: int = 0, is_rerun: bool = False) -> PastRun:
    """Return a run with this record on a commit."""
    run = RemoteCheckRun(
        id=str(index + 1),
        app=("4711", ""),
        name="pytest (unit)",
        head_sha=commit,
        head_branch="main",
        identity=Identity(category="unit", kind=RunKind.COMPLETE, earlier="1" if is_rerun else ""),
        status=Status.COMPLETED,
        conclusion=Conclusion.SUCCESS,
        output=Output(title="", summary=""),
        started_at=float(index),
        page=f"https://github.com/octo/demo/runs/{commit[:7]}{index}",
    )
    return PastRun(run=run, record=record)
