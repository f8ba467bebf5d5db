"""Where a job creates a manual check."""

from __future__ import annotations

import re

from ..inputs.credentials import withholds_secrets
from ..model.job import Context
from ..model.settings import ManualMode

_EVENTS = ("pull_request", "pull_request_target", "merge_group")
_QUEUE = re.compile(r"gh-readonly-queue/.+/pr-([1-9][0-9]{0,9})-[0-9a-f]{40}")
_FORK = (
    "GitHub gives no secrets to the jobs of a fork's pull request. The receiver of your App's webhooks creates the "
    "check when the pull request is opened or pushed to: subscribe the App to the event Pull request."
)
_DEPENDABOT = (
    "GitHub gives Dependabot's jobs no secrets of Actions. Add the private key to the repository's Settings, Secrets "
    "and variables, Dependabot, under the same name."
)


def why_not_here(mode: ManualMode, context: Context, *, is_app: bool) -> str:
    """Return why this job creates no manual check, and what to do about that; empty if it does.

    `is_app`: whether the job has the App's key.
    """
    if mode is not ManualMode.ALWAYS and context.event not in _EVENTS:
        return (
            f"With `manual: true`, manual checks are for pull requests and merge queues, and the event is "
            f"{context.event or 'none'}. Set `manual: always` to have them on every event."
        )
    if is_app or not withholds_secrets(context):
        return ""
    return _FORK if context.is_fork else _DEPENDABOT


def queued_pull_request(context: Context) -> int:
    """Return the number of the pull request that a merge group ends with, 0 if its branch does not name one.

    https://docs.github.com/webhooks/webhook-events-and-payloads#merge_group
    """
    match = _QUEUE.fullmatch(context.head_ref) if context.event == "merge_group" else None
    return int(match[1]) if match else 0
