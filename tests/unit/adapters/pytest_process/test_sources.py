from __future__ import annotations

from pathlib import Path

import pytest

from checks.adapters.pytest_process.sources import Sources, read_code_owners
from checks.core.model.job import Repository
from checks.core.model.limits import CODE_OWNERS_BYTES
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
    assert Sources(tmp_path, {"test_a.py"}).definition("test_a.py", line) == expected


@pytest.mark.parametrize("text", [b"", b"\xff@x\n", b"@x"], ids=["empty", "not UTF-8", "nothing follows"])
def test_file_without_a_definition_changes_no_line(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "test_a.py").write_bytes(text)
    assert Sources(tmp_path, {"test_a.py"}).definition("test_a.py", 1) == 1


def test_missing_file_changes_no_line(tmp_path: Path) -> None:
    assert Sources(tmp_path, {"test_a.py"}).definition("gone.py", 7) == 7


@rule("Impersonating the action: a link or a pipe in place of a test's file")
@every_non_file
def test_planted_non_file_changes_no_line(tmp_path: Path, plant: Plant) -> None:
    plant(tmp_path / "test_a.py")
    run_with_timeout(lambda: Sources(tmp_path, {"test_a.py"}).definition("test_a.py", 7))
    assert Sources(tmp_path, {"test_a.py"}).definition("test_a.py", 7) == 7
    assert Sources(tmp_path, {"test_a.py"}).lines("test_a.py") == []


def test_repository_that_the_tests_removed_has_no_lines(tmp_path: Path) -> None:
    sources = Sources(tmp_path / "root", {"test_a.py"})
    assert (sources.lines("test_a.py"), sources.definition("test_a.py", 7)) == ([], 7)


def test_lines_are_numbered_as_python_does(tmp_path: Path) -> None:
    (tmp_path / "test_a.py").write_bytes(b"a\x0c\r\nb\xe2\x80\xa8\rc\xff")
    assert Sources(tmp_path, {"test_a.py"}).lines("test_a.py") == ["a\x0c", "b\u2028", "c\ufffd"]


@pytest.mark.parametrize(("size_bytes", "lines"), [(2**20 - 1, 1), (2**20, 0)])
def test_large_file_has_no_lines(tmp_path: Path, size_bytes: int, lines: int) -> None:
    (tmp_path / "test_a.py").write_bytes(b"x" * size_bytes)
    assert len(Sources(tmp_path, {"test_a.py"}).lines("test_a.py")) == lines


@rule("Impersonating the action: a link in place of a folder of the repository, or a path that leaves it")
@pytest.mark.parametrize(
    "path", ["link/test_a.py", "../outside/test_a.py", "a/../../outside/test_a.py", "a//b.py", "a", "nul\0", "new.py"]
)
def test_no_file_outside_the_repository_is_read(tmp_path: Path, path: str) -> None:
    root = tmp_path / "root"
    for folder in (root / "a", tmp_path / "outside"):
        folder.mkdir(parents=True)
    for file in (root / "a" / "b.py", root / "new.py", tmp_path / "outside" / "test_a.py"):
        file.write_text("text\n")
    (root / "link").symlink_to(tmp_path / "outside")
    sources = Sources(root, {path, "a/b.py"} - {"new.py"})
    assert sources.lines(path) == []
    assert sources.lines("a/b.py") == ["text"]


def repository_of(root: Path, *files: str, tracked: bool = True) -> Repository:
    for name in files:
        path = root / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"* @{name}")
    return Repository(root=str(root), tracked=frozenset(files) if tracked else frozenset())


@rule("Owners: several CODEOWNERS files")
def test_first_code_owners_file_counts(tmp_path: Path) -> None:
    places = [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"]
    for position, place in enumerate(places):
        assert read_code_owners(repository_of(tmp_path, *places[position:])) == f"* @{place}"
    assert read_code_owners(repository_of(tmp_path, "src/CODEOWNERS")) == ""


@rule("Owners: a file that git does not track")
def test_untracked_code_owners_file_does_not_count(tmp_path: Path) -> None:
    assert read_code_owners(repository_of(tmp_path, "CODEOWNERS", tracked=False)) == ""


@pytest.mark.parametrize(("more_bytes", "is_read"), [(0, True), (1, False)])
def test_code_owners_file_has_githubs_limit(tmp_path: Path, more_bytes: int, is_read: bool) -> None:
    repository = repository_of(tmp_path, "CODEOWNERS")
    (tmp_path / "CODEOWNERS").write_text("x" * (CODE_OWNERS_BYTES + more_bytes))
    assert bool(read_code_owners(repository)) is is_read


def test_code_owners_file_may_have_any_bytes(tmp_path: Path) -> None:
    repository = repository_of(tmp_path, "CODEOWNERS")
    (tmp_path / "CODEOWNERS").write_bytes(b"\xef\xbb\xbf* @a\xff")
    assert read_code_owners(repository) == "* @a\ufffd"
    (tmp_path / "CODEOWNERS").unlink()
    assert read_code_owners(repository) == ""
