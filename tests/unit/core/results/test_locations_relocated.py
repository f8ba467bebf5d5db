from __future__ import annotations

import pytest

from checks.core.model.item import Location
from checks.core.model.job import Repository
from checks.core.results.locations import relocate_repository, resolve
from tests.support.rules import rule

REPOSITORY = Repository(root="/github/workspace", tracked=frozenset({"test_a.py", "services/shop/tests/test_b.py"}))


@pytest.mark.parametrize(
    ("root", "path", "expected"),
    [
        pytest.param("/home/runner/work/demo/demo", "test_a.py", "/home/runner/work/demo/demo", id="the same root"),
        pytest.param(
            "/home/runner/work/demo/demo/services/shop", "tests/test_b.py", "/home/runner/work/demo/demo", id="a folder"
        ),
        pytest.param("/github/workspace", "test_a.py", "/github/workspace", id="the same place"),
        pytest.param("/w", "test_gone.py", "/w", id="a file that is not tracked"),
        pytest.param("/", "test_a.py", "/", id="the root of all"),
        pytest.param("", "test_a.py", "/", id="no root"),
        pytest.param("", "test_gone.py", "/github/workspace", id="nothing known"),
    ],
)
def test_relocated_root_is_where_the_report_was_written(root: str, path: str, expected: str) -> None:
    assert relocate_repository(REPOSITORY, root, path).root == expected


def test_relocated_repository_resolves_paths_of_the_report() -> None:
    relocated = relocate_repository(REPOSITORY, "/w/x/services/shop", "tests/test_b.py")
    assert relocated.relative("/w/x/test_a.py") == "test_a.py"
    assert relocated.relative("tests/test_b.py", "/w/x/services/shop") == "services/shop/tests/test_b.py"
    assert relocated.relative("/github/workspace/test_a.py") is None


ELSEWHERE = {
    "a test": ("tests/test_c.py", "tests/test_c.py"),
    "an absolute path": ("/ci/other/src/api.py", "src/api.py"),
    "a file that has the name of a file here": ("lib/test_a.py", "lib/test_a.py"),
    "another folder's file that has the name of a file here": ("/ci/shop/tests/test_b.py", None),
    "an installed file": ("venv/lib/python3.12/site-packages/requests/api.py", None),
    "a hidden folder": (".venv/src/api.py", None),
    "the standard library": ("/usr/lib/python3.12/json/decoder.py", None),
    "the root": (".", None),
    "a path that no file system has": ("x" * 5_000, None),
}


@rule("Annotations: published from a report whose files are not here")
@pytest.mark.parametrize(("path", "expected"), ELSEWHERE.values(), ids=ELSEWHERE)
def test_report_whose_files_are_not_here_keeps_its_own_paths(path: str, expected: str | None) -> None:
    relocated = relocate_repository(REPOSITORY, "/ci/other", "tests/test_c.py")
    found = resolve([Location(path=path, line=7)], repository=relocated, root="/ci/other")
    assert found == (None if expected is None else (expected, 7))
