from __future__ import annotations

import pytest

from checks.core.comment.refusal import sentence
from checks.core.github.error_kind import ErrorKind, RequestFailure


@pytest.mark.parametrize(
    ("kind", "message", "is_app", "expected"),
    [
        (ErrorKind.PERMISSION, "no {braces}", True, "set Pull requests to Read and write"),
        (ErrorKind.PERMISSION, "no", False, "`permissions: {checks: write, pull-requests: write, contents: read}`"),
        (ErrorKind.FORBIDDEN, "Unable to create comment because issue is locked.", True, "is locked (403: Unable"),
        (
            ErrorKind.UNREACHABLE,
            "no",
            True,
            "The comment on pull request 12 of octo/demo could not be written (403: no)",
        ),
    ],
)
def test_refusal_names_the_remedy(kind: ErrorKind, message: str, is_app: bool, expected: str) -> None:
    failure = RequestFailure(status=403, message=message)
    text = sentence(kind, failure, repository="octo/demo", pull_request=12, is_app=is_app)
    assert expected in text
    assert f"(403: {message})" in text
    assert "The check run is not affected." in text
