from __future__ import annotations

from typing import Any

import pytest

from checks.core.github.error_kind import ErrorKind, RequestFailure, classify
from checks.core.github.response import parse_response

PAGE = "<!DOCTYPE html>\n<title>Log in</title>"
HTML = {"content-type": "text/html; charset=utf-8"}


def parsed(status: int, text: str, shape: type[dict[str, Any] | list[Any]] = dict, **headers: str) -> Any:
    return parse_response(status, headers, text, shape=shape)


@pytest.mark.parametrize(
    ("status", "text", "shape", "data"),
    [
        pytest.param(200, '{"id": 1}', dict, {"id": 1}, id="an object"),
        pytest.param(201, "{}", dict, {}, id="created"),
        pytest.param(200, "[1]", list, [1], id="a list"),
        pytest.param(204, "", dict, {}, id="no content"),
    ],
)
def test_successful_response_has_its_data(
    status: int, text: str, shape: type[dict[str, Any] | list[Any]], data: object
) -> None:
    assert parsed(status, text, shape) == data


@pytest.mark.parametrize("text", [PAGE, "", "[]", "null", "1", '{"id":', "[" * 100_000])
def test_success_in_another_format_is_not_the_api(text: str) -> None:
    failure = parsed(200, text)
    assert isinstance(failure, RequestFailure)
    assert (failure.status, failure.kind) == (None, ErrorKind.NOT_API)
    assert failure.may_have_been_applied
    assert str(failure) == "200 with a body that is not a JSON object"


@pytest.mark.parametrize(
    ("status", "text", "kind", "shown"),
    [
        pytest.param(404, '{"message": "Not Found"}', ErrorKind.NOT_FOUND, "404: Not Found", id="the API's"),
        pytest.param(404, PAGE, ErrorKind.NOT_API, "404: a web page", id="another server's 404"),
        pytest.param(404, '{"error": "no such path"}', ErrorKind.NOT_API, '404: {"error": "no such path"}', id="JSON"),
        pytest.param(403, PAGE, ErrorKind.NOT_API, "403: a web page", id="a proxy's 403"),
        pytest.param(401, "", ErrorKind.NOT_API, "401: no content", id="a proxy's 401"),
        pytest.param(406, PAGE, ErrorKind.NOT_API, "406: a web page", id="406"),
        pytest.param(407, PAGE, ErrorKind.NOT_API, "407: a web page", id="407"),
        pytest.param(302, PAGE, ErrorKind.NOT_API, "302: a web page", id="a redirect to nowhere"),
        pytest.param(413, PAGE, ErrorKind.INVALID, "413: a web page", id="GitHub's own front, too long"),
        pytest.param(429, PAGE, ErrorKind.RATE_LIMIT, "429: a web page", id="GitHub's own front, too often"),
        pytest.param(502, PAGE, ErrorKind.UNREACHABLE, "502: a web page", id="an outage"),
        pytest.param(503, '{"message": "Busy"}', ErrorKind.UNREACHABLE, "503: Busy", id="an outage, in JSON"),
    ],
)
def test_refusal_is_githubs_only_in_its_format(status: int, text: str, kind: ErrorKind, shown: str) -> None:
    failure = parsed(status, text)
    assert isinstance(failure, RequestFailure)
    assert (classify(failure), str(failure)) == (kind, shown)


def test_redirect_is_shown_without_its_query() -> None:
    failure = parsed(302, PAGE, location="https://login.test/in?secret=1")
    assert isinstance(failure, RequestFailure)
    assert (str(failure), classify(failure)) == ("302: redirect to https://login.test/in", ErrorKind.NOT_API)


def test_web_page_is_recognized_by_its_content_type() -> None:
    failure = parse_response(404, HTML, "  Not here")
    assert str(failure) == "404: a web page"


@pytest.mark.parametrize(
    ("text", "shown"), [("{}", "`id`, `name`"), ('{"id": 1}', "`name`"), ('{"error": "no"}', "`id`, `name`")]
)
def test_success_without_the_apis_keys_is_not_the_api(text: str, shown: str) -> None:
    failure = parse_response(200, {}, text, keys=("id", "name"))
    assert (failure.kind, str(failure)) == (ErrorKind.NOT_API, f"200 with a body that is JSON without {shown}")


def test_success_with_the_apis_keys_has_its_data() -> None:
    assert parse_response(200, {}, '{"id": null, "more": 2}', keys=("id",)) == {"id": None, "more": 2}
