"""Break lines of a project on purpose, always the same ones: in functions, fixtures and tests, or at import."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

_RAISE = 'raise RuntimeError("broken on purpose")'

Function = ast.FunctionDef | ast.AsyncFunctionDef
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Edit:
    """Replaces bytes `start` to `end` of a 1-based `line` by `new`, in which ``{old}`` stands for them.

    If `end` is None, inserts `new` as a line before it, indented by `start`.
    """

    path: Path
    line: int
    start: int
    end: int | None
    new: str


def while_running(source: Path, tests: Path, *, names: Collection[str] = ()) -> list[Edit]:
    """Break six functions of the package (with these names, if any), two fixtures and two tests."""
    functions = _spread(((path, node) for path, node in _functions(source) if not names or node.name in names), 6)
    test_functions = [*_functions(tests)]
    fixtures = [(path, node) for path, node in test_functions if _is_fixture(node)]
    cases = [(path, node) for path, node in test_functions if node.name.startswith("test")]
    return [
        *(_broken(path, node, kind) for kind, (path, node) in enumerate(functions)),
        *(_broken_fixture(path, node) for path, node in _spread(fixtures, 2)),
        *(_raising(path, node) for path, node in _spread(cases, 2)),
    ]


def while_collecting(tests: Path) -> list[Edit]:
    """Break two test modules: one with a failing import, one with a syntax error."""
    modules = [path for path in sorted(tests.rglob("test_*.py")) if _statements(_parsed(path))]
    lines = ["import nowhere_to_be_found", "def broken(:"]
    return [_inserted_at_top(path, line) for path, line in zip(_spread(modules, 2), lines, strict=False)]


def at_import(source: Path) -> list[Edit]:
    """Make importing the package fail."""
    path = min(source.rglob("__init__.py"), key=lambda path: len(path.parts))
    return [_inserted_at_top(path, 'raise ImportError("broken on purpose")')]


def apply(edits: Iterable[Edit]) -> None:
    """Write the edits to their files; of several edits of a line, the last."""
    files: dict[Path, dict[int, Edit]] = defaultdict(dict)
    for edit in edits:
        files[edit.path][edit.line] = edit
    for path, by_line in files.items():
        lines = path.read_bytes().splitlines(keepends=True)
        for line, edit in sorted(by_line.items(), reverse=True):
            old = lines[line - 1]
            if edit.end is None:
                lines.insert(line - 1, b" " * edit.start + edit.new.encode() + b"\n")
            else:
                new = edit.new.encode().replace(b"{old}", old[edit.start : edit.end])
                lines[line - 1] = old[: edit.start] + new + old[edit.end :]
        path.write_bytes(b"".join(lines))


def _spread(values: Iterable[T], number: int) -> list[T]:
    """Return `number` of them, evenly spaced."""
    all_values = [*values]
    positions = {(2 * index + 1) * len(all_values) // (2 * number) for index in range(number)}
    return [all_values[position] for position in sorted(positions) if position < len(all_values)]


def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_bytes())


def _functions(folder: Path) -> Iterator[tuple[Path, Function]]:
    """Return the functions with a statement on a line of its own."""
    for path in sorted(folder.rglob("*.py")):
        for node in ast.walk(_parsed(path)):
            if isinstance(node, Function) and _statements(node) and node.body[0].lineno > node.lineno:
                yield path, node


def _statements(node: Function | ast.Module) -> list[ast.stmt]:
    """Return the statements except for a docstring and ``from __future__``, which must stay first."""
    return [
        statement
        for statement in node.body
        if not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant))
        and not (isinstance(statement, ast.ImportFrom) and statement.module == "__future__")
    ]


def _broken(path: Path, node: Function, kind: int) -> Edit:
    """Make it, in turn, raise, return nothing, or take the other branch of an ``if``."""
    for child in ast.walk(node):
        if kind % 3 == 1 and isinstance(child, ast.Return) and child.value and _is_one_line(child.value):
            return _replaced(path, child.value, "None")
        if kind % 3 == 2 and isinstance(child, ast.If) and _is_one_line(child.test):
            return _replaced(path, child.test, "not ({old})")
    return _raising(path, node)


def _is_fixture(node: Function) -> bool:
    return any("fixture" in ast.unparse(decorator) for decorator in node.decorator_list)


def _broken_fixture(path: Path, node: Function) -> Edit:
    """Make a fixture that yields fail in its teardown, any other in its setup."""
    for child in ast.walk(node):
        if isinstance(child, ast.Expr) and isinstance(child.value, ast.Yield) and child.end_lineno:
            return Edit(path=path, line=child.end_lineno + 1, start=child.col_offset, end=None, new=_RAISE)
    return _raising(path, node)


def _raising(path: Path, node: Function) -> Edit:
    first = _statements(node)[0]
    return Edit(path=path, line=first.lineno, start=first.col_offset, end=None, new=_RAISE)


def _inserted_at_top(path: Path, new: str) -> Edit:
    return Edit(path=path, line=_statements(_parsed(path))[0].lineno, start=0, end=None, new=new)


def _is_one_line(node: ast.expr) -> bool:
    return node.lineno == node.end_lineno


def _replaced(path: Path, node: ast.expr, new: str) -> Edit:
    return Edit(path=path, line=node.lineno, start=node.col_offset, end=node.end_col_offset, new=new)
