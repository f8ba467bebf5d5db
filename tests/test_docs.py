"""Each row of the rule pages has a test, each marker names a row, and the code has the messages that pages quote."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "docs" / name for name in ("rules.md", "attacks.md", "reliability.md", "comment-commands.md")]
#: The constant parts of the messages that the re-run guide quotes.
QUOTED = sorted(
    {
        part.strip()
        for row in re.findall(
            r"^\| (.*?) \|.*\|$",
            (ROOT / "docs" / "re-runs.md").read_text().partition("## Troubleshooting")[2],
            re.MULTILINE,
        )
        for part in re.split(r"…|·|@octocat|\(read\)|\d+|failed tests|`", row)
        if len(part.strip()) > 6
    }
    - {"reason", "it says", "what it says"}
)


def rows(page: Path) -> Iterator[str]:
    """Yield the page's rows as ``Section: first cell``, without Markdown."""
    section, is_in_table = "", False
    for line in page.read_text().splitlines():
        if heading := re.fullmatch(r"#+ (.*)|\*\*([^*]+)\*\*", line):
            section = heading[1] or heading[2]
        if is_in_table and line.startswith("| "):
            cell = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", line[2:].partition(" |")[0])
            yield f"{section}: {cell.replace('`', '')}"
        is_in_table = line.startswith(("|---", "| ")) and (is_in_table or line.startswith("|---"))


def marked(path: Path) -> Iterator[str]:
    """Yield the rows that the markers of the file's tests name."""
    for node in ast.parse(path.read_text()).body:
        for decorator in node.decorator_list if isinstance(node, ast.FunctionDef) else ():
            match decorator:
                case ast.Call(func=ast.Name(id="rule"), args=[ast.Constant(value=str(row))]):
                    yield row


PATHS = [path for path in (ROOT / "tests").rglob("test_*.py") if "projects" not in path.parts]
#: The sections of the guide on manual checks whose rows are rules.
MANUAL_SECTIONS = ("The workflow: ", "Verdicts: ", "Carrying verdicts over: ", "Where manual checks exist: ", "Forks: ")
ROWS = [
    *(row for page in PAGES for row in rows(page)),
    *(row for row in rows(ROOT / "docs" / "manual-checks.md") if row.startswith(MANUAL_SECTIONS)),
]
MARKED = sorted({row for path in PATHS for row in marked(path)})


def matching_rows(marker: str) -> list[str]:
    """Return the rows that a marker names: the row that equals it, otherwise those that begin with it."""
    return [marker] if marker in ROWS else [row for row in ROWS if row.startswith(marker)]


def test_rows_are_unique() -> None:
    assert sorted(ROWS) == sorted(set(ROWS))


def test_each_marker_names_one_row() -> None:
    assert [marker for marker in MARKED if len(matching_rows(marker)) != 1] == []


def test_each_row_has_a_test() -> None:
    assert {*ROWS} - {row for marker in MARKED for row in matching_rows(marker)} == set()


@pytest.mark.parametrize("page", sorted((ROOT / "docs").glob("*.md")), ids=lambda page: page.name)
def test_pages_for_users_name_no_tests(page: Path) -> None:
    assert re.findall(r"\btest_\w+\.py::\w+", page.read_text()) == []


def test_quoted_reasons_in_the_guide_are_in_the_code() -> None:
    code = "\n".join(path.read_text() for path in (ROOT / "checks").rglob("*.py"))
    joined = re.sub(r"\"\n\s*f?\"", "", code)
    assert [quoted for quoted in QUOTED if quoted not in joined] == []
