"""Which of several runs of a manual check counts, and what follows if receivers have created them at once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks.core.github.choose_run import newest_run
from checks.core.manual.concurrent_runs import correction
from checks.core.model.check_run import RemoteCheckRun
from checks.core.model.identity import Identity
from checks.core.model.manual import ManualRecord, VerdictAction
from tests.unit.core.manual.manual_runs import FAILED, PASSED, WAITING, manual_remote

FIRST = manual_remote()


def created(
    record: ManualRecord, number: str, seconds: float = 60.0, *, job: str = "", earlier: str = "11", run_id: str = ""
) -> RemoteCheckRun:
    """Return a run that follows `earlier`. `job` is the action that led to it."""
    identity = replace(FIRST.identity or Identity(), run_id=run_id, attempt=0, job=job, earlier=earlier)
    return manual_remote(record, id=number, identity=identity, started_at=FIRST.started_at + seconds)


PASS = created(PASSED, "12", job=VerdictAction.PASS)
FAIL = created(FAILED, "13", job=VerdictAction.FAIL)


@pytest.mark.parametrize(
    ("created_id", "runs", "title"),
    [
        pytest.param("12", [FIRST, PASS], "", id="alone"),
        pytest.param("13", [FIRST, PASS, FAIL], "", id="the-later-of-two-people"),
        pytest.param("12", [FIRST, PASS, FAIL], "", id="left-to-the-later"),
        pytest.param(
            "13",
            [FIRST, created(PASSED, "12", 90.0, job=VerdictAction.PASS), FAIL],
            "Failed by octocat: no sound",
            id="newest-has-an-earlier-time",
        ),
        pytest.param(
            "12",
            [FIRST, created(PASSED, "12", 90.0, job=VerdictAction.PASS), FAIL],
            "",
            id="newest-with-an-earlier-time-left-to-the-later",
        ),
        pytest.param("13", [FIRST, PASS, created(WAITING, "13")], "Passed by octocat", id="repetition-hides-a-verdict"),
        pytest.param("13", [FIRST, created(WAITING, "12"), created(WAITING, "13")], "", id="repeated-twice"),
        pytest.param("13", [PASS, created(PASSED, "13", earlier="12")], "", id="repetition-of-that-verdict"),
        pytest.param("13", [PASS, created(WAITING, "13", earlier="")], "Passed by octocat", id="of-a-fork"),
        pytest.param("14", [FIRST, PASS], "", id="not-listed-yet"),
        pytest.param(
            "13",
            [created(PASSED, "12", job="manual-pass", run_id="17"), created(WAITING, "13")],
            "",
            id="job-of-that-name",
        ),
    ],
)
def test_run_follows_if_another_state_would_count(created_id: str, runs: list[RemoteCheckRun], title: str) -> None:
    run = correction(created_id, runs, now=0.0)
    assert (run.output.title if run else "") == title
    if run:
        assert run.started_at > max(other.started_at for other in runs)
        assert run.identity.earlier == newest_run(runs).id
        assert "came at the same time" in run.output.summary
