"""Refused dispatches: the sentence says what to change."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.core.github.error_kind import RequestFailure
from checks.core.rerun.dispatch_failures import sentence
from checks.core.text.escape import prose

UNKNOWN = 'Unexpected inputs provided: ["rerun"]'


def sentence_for(status: int | None, message: str, ref: str = "main") -> str:
    return sentence(RequestFailure(status=status, message=message), workflow="tests.yml", ref=ref)


@pytest.mark.parametrize(
    ("status", "message", "remedy"),
    [
        pytest.param(422, "No ref found for: main", "The branch or tag `main` no longer exists", id="no branch"),
        pytest.param(422, "No ref found for: refs/heads/main", "Push it again", id="no branch, whole name"),
        pytest.param(422, UNKNOWN, "does not declare the input `rerun`", id="no input"),
        pytest.param(
            422, "Workflow does not have 'workflow_dispatch' trigger", "Add that trigger there", id="no trigger"
        ),
        pytest.param(
            422,
            "Cannot trigger a 'workflow_dispatch' on a disabled workflow",
            "`tests.yml` is disabled",
            id="disabled",
        ),
        pytest.param(422, "Required input 'target' not provided", "Give its other inputs a default", id="more inputs"),
        pytest.param(404, "Not Found", "`tests.yml` was not found on the default branch", id="no workflow"),
        pytest.param(403, "Resource not accessible by integration", "set Actions to Read and write", id="forbidden"),
        pytest.param(422, "inputs are too large.", "GitHub did not start `tests.yml` at `main`", id="anything else"),
        pytest.param(410, "Gone", "GitHub did not start `tests.yml` at `main` (410: Gone).", id="another status"),
        pytest.param(None, "TimeoutError: read", "(TimeoutError: read)", id="no answer"),
    ],
)
def test_each_refusal_has_remedy_and_githubs_message(status: int | None, message: str, remedy: str) -> None:
    text = sentence_for(status, message)
    assert remedy in text
    assert (f"({status}: {message})" if status else f"({message})") in text
    assert text.endswith(".")


@pytest.mark.parametrize("message", ["no ref found for: x", "NO REF FOUND FOR: x"])
def test_message_is_matched_case_insensitively(message: str) -> None:
    assert "no longer exists" in sentence_for(422, message)


@pytest.mark.parametrize("branch", ["disabled", "workflow_dispatch", "unexpected-inputs", "required input"])
def test_branch_named_like_a_reason_is_reported_as_gone(branch: str) -> None:
    assert "no longer exists" in sentence_for(422, f"No ref found for: {branch}", branch)


@given(st.none() | st.integers(100, 599), st.text(), st.text())
def test_sentence_is_one_line_for_any_message(status: int | None, message: str, ref: str) -> None:
    text = sentence_for(status, message, ref)
    assert any(words in text for words in ("tests.yml", "no longer exists", "The App cannot start workflows"))
    assert "\n" not in prose(text)


def test_braces_in_message_are_kept() -> None:
    assert "{workflow} {0}" in sentence_for(422, "{workflow} {0}")
