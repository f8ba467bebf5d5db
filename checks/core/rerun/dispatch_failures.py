"""Explains to users why GitHub refused to start a workflow.

https://docs.github.com/rest/actions/workflows#create-a-workflow-dispatch-event
"""

from __future__ import annotations

from ..github.error_kind import (
    ErrorKind,
    RequestFailure,
    classify,
)

_NO_REF = "no ref found"
_BY_MESSAGE = {
    _NO_REF: "The branch or tag {ref} no longer exists ({failure}). Push it again, then press the button again.",
    "unexpected inputs": (
        "{workflow} at {ref} does not declare the input `rerun` ({failure}). Declare it there, under "
        "`workflow_dispatch`, `inputs`."
    ),
    "required input": (
        "{workflow} at {ref} requires more than the input `rerun` ({failure}). Give its other inputs a default, or "
        "make them optional."
    ),
    # Before "workflow_dispatch": "Cannot trigger a 'workflow_dispatch' on a disabled workflow" has both.
    "disabled": "{workflow} is disabled ({failure}). Enable it on the repository's Actions page.",
    "workflow_dispatch": (
        "{workflow} at {ref} has no trigger `workflow_dispatch` ({failure}). Add that trigger there, with the input "
        "`rerun`."
    ),
}
_BY_KIND = {
    ErrorKind.NOT_FOUND: (
        "{workflow} was not found on the default branch ({failure}). GitHub only starts workflows that exist there. If "
        "it does, the App has no access to Actions. On the App's page, under Permissions & events, Repository "
        "permissions, set Actions to Read and write."
    ),
    ErrorKind.PERMISSION: (
        "The App cannot start workflows ({failure}). On the App's page, under Permissions & events, Repository "
        "permissions, set Actions to Read and write. Then accept the new permission in the repository owner's "
        "Settings, GitHub Apps, Configure."
    ),
}
_DEFAULT = "GitHub did not start {workflow} at {ref} ({failure})."


def is_missing_ref(failure: RequestFailure) -> bool:
    """Whether the branch or tag does not exist."""
    return _NO_REF in failure.message.lower()


def sentence(failure: RequestFailure, *, workflow: str, ref: str) -> str:
    """Return one line of text for users: why the workflow was not started and how to fix it."""
    message = failure.message.lower()
    by_message = next((text for phrase, text in _BY_MESSAGE.items() if phrase in message), "")
    template = by_message or _BY_KIND.get(classify(failure), _DEFAULT)
    return template.format(workflow=f"`{workflow}`", ref=f"`{ref}`", failure=failure)
