"""What the check run of a manual check says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks.core.manual.runs import ManualCheck, manual_run, successor, with_request
from checks.core.model.check_run import Conclusion, Status
from checks.core.model.identity import Identity, RunKind
from checks.core.model.manual import ManualRecord, VerdictAction, VerdictSource
from tests.unit.core.manual.manual_runs import (
    COMMIT,
    FAILED,
    PASSED,
    REQUEST,
    WAITING,
    WITHDRAWN,
    manual_remote,
)

ELSEWHERE = replace(PASSED, commit="c0ffee1" + "0" * 33)


def check(record: ManualRecord, name: str = "pytest (device)") -> ManualCheck:
    identity = Identity(workflow="manual.yml", run_id="17", job="manual", category="device")
    return ManualCheck(name=name, head_sha=COMMIT, identity=identity, instructions="Press **start**.", record=record)


@pytest.mark.parametrize(
    ("record", "conclusion", "title", "buttons"),
    [
        (WAITING, Conclusion.ACTION_REQUIRED, "Waiting for a verdict", ["Pass", "Fail"]),
        (PASSED, Conclusion.SUCCESS, "Passed by octocat", ["Undo"]),
        (FAILED, Conclusion.FAILURE, "Failed by octocat: no sound", ["Undo"]),
        (WITHDRAWN, Conclusion.ACTION_REQUIRED, "Waiting for a verdict again", ["Pass", "Fail"]),
        (ELSEWHERE, Conclusion.SUCCESS, "Passed by octocat on c0ffee1", ["Undo"]),
    ],
)
def test_conclusion_title_and_buttons_follow_from_the_record(
    record: ManualRecord, conclusion: Conclusion, title: str, buttons: list[str]
) -> None:
    run = manual_run(check(record), now=5.0)
    assert (run.status, run.conclusion, run.output.title) == (Status.COMPLETED, conclusion, title)
    assert [action.label for action in run.actions] == buttons
    assert (run.identity.kind, run.started_at, run.completed_at) == (RunKind.MANUAL, 5.0, 5.0)
    assert run.output.text == "Press **start**."


@pytest.mark.parametrize(
    ("source", "event", "page", "way"),
    [
        (VerdictSource.BUTTON, "11", "https://x/11", "with the button of [check run 11](https://x/11)."),
        (VerdictSource.RERUN, "11", "", "with GitHub's re-run of check run 11."),
        (VerdictSource.COMMENT, "4711", "https://x/4711", "in [a comment](https://x/4711)."),
        (VerdictSource.TERMINAL, "", "", "from a terminal."),
    ],
)
def test_summary_says_who_when_and_how(source: VerdictSource, event: str, page: str, way: str) -> None:
    record = replace(PASSED, request=replace(REQUEST, source=source, event=event, page=page))
    summary = manual_run(check(record), now=5.0).output.summary
    assert summary == f"Passed by octocat at 2025-11-27 16:40 UTC, {way}"


def test_waiting_check_says_how_to_decide_it() -> None:
    summary = manual_run(check(WAITING), now=5.0, note="Instructions changed.").output.summary
    assert "`/check pass 'pytest (device)'`" in summary
    assert "`/check fail 'pytest (device)' the reason`" in summary
    assert summary.endswith("\n\nInstructions changed.")


def test_reason_and_name_format_and_mention_nothing() -> None:
    hostile = "*see* [x](http://x) @octo/team #12\n# heading <b>"
    record = with_request(PASSED, replace(REQUEST, by="@evil\n|", reason=hostile), COMMIT)
    summary = manual_run(check(record), now=5.0).output.summary
    assert "\\*see\\* \\[x\\](http://x) @\u200bocto/team #\u200b12 # heading \\<b\\>" in summary
    assert "@evil" not in summary


def test_long_reason_is_truncated() -> None:
    record = with_request(WAITING, replace(REQUEST, reason="x" * 600), COMMIT)
    assert record.request is not None
    assert record.request.reason == "x" * 499 + "…"


def test_successor_names_its_predecessor_and_begins_after_it() -> None:
    run = manual_remote(started_at=100.0)
    later = successor(run, PASSED, now=90.0, action=VerdictAction.PASS)
    assert later.identity == Identity(
        workflow="manual.yml", attempt=0, job="manual-pass", category="device", kind=RunKind.MANUAL, earlier="11"
    )
    assert (later.started_at, later.completed_at) == (101.0, 101.0)
    assert (later.name, later.head_sha, later.output.text) == (run.name, run.head_sha, run.output.text)
