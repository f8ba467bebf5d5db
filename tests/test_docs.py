"""The pages in docs/ name tests; these exist, and every rule has one. What they quote, the code says."""

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
#: What the guide to re-runs quotes of refusals, without what differs from one to the next.
QUOTED = sorted(
    {
        part.strip()
        for row in re.findall(
            r"^\| (.*?) \|.*\|$",
            (ROOT / "docs" / "re-runs.md").read_text().partition("## When a button does not do it")[2],
            re.MULTILINE,
        )
        for part in re.split(r"…|·|@octocat|\(read\)|\d+|failed tests|`", row)
        if len(part.strip()) > 6
    }
    - {"reason", "it says", "what it says"}
)


def collected(path: Path) -> set[str]:
    """The tests that pytest finds in a file: its functions of that name."""
    tree = ast.parse(path.read_text())
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


@pytest.mark.parametrize("name", NAMED)
def test_a_test_that_a_page_names_exists(name: str) -> None:
    path, _, function = name.partition("::")
    assert function in collected(ROOT / path)


@pytest.mark.parametrize("quoted", QUOTED)
def test_a_reason_that_the_guide_to_re_runs_gives_is_one_of_the_code(quoted: str) -> None:
    code = "\n".join(path.read_text() for path in (ROOT / "checks").rglob("*.py"))
    joined = re.sub(r"\"\n\s*f?\"", "", code)
    assert quoted in joined


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[2:60])
def test_every_rule_names_its_test(row: str) -> None:
    assert re.search(r"\| `tests/[\w/]+\.py::test_\w+` \|$", row)
