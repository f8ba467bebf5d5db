from __future__ import annotations

import pytest

from checks.core.results.locations import configuration_candidates, first_tracked, is_configuration


@pytest.mark.parametrize(
    ("folder", "expected"),
    [
        ("", ["pytest.ini", "pyproject.toml", "setup.cfg"]),
        ("a", ["a/tox.ini", "pytest.ini", "pyproject.toml", "setup.cfg"]),
        ("a/b", ["a/b/.pytest.toml", "a/tox.ini", "pytest.ini", "pyproject.toml", "setup.cfg"]),
    ],
)
def test_configuration_candidates_go_upwards_in_pytest_order(folder: str, expected: list[str]) -> None:
    tracked = {
        "setup.cfg",
        "pyproject.toml",
        "pytest.ini",
        "a/tox.ini",
        "a/b/.pytest.toml",
        "c/pytest.ini",
        "a/pytest.py",
    }
    assert list(configuration_candidates(tracked, folder)) == expected


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("pytest.toml", "", True),
        ("a/.pytest.ini", "[other]", True),
        ("pyproject.toml", "[tool.pytest]\n", True),
        ("pyproject.toml", "[x]\r\n[tool.pytest.ini_options]\n", True),
        ("pyproject.toml", "[tool.pytest-other]\n", False),
        ("pyproject.toml", "# [tool.pytest]\n", False),
        ("pyproject.toml", "[tool.mypy]\n", False),
        ("tox.ini", "[tox]\n[pytest]\n", True),
        ("tox.ini", "[testenv:pytest]\n", False),
        ("setup.cfg", "[tool:pytest]", True),
        ("setup.cfg", "[pytest]", False),
    ],
)
def test_is_configuration_agrees_with_pytest(path: str, text: str, expected: bool) -> None:
    assert is_configuration(path, text) is expected


@pytest.mark.parametrize(
    ("tracked", "expected"),
    [({"b", "a/a", "c"}, "b"), ({"b/a", "a/z"}, "a/z"), (set[str](), "")],
    ids=["at the root", "nothing at the root", "nothing"],
)
def test_first_tracked_prefers_files_at_the_root(tracked: set[str], expected: str) -> None:
    assert first_tracked(tracked) == expected
