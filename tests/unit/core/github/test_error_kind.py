from __future__ import annotations

import pytest

from checks.core.github.error_kind import ApiCaller, ErrorKind, RequestFailure, classify, sentence

APP = ApiCaller(is_app=True, repository="octo/demo", api_url="https://api.github.com")
APP_ALONE = ApiCaller(is_app=True, repository="", api_url="https://api.github.com")
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
        (403, "You have triggered an abuse detection mechanism. Please wait a few minutes.", ErrorKind.RATE_LIMIT),
        (
            403,
            "… abuse detection mechanism and have been temporarily blocked from …",
            ErrorKind.RATE_LIMIT,
        ),
        (429, "", ErrorKind.RATE_LIMIT),
        (403, "… the `octo` organization has an IP allow list enabled, and your IP address …", ErrorKind.FORBIDDEN),
        (403, "Repository was archived so is read-only.", ErrorKind.FORBIDDEN),
        (403, "Resource protected by organization SAML enforcement. You must grant …", ErrorKind.FORBIDDEN),
        (403, "Repository access blocked", ErrorKind.FORBIDDEN),
        (451, "Repository access blocked", ErrorKind.FORBIDDEN),
        (403, "Sorry. Your account was suspended.", ErrorKind.FORBIDDEN),
        (403, "Invalid app_id `1` - check run can only be modified by the GitHub App that …", ErrorKind.FORBIDDEN),
        (301, "Moved Permanently", ErrorKind.NOT_API),
        (407, "Proxy Authentication Required", ErrorKind.NOT_API),
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


@pytest.mark.parametrize("caller", [APP, TOKEN, APP_ALONE], ids=["app", "token", "app-without-a-repository"])
@pytest.mark.parametrize("kind", ErrorKind)
def test_every_error_kind_has_a_sentence_with_githubs_message(kind: ErrorKind, caller: ApiCaller) -> None:
    text = sentence(kind, RequestFailure(status=418, message="I'm a\nteapot {repository}"), caller, "GET /app")
    assert "(418: I'm a teapot {repository}). " in text
    assert text.endswith(".")
    assert "\n" not in text
    assert "  " not in text
    assert " in (" not in text


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
    request = "GET /repos/octo/demo/installation"
    assert remedy in sentence(kind, RequestFailure(status=403, message="no"), caller, request)


def test_missing_thing_is_not_taken_for_a_missing_app() -> None:
    failure = RequestFailure(status=404, message="Not Found")
    text = sentence(ErrorKind.NOT_FOUND, failure, APP, "PATCH /repos/octo/demo/check-runs/1")
    assert text.startswith(
        "GitHub finds nothing for the request `PATCH /repos/octo/demo/check-runs/1` (404: Not Found)"
    )


@pytest.mark.parametrize(
    ("message", "remedy"),
    [
        (
            "… the `octo` organization has an IP allow list enabled, and your IP address …",
            "does not contain this machine",
        ),
        ("Repository was archived so is read-only.", "octo/demo is archived"),
        ("Resource protected by organization SAML enforcement.", "Configure SSO"),
        ("Repository access blocked", "GitHub blocks access to octo/demo"),
        ("Repository is locked for migration.", "octo/demo is locked"),
        ("Sorry. Your account was suspended.", "suspended the account of this token"),
        ("`octo` forbids access via a fine-grained personal access token.", "this kind of token"),
        ("… can only be modified by the GitHub App that created it.", "Another App created this check run"),
    ],
)
@pytest.mark.parametrize("caller", [APP, TOKEN], ids=["app", "token"])
def test_forbidden_request_has_the_remedy_of_its_reason(caller: ApiCaller, message: str, remedy: str) -> None:
    failure = RequestFailure(status=403, message=message)
    text = sentence(classify(failure), failure, caller, "PATCH /repos/octo/demo/check-runs/1")
    assert remedy in text
    assert "Read and write" not in text


def test_rejected_request_is_named() -> None:
    failure = RequestFailure(status=422, message="Invalid request.")
    text = sentence(ErrorKind.INVALID, failure, APP, "POST /repos/octo/demo/check-runs")
    assert text.startswith("GitHub rejected the request `POST /repos/octo/demo/check-runs` (422: Invalid request.).")


def test_unknown_commit_is_no_bug() -> None:
    failure = RequestFailure(status=422, message="No commit found for SHA: c0ffee")
    assert "`head-sha`" in sentence(classify(failure), failure, APP, "POST /repos/octo/demo/check-runs")


@pytest.mark.parametrize(
    ("kind", "status", "may"),
    [
        (ErrorKind.NO_CONNECTION, None, False),
        (ErrorKind.NAME_RESOLUTION, None, False),
        (ErrorKind.CERTIFICATE, None, False),
        (ErrorKind.NOT_API, None, True),
        (ErrorKind.NOT_API, 404, False),
    ],
)
def test_kind_tells_whether_a_write_arrived(kind: ErrorKind, status: int | None, may: bool) -> None:
    assert RequestFailure(status=status, message="", kind=kind).may_have_been_applied is may


def test_long_message_is_truncated() -> None:
    assert len(str(RequestFailure(status=422, message="x" * 10_000))) < 250
