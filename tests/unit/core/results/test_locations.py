from __future__ import annotations

import pytest

from checks.core.model.item import Item, Location
from checks.core.model.job import Repository
from checks.core.results.locations import (
    configuration_candidates,
    first_tracked,
    is_configuration,
    item_location,
    resolve,
)
from tests.support.rules import rule

REPOSITORY = Repository(
    root="/repo",
    tracked=frozenset(
        {"pyproject.toml", "src/shop/cart.py", "tests/test_a.py", "lib/json/tool.py", "a/x/y.py", "b/x/y.py"}
    ),
    fallback="pyproject.toml",
)


@rule("Annotations: failed in an installed, built or moved copy of a file of the repository")
@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param("/venv/lib/python3.13/site-packages/shop/cart.py", "src/shop/cart.py", id="installed"),
        pytest.param("/usr/lib/python3/dist-packages/shop/cart.py", "src/shop/cart.py", id="installed by the system"),
        pytest.param("/repo/.tox/py/lib/python3.13/site-packages/shop/cart.py", "src/shop/cart.py", id="tox"),
        pytest.param("/repo/build/lib.linux-x86_64/shop/cart.py", "src/shop/cart.py", id="built"),
        pytest.param("/old/tests/test_a.py", "tests/test_a.py", id="moved"),
        pytest.param("../old/tests/test_a.py", "tests/test_a.py", id="moved, relative"),
        pytest.param("/venv/lib/python3.13/site-packages/pip/shop/cart.py", None, id="another package"),
        pytest.param("/usr/lib/python3.13/json/tool.py", None, id="the standard library"),
        pytest.param("/repo/other/shop/cart.py", None, id="an untracked file of the repository"),
        pytest.param("/old/x/y.py", None, id="two files that it may be"),
        pytest.param("/old/cart.py", None, id="only the name is the same"),
        pytest.param("/old/tests/pyproject.toml", None, id="no Python"),
    ],
)
def test_copy_is_located_in_its_tracked_source(path: str, expected: str | None) -> None:
    found = resolve([Location(path=path, line=3)], repository=REPOSITORY, root="/repo")
    assert found == (None if expected is None else (expected, 3))


@pytest.mark.parametrize(
    ("defined_in", "line"),
    [("../old/test_top.py", 7), ("../lib/test_base.py", 1)],
    ids=["moved byte code", "inherited from outside"],
)
def test_test_of_moved_byte_code_keeps_its_line(defined_in: str, line: int) -> None:
    repository = Repository(root="/repo", tracked=frozenset({"test_top.py"}))
    test = Item(nodeid="test_top.py::test_a", line=7, defined_in=defined_in)
    assert item_location(test, repository=repository, root="/repo") == ("test_top.py", line)


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
