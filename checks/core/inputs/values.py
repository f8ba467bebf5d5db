"""The parsers of inputs: from text to a typed value, or an `InvalidValueError` that says what is allowed."""

from __future__ import annotations

import json
import re
import shlex
import warnings
from collections.abc import Callable, Iterator
from enum import StrEnum
from hashlib import sha256
from posixpath import isabs, normpath
from typing import TypeVar

from ..model.settings import Compare

#: GitHub truncates the names of its own jobs at this length, and its pages are laid out for them.
NAME_CHARACTERS = 100

E = TypeVar("E", bound=StrEnum)


class InvalidValueError(Exception):
    """What is allowed and, if that is not obvious, what is wrong with the value."""

    def __init__(self, allowed: str, reason: str = "") -> None:
        super().__init__(allowed)
        self.allowed, self.reason = allowed, reason


def text(value: str) -> str:
    """Return the value as it is."""
    return value


def name(value: str) -> str:
    """Return a name on one line, printable, of at most `NAME_CHARACTERS`.

    A longer name ends with a digest of the whole, so that two different names stay different.
    """
    tidy = " ".join("".join(c if c.isprintable() else " " for c in value).split())
    if len(tidy) <= NAME_CHARACTERS:
        return tidy
    digest = sha256(tidy.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{tidy[: NAME_CHARACTERS - 10]}… {digest}"


def category_of_matrix(value: str) -> str:
    """Return the matrix's values as GitHub shows them in a job's name, such as ``unit, 3.12``."""
    allowed = "a JSON object (the action sets it; do not set it yourself)"
    try:
        # Numbers stay as they are written: 3.10 is not 3.1.
        matrix = json.loads(value, parse_float=str, parse_int=str)
    except ValueError:
        raise InvalidValueError(allowed) from None
    if not isinstance(matrix, dict | None):
        raise InvalidValueError(allowed)
    return name(", ".join(_leaves(matrix)))


def _leaves(value: object) -> Iterator[str]:
    """Yield the values of a matrix in their order, nested ones too."""
    match value:
        case dict():
            for inner in value.values():
                yield from _leaves(inner)
        case list():
            for inner in value:
                yield from _leaves(inner)
        case bool():
            yield str(value).lower()
        case str() if value:
            yield value
        case _:
            pass


def words(value: str) -> tuple[str, ...]:
    """Split the value as a shell splits words."""
    try:
        return tuple(shlex.split(value))
    except ValueError as error:
        reason = "a quote is not closed" if "quotation" in str(error) else "nothing follows the last backslash"
        raise InvalidValueError("words as a shell splits them, such as tests/unit -k 'not slow'", reason) from None


def folder_inside(value: str) -> str:
    """Return a normalised relative path that stays inside the workspace."""
    return _inside(value, "a folder inside the workspace, relative to it, such as packages/api")


def globs(value: str) -> tuple[str, ...]:
    """Return one relative path or glob per line. A path may contain blanks."""
    allowed = "a file or glob inside the workspace, relative to it, such as reports/*.json"
    return tuple(_inside(line, allowed) for line in map(str.strip, value.splitlines()) if line)


def file_inside(value: str) -> str:
    """Return a normalised relative path of a file that is in the repository."""
    return _inside(value, "a file of the repository, relative to its root, such as tests/quarantine.toml")


def changed_files(value: str) -> tuple[str, ...]:
    """Return one pattern for `text.path_patterns` per line. Comments are left out, as in a ``.gitignore``."""
    lines = [line for line in map(str.strip, value.splitlines()) if line and not line.startswith("#")]
    if reasons := [f"in {line}, {reason}" for line in lines if (reason := _why_no_pattern(line))]:
        allowed = "patterns of files in the repository, one per line, such as src/device/**"
        raise InvalidValueError(allowed, "; ".join(reasons))
    return tuple(lines)


def _why_no_pattern(line: str) -> str:
    if line.startswith("!"):
        return "! is not supported"
    if unsupported := next((mark for mark in ("\\", "[^", "[:") if mark in line), ""):
        return f"{unsupported} is not supported"
    parts = {*line.strip("/").split("/")}
    if any("**" in part for part in parts - {"**"}):
        return "** has to be a part of its own, as in src/**/*.py"
    return "a part of the path is empty or dots" if {"", ".", ".."} & parts else ""


def _inside(path: str, allowed: str) -> str:
    normalised = normpath(path)
    if isabs(normalised) or normalised.split("/")[0] == "..":
        raise InvalidValueError(allowed)
    return normalised


def commit(value: str) -> str:
    """Return a full commit SHA."""
    if not re.fullmatch(r"[0-9a-f]{40}", value):
        raise InvalidValueError("the 40 hex digits of a commit")
    return value


def python_version(value: str) -> str:
    """Return a CPython version from 3.8 on, as uv takes it."""
    version = re.fullmatch(r"3\.([0-9]{1,2})(\.[0-9]{1,2})?((a|b|rc)[0-9]{1,2})?t?", value)
    if not version or int(version[1]) < 8:
        reason = "YAML reads 3.10 as this number, so quote it" if value == "3.1" else ""
        raise InvalidValueError("a CPython version from 3.8 on, such as 3.12, 3.12.4 or 3.13t", reason)
    return value


def workers(value: str) -> str:
    """Return ``auto``, a number of processes, or an empty text for 0."""
    if value == "auto":
        return value
    if not re.fullmatch(r"[0-9]{1,3}", value):
        raise InvalidValueError("auto or a number of processes (0 is the same as leaving it out)")
    return str(int(value)) if int(value) else ""


def minutes(value: str) -> float:
    """Return a number of minutes, of at least one second."""
    return _decimal(value, allowed="a number of minutes above 0, such as 30 or 2.5", at_least=1 / 60)


def interval_seconds(value: str) -> float:
    """Return a number of seconds, at least 1."""
    return _decimal(value, allowed="a number of seconds of at least 1, such as 10", at_least=1)


def _decimal(value: str, *, allowed: str, at_least: float) -> float:
    if not re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,6})?", value) or float(value) < at_least:
        raise InvalidValueError(allowed)
    return float(value)


def whole_number(value: str) -> int:
    """Return a number of at most nine digits."""
    if not re.fullmatch(r"[0-9]{1,9}", value):
        raise InvalidValueError("a whole number, such as 1000")
    return int(value)


def boolean(value: str) -> bool:
    """Return a boolean of YAML 1.2's core schema, as GitHub's own actions read it.

    https://yaml.org/spec/1.2.2/#10212-boolean
    """
    if value not in ("true", "True", "TRUE", "false", "False", "FALSE"):
        raise InvalidValueError("true or false")
    return value.lower() == "true"


def choice(*members: E) -> Callable[[str], E]:
    """Return a parser for the values of these enum members."""

    def parse(value: str) -> E:
        for member in members:
            if member.value == value:
                return member
        raise InvalidValueError(", ".join(members[:-1]) + f" or {members[-1]}")

    return parse


def compare(value: str) -> Compare:
    """Return what to compare with: ``base``, ``none``, or the name of a branch, perhaps with ``refs/heads/``."""
    if value in ("base", "none"):
        return Compare(is_on=value == "base")
    branch = value.removeprefix("refs/heads/")
    if not _is_branch_name(branch):
        raise InvalidValueError("base, none, or the name of a branch, such as main", "no branch can have this name")
    return Compare(branch=branch)


def _is_branch_name(name: str) -> bool:
    """Whether git and GitHub accept the name of a branch.

    https://git-scm.com/docs/git-check-ref-format and
    https://docs.github.com/get-started/using-git/dealing-with-special-characters-in-branch-and-tag-names
    """
    parts = name.split("/")
    return (
        not re.search(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{", name)
        and not re.fullmatch(r"@|HEAD|[0-9a-fA-F]{40}", name)
        and not name.startswith(("-", "refs/"))
        and not name.endswith(".")
        and not any(not part or part.startswith(".") or part.endswith(".lock") for part in parts)
    )


def patterns(value: str) -> tuple[str, ...]:
    """Return one regular expression per line, without blanks around it.

    A slow expression is accepted: it slows down only the step of its author.
    """
    lines = {number: line.strip() for number, line in enumerate(value.splitlines(), start=1) if line.strip()}
    mistakes = [f"line {number}{mistake}" for number, line in lines.items() if (mistake := _mistake(line))]
    if mistakes:
        raise InvalidValueError("regular expressions of Python's re module, one per line", "; ".join(mistakes))
    return tuple(lines.values())


def _mistake(pattern: str) -> str:
    """Return what is wrong with a regular expression, to follow its line number; empty if nothing is."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # `re` only warns about [[:alpha:]], which never does what it seems to
            compiled = re.compile(pattern)
    except re.error as error:
        return f", column {error.colno}: {error.msg}"
    except (FutureWarning, OverflowError, RecursionError) as error:
        return f": {error}"
    # It would insert its mark between all letters.
    return " matches the empty text, so it would match everywhere" if compiled.search("") else ""


def variable_names(value: str) -> tuple[str, ...]:
    """Return names of environment variables, separated by blanks, commas or newlines."""
    names = tuple(value.replace(",", " ").split())
    wrong = [one for one in names if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", one)]
    if wrong:
        raise InvalidValueError("names of environment variables, such as GITHUB_OUTPUT", f"{wrong[0]} is not a name")
    return names
