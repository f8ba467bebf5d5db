"""The pages in docs/ name tests; these exist, and every rule has one."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "docs" / "rules.md", ROOT / "docs" / "attacks.md"]
NAMED = sorted(
    {name for page in (ROOT / "docs").glob("*.md") for name in re.findall(r"tests/[\w/]+\.py::\w+", page.read_text())}
)
ROWS = [
    line
    for page in PAGES
    for line in page.read_text().splitlines()
    if line.startswith("|") and not line.endswith(("| test |", "---|"))
]


def collected(path: Path) -> set[str]:
    """The tests that pytest finds in a file: its functions of that name."""
    tree = ast.parse(path.read_text())
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


@pytest.mark.parametrize("name", NAMED)
def test_a_test_that_a_page_names_exists(name: str) -> None:
    path, _, function = name.partition("::")
    assert function in collected(ROOT / path)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[2:60])
def test_every_rule_names_its_test(row: str) -> None:
    assert re.search(r"\| `tests/[\w/]+\.py::test_\w+` \|$", row)
