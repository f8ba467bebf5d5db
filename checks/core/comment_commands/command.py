"""The commands of a comment."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ..model.rerun import RerunScope


class Verb(StrEnum):
    """What a command asks for."""

    PASS = "pass"  # noqa: S105 - no password
    FAIL = "fail"
    RERUN = "rerun"
    LIST = "list"
    HELP = "help"


#: What may follow the name in ``/check rerun``.
SCOPES = {"failed": RerunScope.FAILED, "all": RerunScope.ALL}


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentCommand:
    """One command.

    Attributes:
        line: the command as it was written, for the answer.
        verb: None if it is unknown.
        name: the quoted name, or empty if the name is not quoted.
        rest: what follows the quoted name. If the name is not quoted, the name and what follows it.
        problem: why nobody can carry it out, as the end of a sentence; empty if the text is correct.
    """

    line: str
    verb: Verb | None
    name: str = ""
    rest: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedComment:
    """The first commands of a comment, and how many there are beyond the limit."""

    commands: tuple[CommentCommand, ...] = ()
    surplus: int = 0
