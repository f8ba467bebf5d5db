"""Run plain pytest for comparison: its counts, and where `tests/support/witness` saw each failure raised."""

from __future__ import annotations

import ast
import json
import re
import subprocess
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_WITNESS = Path(__file__).parent / "witness"
_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_LAST_LINE = re.compile(r"^=* ?((?:\d+ \w+|no tests ran)\b.* in [\d.]+s.*?) ?=*$", re.MULTILINE)
_COUNT = re.compile(r"(\d+) (passed|failed|error|skipped|xfailed|xpassed)")


@dataclass(frozen=True, order=True, kw_only=True)
class Failure:
    """A failed stage or subtest of a test, with its place in the repository."""

    nodeid: str
    path: str
    line: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.nodeid}"


@dataclass(frozen=True, kw_only=True)
class PlainResult:
    """The result of a session of plain pytest; `notes` are the witness's."""

    exit_status: int
    output: str
    notes: Sequence[Mapping[str, Any]]

    @property
    def last_line(self) -> str:
        return last_line(self.output)

    def failures(self, root: Path, tracked: Iterable[str]) -> Counter[Failure]:
        """Return failures where they were raised, else at the last tracked traceback entry, else at their test."""
        files = {str(root / path): path for path in tracked}
        counter: Counter[Failure] = Counter()
        for note in self.notes:
            test_location = note["own"][0], _definition(*note["own"])
            places = [(files[path], line) for path, line in (test_location, *note["places"]) if path in files]
            path, line = places[-1] if places else ("", 0)
            counter[Failure(nodeid=note["nodeid"], path=path, line=line)] += 1
        return counter


def run(
    python: Path, folder: Path, *arguments: str, environ: Mapping[str, str], notes: Path, seconds: float
) -> PlainResult:
    """Run the tests of a folder; the witness writes to the file `notes`."""
    notes.unlink(missing_ok=True)
    process = subprocess.run(
        [str(python), "-m", "pytest", "-p", "pytest_witness", f"--witness={notes}", *arguments],
        cwd=folder,
        env={**environ, "PYTHONPATH": str(_WITNESS)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        timeout=seconds,
        check=False,
    )
    lines = notes.read_text().splitlines() if notes.exists() else []
    return PlainResult(
        exit_status=process.returncode, output=process.stdout, notes=[json.loads(line) for line in lines]
    )


def last_line(output: str) -> str:
    """Return the counts in the last line of a session, empty without one."""
    last_lines = _LAST_LINE.findall(_ANSI.sub("", output))
    return last_lines[-1] if last_lines else ""


def parse_counts(last_line: str) -> dict[str, int]:
    """Return the counts of a last line, by the names of the action's outputs."""
    return {("errors" if word == "error" else word): int(number) for number, word in _COUNT.findall(last_line)}


def find_misplaced(failures: Counter[Failure], annotations: Iterable[Mapping[str, Any]]) -> list[str]:
    """Yield annotations without a failure at their place, and failures without an annotation."""
    unmatched = failures.copy()
    problems = []
    for annotation in annotations:
        location = annotation["path"], annotation["start_line"]
        matching = [
            failure
            for failure in unmatched
            if (failure.path, failure.line) == location
            and unmatched[failure]
            and _is_title_of(annotation["title"], failure.nodeid)
        ]
        if matching:
            unmatched[matching[0]] -= 1
        else:
            problems.append(f"annotated: {location[0]}:{location[1]}: {annotation['title']}")
    return problems + [f"not annotated: {failure}" for failure in unmatched.elements()]


def _definition(path: str, line: int) -> int:
    """Return the line of a test's ``def``; pytest's `line` is that of its first decorator."""
    if not path.endswith(".py") or line == 1:
        return line
    functions = [node for node in ast.walk(ast.parse(Path(path).read_bytes())) if isinstance(node, ast.FunctionDef)]
    decorated = (node for node in functions if node.decorator_list and node.decorator_list[0].lineno == line)
    return next((node.lineno for node in decorated), line)


def _is_title_of(title: str, nodeid: str) -> bool:
    """Whether it is the title of the test or a subtest; long titles are truncated."""
    return title == nodeid or title.startswith(f"{nodeid} ") or (title[-1:] == "…" and nodeid.startswith(title[:-1]))
