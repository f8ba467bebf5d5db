from __future__ import annotations

import pytest

from checks.core.model.job import Repository
from checks.core.results.locations import relocate_repository

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
