from __future__ import annotations

from pathlib import Path

import pytest

from checks.adapters.pytest_process.sources import Sources
from tests.support.planted import Plant, every_non_file, run_with_timeout
from tests.support.rules import rule

TEXT = """\
import pytest

def plain(): pass

@pytest.fixture
@decorated(
    "def in_a_string",
)
async def decorated_twice():
    pass

class Test:
    @mark
    def test_inside(self): pass

@dangling
"""


@pytest.mark.parametrize(
    ("line", "expected"),
    [(3, 3), (5, 9), (6, 9), (12, 12), (13, 14), (16, 16), (1, 1), (0, 0), (-1, -1), (99, 99)],
)
def test_decorated_function_is_located_at_its_def(tmp_path: Path, line: int, expected: int) -> None:
    (tmp_path / "test_a.py").write_text(TEXT)
    assert Sources(tmp_path).definition("test_a.py", line) == expected


@pytest.mark.parametrize("text", [b"", b"\xff@x\n", b"@x"], ids=["empty", "not UTF-8", "nothing follows"])
def test_file_without_a_definition_changes_no_line(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "test_a.py").write_bytes(text)
    assert Sources(tmp_path).definition("test_a.py", 1) == 1


def test_missing_file_changes_no_line(tmp_path: Path) -> None:
    assert Sources(tmp_path).definition("gone.py", 7) == 7


@rule("Impersonating the action: a link or a pipe in place of a test's file, which the action reads to find its def")
@every_non_file
def test_planted_non_file_changes_no_line(tmp_path: Path, plant: Plant) -> None:
    plant(tmp_path / "test_a.py")
    run_with_timeout(lambda: Sources(tmp_path).definition("test_a.py", 7))
    assert Sources(tmp_path).definition("test_a.py", 7) == 7
