from __future__ import annotations

import pytest

from checks.core.github.error_kind import RequestFailure
from checks.core.github.redirect import current_path, moved_repository, redirected_path

API = "https://api.github.com"
SERVER = "https://github.test/api/v3"
RUNS = "/repos/octo/demo/check-runs"


def redirected(location: str, *, api_url: str = API, status: int = 301) -> str:
    return redirected_path(
        RequestFailure(status=status, message="", headers={"location": location} if location else {}), api_url, RUNS
    )


@pytest.mark.parametrize("status", [301, 302, 307, 308])
@pytest.mark.parametrize(
    ("api_url", "location", "path"),
    [
        (API, f"{API}/repositories/7/check-runs", "/repositories/7/check-runs"),
        (API, f"{API}/repositories/7/check-runs?page=2", "/repositories/7/check-runs"),
        (API, "/repositories/7/check-runs", "/repositories/7/check-runs"),
        (API, "https://API.github.com:443/repositories/7", "/repositories/7"),
        (f"{API}/", f"{API}/repositories/7", "/repositories/7"),
        (SERVER, f"{SERVER}/repos/octo/new/check-runs", "/repos/octo/new/check-runs"),
        ("http://127.0.0.1:80", "http://127.0.0.1/repositories/7", "/repositories/7"),
    ],
)
def test_redirect_within_the_api_is_followed(status: int, api_url: str, location: str, path: str) -> None:
    assert redirected(location, api_url=api_url, status=status) == path


@pytest.mark.parametrize(
    ("api_url", "location"),
    [
        (API, ""),
        (API, "https://elsewhere.test/repositories/7"),
        (API, "//elsewhere.test/repositories/7"),
        (API, "http://api.github.com/repositories/7"),
        (API, "https://api.github.com:8443/repositories/7"),
        (API, "https://api.github.com.elsewhere.test/repositories/7"),
        (API, "https://api.github.com@elsewhere.test/repositories/7"),
        (API, "https://api.github.com:port/repositories/7"),
        (API, "https://[/repositories/7"),
        ("http://github.test/api/v3", "https://github.test/api/v3/repositories/7"),
        (SERVER, "https://github.test/login"),
        (SERVER, "https://github.test/api/v30/repositories/7"),
    ],
)
def test_redirect_to_another_host_or_outside_the_api_is_refused(api_url: str, location: str) -> None:
    assert redirected(location, api_url=api_url) == ""


@pytest.mark.parametrize("status", [200, 300, 303, 304, 404, None])
def test_other_responses_are_no_redirects(status: int | None) -> None:
    failure = RequestFailure(status=status, message="", headers={"location": f"{API}/repositories/7"})
    assert redirected_path(failure, API, RUNS) == ""


@pytest.mark.parametrize(
    ("path", "new_path", "move"),
    [
        (RUNS, "/repositories/7/check-runs", ("/repos/octo/demo", "/repositories/7")),
        (RUNS, "/repos/new/name/check-runs", ("/repos/octo/demo", "/repos/new/name")),
        ("/repos/octo/demo", "/repositories/7", ("/repos/octo/demo", "/repositories/7")),
        ("/repositories/7/check-runs", "/repositories/8/check-runs", ("/repositories/7", "/repositories/8")),
        (RUNS, RUNS, None),
        (RUNS, "/repositories/7/check-runs/1", None),
        (RUNS, "/login", None),
        ("/app", "/repositories/7", None),
    ],
)
def test_moved_repository_is_known_by_the_rest_of_the_path(
    path: str, new_path: str, move: tuple[str, str] | None
) -> None:
    assert moved_repository(path, new_path) == move


@pytest.mark.parametrize(
    ("path", "now"),
    [
        (f"{RUNS}/1", "/repositories/7/check-runs/1"),
        ("/repos/octo/demo", "/repositories/7"),
        ("/repos/octo/demo2/check-runs", "/repos/octo/demo2/check-runs"),
        ("/app/installations/1", "/app/installations/1"),
    ],
)
def test_current_path_is_in_the_moved_repository(path: str, now: str) -> None:
    assert current_path(path, {"/repos/octo/demo": "/repositories/7"}) == now
