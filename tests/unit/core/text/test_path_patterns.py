"""Patterns of paths, as in a ``.gitignore`` at the root."""

from __future__ import annotations

import pytest

from checks.core.text.path_patterns import matches


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("src/device.py", "src/device.py"),
        ("src/", "src/a/b.py"),
        ("src", "lib/src/a.py"),
        ("*.py", "a/b.py"),
        ("/*.py", "b.py"),
        ("/src", "src/a.py"),
        ("src/*", "src/a/b.py"),
        ("src/*.py", "src/.hidden.py"),
        ("src/**", "src/a/b.py"),
        ("src/**", "src"),
        ("src/**/x.py", "src/x.py"),
        ("src/**/x.py", "src/a/b/x.py"),
        ("src/**/**/x.py", "src/x.py"),
        ("**/x", "x"),
        ("**/x", "a/x/y.py"),
        ("**", "a"),
        ("**.py", "a/b.py"),
        ("a?c", "abc"),
        ("[ab]-[!c].py", "b-d.py"),
        ("a b.py", "a b.py"),
    ],
)
def test_pattern_matches(pattern: str, path: str) -> None:
    assert matches(pattern, path)


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("src/device.py", "lib/src/device.py"),
        ("src/", "srcs/a.py"),
        ("/*.py", "a/b.py"),
        ("/src", "lib/src"),
        ("src/*.py", "src/a/b.py"),
        ("src/**", "lib/src/a.py"),
        ("src/**/x.py", "src/x.pyc"),
        ("a?c", "a/c"),
        ("*.PY", "a.py"),
        ("a/b/c", "a/b"),
        ("[!a].py", "a.py"),
    ],
)
def test_pattern_does_not_match(pattern: str, path: str) -> None:
    assert not matches(pattern, path)


def test_many_wildcards_take_linear_time() -> None:
    assert not matches("/".join(["**", "a*a*a*a*b"] * 200), "/".join(["a" * 200] * 300))
