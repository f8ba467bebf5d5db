"""Errors that users can fix. Any other exception is a bug."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

#: The message below the traceback of a bug.
BUG = "This is a bug in this action, not in your tests. Report this bug with the traceback above."


class ExitStatus(IntEnum):
    """The exit status of the action's process."""

    PASSED = 0
    FAILED = 1
    USAGE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One problem: what is wrong, why, how to fix it, and a link to more. It may quote the user's value: redact it.

    `title` names the problem in one line; empty for a wrong input.
    """

    what: str
    why: str
    remedy: str
    link: str = ""
    title: str = ""

    def __str__(self) -> str:
        parts = [f"{self.what}: {self.why}", self.remedy, f"See {self.link}" if self.link else ""]
        return " ".join(part for part in parts if part)


class CheckError(Exception):
    """One or more problems that the user can fix, reported together."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


class FileError(CheckError):
    """Problems of a file in the repository, or of its path. The check run that says so can be created."""
