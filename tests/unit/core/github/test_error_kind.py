from __future__ import annotations

import pytest

from checks.core.github.error_kind import ApiCaller, ErrorKind, RequestFailure, classify, sentence

APP = ApiCaller(is_app=True, repository="octo/demo", api_url="https://api.github.com")
TOKEN = ApiCaller(is_app=False, repository="octo/demo", api_url="https://api.github.com")


@pytest.mark.parametrize(
    ("status", "message", "kind"),
    [
        (None, "ConnectionError", ErrorKind.UNREACHABLE),
        (500, "Server Error", ErrorKind.UNREACHABLE),
        (401, "Bad credentials", ErrorKind.CREDENTIALS),
        (401, "A JSON web token could not be decoded", ErrorKind.CREDENTIALS),
        (404, "Integration not found", ErrorKind.CREDENTIALS),
        (403, "Resource not accessible by integration", ErrorKind.PERMISSION),
        (422, "The permissions requested are not granted to this installation.", ErrorKind.PERMISSION),
        (403, "This installation has been suspended", ErrorKind.SUSPENDED),
        (404, "Not Found", ErrorKind.NOT_FOUND),
        (422, "... does not exist or is not accessible to the parent installation.", ErrorKind.NOT_FOUND),
        (403, "API rate limit exceeded for installation ID 1.", ErrorKind.RATE_LIMIT),
        (403, "You have exceeded a secondary rate limit.", ErrorKind.RATE_LIMIT),
        (429, "", ErrorKind.RATE_LIMIT),
        (422, "Invalid request.", ErrorKind.INVALID),
        (400, "Problems parsing JSON", ErrorKind.INVALID),
    ],
)
def test_error_kind_follows_from_status_and_message(status: int | None, message: str, kind: ErrorKind) -> None:
    assert classify(RequestFailure(status=status, message=message)) is kind


@pytest.mark.parametrize("headers", [{"retry-after": "1"}, {"x-ratelimit-remaining": "0"}])
def test_403_with_retry_time_is_a_rate_limit(headers: dict[str, str]) -> None:
    assert classify(RequestFailure(status=403, message="Forbidden", headers=headers)) is ErrorKind.RATE_LIMIT


@pytest.mark.parametrize("status", [None, 500, 502, 504])
def test_write_without_response_may_have_been_applied(status: int | None) -> None:
    assert RequestFailure(status=status, message="").may_have_been_applied


@pytest.mark.parametrize("status", [301, 401, 403, 404, 422, 429])
def test_refused_write_has_not_been_applied(status: int) -> None:
    assert not RequestFailure(status=status, message="").may_have_been_applied


@pytest.mark.parametrize("caller", [APP, TOKEN], ids=["app", "token"])
@pytest.mark.parametrize("kind", ErrorKind)
def test_every_error_kind_has_a_sentence_with_githubs_message(kind: ErrorKind, caller: ApiCaller) -> None:
    text = sentence(kind, RequestFailure(status=418, message="I'm a\nteapot {repository}"), caller)
    assert "(418: I'm a teapot {repository}). " in text
    assert text.endswith(".")
    assert "\n" not in text


@pytest.mark.parametrize(
    ("caller", "kind", "remedy"),
    [
        (APP, ErrorKind.CREDENTIALS, "`private-key`"),
        (APP, ErrorKind.PERMISSION, "Permissions & events"),
        (APP, ErrorKind.SUSPENDED, "Unsuspend"),
        (APP, ErrorKind.NOT_FOUND, "Install App"),
        (TOKEN, ErrorKind.PERMISSION, "`permissions: {checks: write, contents: read}`"),
        (TOKEN, ErrorKind.CREDENTIALS, "`github-token`"),
    ],
)
def test_sentence_names_the_remedy(caller: ApiCaller, kind: ErrorKind, remedy: str) -> None:
    assert remedy in sentence(kind, RequestFailure(status=403, message="no"), caller)


def test_long_message_is_truncated() -> None:
    assert len(str(RequestFailure(status=422, message="x" * 10_000))) < 250
