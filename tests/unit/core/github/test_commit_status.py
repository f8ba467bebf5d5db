from __future__ import annotations

from dataclasses import replace

import pytest

from checks.core.github import commit_status
from checks.core.github.commit_status import CommitState
from checks.core.github.error_kind import ErrorKind, RequestFailure
from checks.core.model.check_run import Conclusion, Output
from checks.core.model.identity import Identity, RunKind
from checks.core.model.limits import STATUS_DESCRIPTION_CHARACTERS
from tests.support.rerun.check_runs import DONE, OPEN
from tests.support.rules import rule

PAGE = "https://github.test/octo/demo/runs/17"
STATES = {
    None: "pending",
    Conclusion.SUCCESS: "success",
    Conclusion.NEUTRAL: "success",
    Conclusion.SKIPPED: "success",
    Conclusion.FAILURE: "failure",
    Conclusion.TIMED_OUT: "failure",
    Conclusion.ACTION_REQUIRED: "error",
    Conclusion.CANCELLED: "error",
}


@rule("Commit status: success, neutral, skipped")
@rule("Commit status: failure, timed_out")
@rule("Commit status: action_required, cancelled")
@pytest.mark.parametrize("conclusion", [None, *Conclusion])
def test_state_follows_the_conclusion(conclusion: Conclusion | None) -> None:
    state = commit_status.state(replace(DONE, conclusion=conclusion))
    assert (state, state is CommitState.PENDING) == (STATES[conclusion], conclusion is None)


@rule("Commit status: a manual check waits for a verdict")
def test_manual_check_is_pending_until_a_person_decides() -> None:
    manual = replace(DONE, identity=Identity(kind=RunKind.MANUAL))
    assert commit_status.state(replace(manual, conclusion=Conclusion.ACTION_REQUIRED)) is CommitState.PENDING
    assert commit_status.state(replace(manual, conclusion=Conclusion.FAILURE)) is CommitState.FAILURE


@pytest.mark.parametrize(
    ("title", "description"),
    [
        pytest.param("2 failed in 9 s", "2 failed in 9 s", id="as-it-is"),
        pytest.param("x" * 140, "x" * 140, id="at-the-limit"),
        pytest.param("x" * 141, "x" * 139 + "…", id="beyond-it"),
        pytest.param("é" * 141, "é" * 139 + "…", id="characters-not-bytes"),
        pytest.param("🙂 \x1b[31mred\0", "\\U0001f642 red\\x00", id="characters-that-github-refuses"),
        pytest.param("🙂" * 20, "\\U0001f642" * 13 + "\\U0001f64…", id="escaped-before-it-is-truncated"),
    ],
)
def test_description_is_the_title_within_the_limit(title: str, description: str) -> None:
    body = commit_status.body(replace(DONE, output=Output(title=title, summary="")), PAGE)
    assert body["description"] == description
    assert len(description) <= STATUS_DESCRIPTION_CHARACTERS


def test_status_never_has_the_name_of_the_check() -> None:
    body = commit_status.body(replace(OPEN, name="pytest (unit)"), PAGE)
    assert body == {"state": "pending", "context": "status: pytest (unit)", "description": "", "target_url": PAGE}


def test_status_without_a_page_has_no_link() -> None:
    assert "target_url" not in commit_status.body(DONE, "")


@pytest.mark.parametrize(
    ("kind", "is_app", "expected"),
    [
        (ErrorKind.PERMISSION, True, "set Commit statuses to Read and write"),
        (ErrorKind.PERMISSION, False, "`permissions: {checks: write, statuses: write, contents: read}`"),
        (ErrorKind.INVALID, True, "The commit status “status: pytest” could not be set (403: no {braces})"),
    ],
)
def test_refusal_names_the_remedy(kind: ErrorKind, is_app: bool, expected: str) -> None:
    failure = RequestFailure(status=403, message="no {braces}")
    text = commit_status.sentence(kind, failure, DONE, "octo/demo", is_app=is_app)
    assert expected in text
    assert "(403: no {braces})" in text
    assert "The check run is not affected." in text
