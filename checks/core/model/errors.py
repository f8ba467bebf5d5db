"""The errors of users, told so that they can mend them; anything else that is raised is a bug of ours."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

#: What stands below the traceback of a bug of ours.
BUG = "This is a bug in this action, not in your tests. Report this bug with the traceback above."


class ExitStatus(IntEnum):
    """What the action's process ends with."""

    PASSED = 0
    FAILED = 1
    USAGE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One mistake: what is wrong, why it is, what to do, and where to read on. Never holds a secret.

    `title` names it in one line; empty for a wrong input.
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
    """The user's mistakes, all of them at once."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems
