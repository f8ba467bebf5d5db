from datetime import date

import pytest

from checks.core.history.quarantine import Quarantine, QuarantineEntry
from checks.core.history.quarantine_in_force import QuarantineInForce, needs_base, of_change, without_base
from checks.core.model.job import Context, Repository
from checks.core.model.rerun import Rerun
from checks.core.report.quarantine_notes import notes_on_change, quarantine_notes
from tests.support.rules import rule
from tests.support.sessions import failed, item, passed, session

TODAY = date(2026, 11, 27)
HEAD, BASE, OTHER = "a" * 40, "b" * 40, "c" * 40
KNOWN = QuarantineEntry(test="a.py::known", until=date(2026, 12, 24), reason="The sandbox is down", owner="@octo/shop")
ADDED = QuarantineEntry(test="a.py::*", until=date(2027, 1, 31), reason="Too slow")
ENDED = QuarantineEntry(test="a.py::ended", until=date(2026, 11, 1), reason="It was slow")
SOON = QuarantineEntry(test="a.py::soon", until=date(2026, 12, 1), reason="It is slow")


@rule("Quarantine: which file counts")
@pytest.mark.parametrize(
    ("context", "repository", "needs"),
    [
        (Context(event="push", head_sha=HEAD), Repository(root="/r", head=HEAD, parents=(BASE,)), False),
        (Context(event="schedule", head_sha=HEAD), Repository(root="/r", head=HEAD, parents=(BASE,)), False),
        (Context(), Repository(root="/r", head=HEAD, parents=(BASE,)), False),
        (Context(event="pull_request", head_sha=HEAD, pull_request=7), Repository(root="/r", head=HEAD), True),
        (
            Context(event="pull_request", head_sha=HEAD, pull_request=7),
            Repository(root="/r", head=OTHER, parents=(BASE, HEAD)),
            True,
        ),
        (Context(event="merge_group", head_sha=HEAD), Repository(root="/r", head=HEAD, parents=(BASE,)), True),
        (Context(event="workflow_run", head_sha=HEAD, is_fork=True), Repository(root="/r", head=HEAD), True),
        (
            Context(event="workflow_dispatch", head_sha=HEAD, rerun=Rerun(sha=HEAD, head=HEAD, categories=())),
            Repository(root="/r", head=HEAD),
            True,
        ),
    ],
)
def test_base_decides_about_every_change(context: Context, repository: Repository, needs: bool) -> None:
    assert needs_base(context, repository) is needs


def test_change_cannot_excuse_itself() -> None:
    in_force = of_change(Quarantine((KNOWN, ADDED)), Quarantine((KNOWN,)), TODAY)
    assert in_force == QuarantineInForce(today=TODAY, counting=Quarantine((KNOWN,)), later=(ADDED,))
    tests = [item(f"a.py::{name}", call=failed()) for name in ("known", "other")]
    assert [in_force.apply(test).is_failure for test in tests] == [False, True]


def test_nothing_is_quarantined_without_the_base() -> None:
    in_force = without_base("GitHub did not answer", TODAY)
    assert in_force.apply(item("a.py::known", call=failed())).is_failure
    assert in_force.later == ()


@rule("Quarantine: what the summary says")
def test_summary_says_what_the_quarantine_did_and_what_is_of_no_use() -> None:
    in_force = QuarantineInForce(today=TODAY, counting=Quarantine((KNOWN, ENDED, SOON)), later=(ADDED,))
    tests = [
        *(in_force.apply(item(f"a.py::{name}", call=failed())) for name in ("known", "ended", "w", "x", "y", "z")),
        item("a.py::fine", call=passed()),
    ]
    later = "Takes effect after merge (`quarantine`):"
    results = session(*tests)
    notes = [*notes_on_change(in_force, results), *quarantine_notes(in_force, results)]
    assert [str(note) for note in notes] == [
        f"{later}\na.py::*  until 2027-01-31: Too slow; would cover a.py::ended, a.py::w, a.py::x and 2 more",
        "These quarantined tests failed:\na.py::known  until 2026-12-24: The sandbox is down (@octo/shop)",
        "These quarantine entries have ended:\na.py::ended  until 2026-11-01: It was slow",
        "These quarantine entries end within a week:\na.py::soon  until 2026-12-01: It is slow",
        "These quarantine entries match no test of this run:\na.py::soon  until 2026-12-01: It is slow",
    ]


def test_reason_why_nothing_is_quarantined_comes_first() -> None:
    in_force = without_base("GitHub did not answer", TODAY)
    (note,) = notes_on_change(in_force, session(item()))
    assert note.text == (
        "Nothing was quarantined, because the file of the base commit cannot be used: GitHub did not answer."
    )


@pytest.mark.parametrize("whole", [True, False])
def test_entries_without_tests_are_listed_for_whole_runs(whole: bool) -> None:
    in_force = QuarantineInForce(today=TODAY, counting=Quarantine((KNOWN,)))
    tests = session(item("b.py::other"), exit_status=0 if whole else None)
    assert len([*quarantine_notes(in_force, tests)]) == whole
