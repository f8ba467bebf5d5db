"""A dispatch that GitHub refused -> the sentence that says what to change.

https://docs.github.com/rest/actions/workflows#create-a-workflow-dispatch-event
"""

from __future__ import annotations

from ..github.error_kind import (  # why it failed is the same question for any request
    ErrorKind,
    RequestFailure,
    classify,
)

_BY_MESSAGE = {
    "no ref found": "The branch or tag {ref} is gone ({failure}): push it again, then press the button again.",
    "unexpected inputs": (
        "{workflow} at {ref} does not know the input `rerun` ({failure}): declare it there, under `workflow_dispatch`, "
        "`inputs`."
    ),
    "required input": (
        "{workflow} at {ref} asks for more than the input `rerun` ({failure}): give its other inputs a default, or "
        "make them optional."
    ),
    # "Cannot trigger a 'workflow_dispatch' on a disabled workflow" is no other trigger's absence.
    "disabled": "{workflow} is disabled ({failure}): enable it on the repository's Actions page.",
    "workflow_dispatch": (
        "{workflow} at {ref} is not started by `workflow_dispatch` ({failure}): add that trigger there, with the input "
        "`rerun`."
    ),
}
_BY_KIND = {
    ErrorKind.NOT_FOUND: (
        "{workflow} is not on the default branch ({failure}): GitHub starts only workflows that are there; or the App "
        "may not see Actions: on its page, Permissions & events, set Actions to Read and write."
    ),
    ErrorKind.PERMISSION: (
        "The App may not start workflows ({failure}): on its page, Permissions & events, Repository permissions, set "
        "Actions to Read and write; then accept that in the repository owner's Settings, GitHub Apps, Configure."
    ),
}
_DEFAULT = "GitHub does not start {workflow} at {ref} ({failure})."


def sentence(failure: RequestFailure, *, workflow: str, ref: str) -> str:
    """Why it was not started, and what to do, as one line of prose."""
    message = failure.message.lower()
    by_message = next((text for phrase, text in _BY_MESSAGE.items() if phrase in message), "")
    template = by_message or _BY_KIND.get(classify(failure), _DEFAULT)
    return template.format(workflow=f"`{workflow}`", ref=f"`{ref}`", failure=failure)
