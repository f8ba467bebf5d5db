"""What a failure report says of one check: the check, and the causes of its failures."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from token import NEWLINE
from tokenize import TokenError, generate_tokens

from ..model.verdict import Remark
from ..text.truncate import truncate_characters
from .entry import Entry

#: Folders and files of tests.
_TESTS = re.compile(r"(?:^|/)(?:tests?/|test_[^/]*$|[^/]*_test\.py$|conftest\.py$)")
_LINES_BEFORE, _LINES_AFTER = 3, 2
_LINE_CHARACTERS = 200
_STATEMENT_LINES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Lines of a file, the first of which has the number `start`; none if they are unknown."""

    start: int = 1
    lines: tuple[str, ...] = ()

    @property
    def is_known(self) -> bool:
        """Whether there are lines."""
        return bool(self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedCause:
    """Failures with one cause.

    Attributes:
        number: as in the check run; 0 for a test that did not finish.
        first: the first failure, whose message and place stand for all.
        has_other_places: whether some failures are at other places.
        failures: how many there are.
        nodeids: the tests and modules that failed, each once.
        new: how many of these the base does not have.
        owners: the owners of the failures, as CODEOWNERS has them, each once.
        source: the lines around the place.
        reproduce: the command that reproduces the first failure.
    """

    number: int
    first: Entry
    has_other_places: bool = False
    failures: int = 1
    nodeids: tuple[str, ...]
    new: int = 0
    owners: tuple[str, ...] = ()
    source: Source = Source()
    reproduce: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedCheck:
    """A check and its state.

    Attributes:
        name: the check's.
        status, conclusion: the check run's; `conclusion` is empty until it is completed.
        remarks: what the check's summary says of its verdict.
        repository: ``owner/name``; it, `commit` and `page` are empty outside a workflow.
        pull_request: its number, None if it is unknown.
        command: of the whole run, as it was started; empty if it is unknown.
        is_fork: whether the commit is, or may be, from a fork.
    """

    name: str
    status: str = "completed"
    conclusion: str = ""
    title: str = ""
    remarks: tuple[Remark, ...] = ()
    repository: str = ""
    commit: str = ""
    pull_request: int | None = None
    command: str = ""
    is_fork: bool = False
    page: str = ""


def is_test_path(path: str) -> bool:
    """Whether a file is, as far as its name says, one of the tests."""
    return _TESTS.search(path) is not None


def source_around(lines: Sequence[str], line: int) -> Source:
    """Return the lines around a 1-based line, and its statement to the end; none if the line does not exist."""
    if not 0 < line <= len(lines):
        return Source()
    start = max(1, line - _LINES_BEFORE)
    last = line + _lines_to_end_of_statement(lines[line - 1 : line + _STATEMENT_LINES]) + _LINES_AFTER
    return Source(
        start=start, lines=tuple(truncate_characters(text, _LINE_CHARACTERS) for text in lines[start - 1 : last])
    )


def _lines_to_end_of_statement(lines: Sequence[str]) -> int:
    """Return how many lines the statement, or the header of a block, continues after the first line; 0 if unclear."""
    try:
        for token in generate_tokens(iter([f"{line}\n" for line in lines]).__next__):
            if token.type == NEWLINE:
                return token.start[0] - 1
    except (TokenError, SyntaxError, ValueError):
        pass
    return 0
