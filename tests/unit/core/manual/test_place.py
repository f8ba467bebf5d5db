"""Where a job creates a manual check."""

from __future__ import annotations

import pytest

from checks.core.manual.place import queued_pull_request, why_not_here
from checks.core.model.job import Context
from checks.core.model.settings import ManualMode

TRUE, ALWAYS = ManualMode.PULL_REQUESTS, ManualMode.ALWAYS


@pytest.mark.parametrize(
    ("mode", "context"),
    [
        (TRUE, Context(event="pull_request")),
        (TRUE, Context(event="pull_request_target", is_fork=True)),
        (TRUE, Context(event="merge_group")),
        (TRUE, Context(event="pull_request", is_dependabot=True)),
        (ALWAYS, Context(event="push")),
        (ALWAYS, Context(event="schedule")),
    ],
)
def test_check_is_created(mode: ManualMode, context: Context) -> None:
    assert why_not_here(mode, context, is_app=True) == ""


@pytest.mark.parametrize(
    ("mode", "context", "words"),
    [
        (TRUE, Context(event="push"), "the event is push. Set `manual: always`"),
        (TRUE, Context(), "the event is none."),
        (ALWAYS, Context(event="pull_request", is_fork=True), "The receiver of your App's webhooks creates the check"),
        (TRUE, Context(event="pull_request", is_dependabot=True), "variables, Dependabot, under the same name"),
    ],
)
def test_check_is_not_created_and_the_reason_helps(mode: ManualMode, context: Context, words: str) -> None:
    assert words in why_not_here(mode, context, is_app=False)


@pytest.mark.parametrize(
    ("head_ref", "number"),
    [
        (f"gh-readonly-queue/main/pr-123-{'a' * 40}", 123),
        (f"gh-readonly-queue/release/1.x/pr-7-{'a' * 40}", 7),
        (f"gh-readonly-queue/pr-1-x/pr-7-{'a' * 40}", 7),
        ("gh-readonly-queue/main/pr-123", 0),
        (f"topic/pr-123-{'a' * 40}", 0),
        (f"gh-readonly-queue/main/pr-{'1' * 20}-{'a' * 40}", 0),
        ("", 0),
    ],
)
def test_number_is_in_the_branch_of_a_merge_group(head_ref: str, number: int) -> None:
    assert queued_pull_request(Context(event="merge_group", head_ref=head_ref)) == number
    assert queued_pull_request(Context(event="push", head_ref=head_ref)) == 0
