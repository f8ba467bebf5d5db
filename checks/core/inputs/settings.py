"""The inputs of the tests' run -> `Settings`; every mistake is found before one is told.

Credentials have a module of their own: with them alone, a check run can say what is wrong with the rest.
"""

from __future__ import annotations

import json
import re
import shlex
import warnings
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from hashlib import sha256
from posixpath import isabs, normpath
from typing import TypeVar

from ..model.check_run import Conclusion
from ..model.errors import CheckError, Problem
from ..model.settings import Passing, Program, Settings

#: GitHub cuts the names of its own jobs here, and its pages are laid out for them.
NAME_CHARACTERS = 100
#: How much of a wrong value is shown.
SHOWN_CHARACTERS = 60

_NO_REPORT = Problem(
    what="Input `report`",
    why="it is empty, and `program: publish` runs nothing by itself.",
    remedy="Name the files of pytest-json-report, such as reports/*.json.",
)

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)


class _InvalidValueError(Exception):
    """What is allowed, and why the value is not."""

    def __init__(self, allowed: str, why: str = "") -> None:
        super().__init__(allowed)
        self.allowed, self.why = allowed, why


def parse_settings(inputs: Mapping[str, str]) -> Settings:
    """The settings that `inputs` ask for; an input that is empty or missing has its default.

    Raises `CheckError` with a `Problem` for each wrong input.
    """
    default = Settings()
    problems: list[Problem] = []

    def read(name: str, parse: Callable[[str], T], fallback: T) -> T:
        value = inputs.get(name, "")
        if not value:
            return fallback
        try:
            return parse(value)
        except _InvalidValueError as error:
            problems.append(_problem(name, value, error))
            return fallback

    matrix_category = read("matrix", _category_of_matrix, "")
    category = read("category", _name, matrix_category)
    settings = Settings(
        category=category,
        check_name=read("check-name", _name, f"pytest ({category})" if category else default.check_name),
        pytest_args=read("pytest-args", _shell_words, default.pytest_args),
        working_directory=read("working-directory", _folder_inside, default.working_directory),
        install=read("install", str, default.install),
        python_version=read("python-version", _python_version, default.python_version),
        workers=read("workers", _workers, default.workers),
        timeout_minutes=read("timeout-minutes", _minutes, default.timeout_minutes),
        passing=read("passing", _choice(*Passing), default.passing),
        max_annotations=read("max-annotations", _whole_number, default.max_annotations),
        show_locals=read("show-locals", _boolean, default.show_locals),
        redact=read("redact", _patterns, default.redact),
        pass_env=read("pass-env", _variable_names, default.pass_env),
        sandbox=read("sandbox", _boolean, default.sandbox),
        no_tests=read(
            "no-tests", _choice(Conclusion.NEUTRAL, Conclusion.SUCCESS, Conclusion.FAILURE), default.no_tests
        ),
        fail_on_flaky=read("fail-on-flaky", _boolean, default.fail_on_flaky),
        fail_job=read("fail-job", _boolean, default.fail_job),
        live_interval_seconds=read("live-interval", _interval_seconds, default.live_interval_seconds),
        preview=read("preview", str, default.preview),
        program=read("program", _choice(*Program), default.program),
        reports=read("report", _globs, default.reports),
        queue_at_push=read("queue-at-push", _boolean, default.queue_at_push),
    )
    read("head-sha", _commit_sha, "")  # the context has it
    if settings.program is Program.PUBLISH and not inputs.get("report"):
        problems.append(_NO_REPORT)
    if problems:
        raise CheckError(*problems)
    return settings


def _problem(name: str, value: str, error: _InvalidValueError) -> Problem:
    one_line = " ".join(value.split())
    shown = one_line if len(one_line) <= SHOWN_CHARACTERS else f"{one_line[:SHOWN_CHARACTERS]}…"
    return Problem(
        what=f"Input `{name}`",
        why=f'"{shown}" is not allowed{": " if error.why else ""}{error.why}.',
        remedy=f"Allowed: {error.allowed}.",
    )


def _globs(text: str) -> tuple[str, ...]:
    """One a line; a name may have blanks."""
    return tuple(map(_folder_inside, filter(None, map(str.strip, text.splitlines()))))


def _commit_sha(text: str) -> str:
    if not re.fullmatch(r"[0-9a-f]{40}", text):
        raise _InvalidValueError("the 40 hex digits of a commit, such as ${{ github.event.workflow_run.head_sha }}")
    return text


def _name(text: str) -> str:
    """On one line, printable, and short; a long one keeps a digest, so that different names stay different."""
    cleaned = " ".join("".join(character if character.isprintable() else " " for character in text).split())
    if len(cleaned) <= NAME_CHARACTERS:
        return cleaned
    digest = sha256(cleaned.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{cleaned[: NAME_CHARACTERS - 10]}… {digest}"


def _category_of_matrix(text: str) -> str:
    allowed = "a JSON object; it is filled in by the action, so leave it out"
    try:
        # Numbers stay as they are written: 3.10 is no 3.1.
        matrix = json.loads(text, parse_float=str, parse_int=str)
    except ValueError:
        raise _InvalidValueError(allowed) from None
    if not isinstance(matrix, dict | None):
        raise _InvalidValueError(allowed)
    return _name(", ".join(_leaves(matrix)))


def _leaves(value: object) -> Iterator[str]:
    """The values of a matrix in their order, nested ones too, as GitHub shows them in a job's name."""
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


def _shell_words(text: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(text))
    except ValueError as error:
        why = "a quote is not closed" if "quotation" in str(error) else "nothing follows the last backslash"
        raise _InvalidValueError("words as a shell splits them, such as tests/unit -k 'not slow'", why) from None


def _folder_inside(text: str) -> str:
    folder = normpath(text)
    if isabs(folder) or folder.split("/")[0] == "..":
        raise _InvalidValueError("a folder inside the repository, relative to its root, such as packages/api")
    return folder


def _python_version(text: str) -> str:
    version = re.fullmatch(r"3\.([0-9]{1,2})(\.[0-9]{1,2})?((a|b|rc)[0-9]{1,2})?t?", text)
    if not version or int(version[1]) < 8:
        why = "YAML reads 3.10 as a number, so quote it" if text == "3.1" else ""
        raise _InvalidValueError("a CPython version from 3.8 on, such as 3.12, 3.12.4 or 3.13t", why)
    return text


def _workers(text: str) -> str:
    if text == "auto":
        return text
    if not re.fullmatch(r"[0-9]{1,3}", text):
        raise _InvalidValueError("auto, or a number of processes; 0 is the same as leaving it out")
    return str(int(text)) if int(text) else ""


def _minutes(text: str) -> float:
    return _decimal(text, allowed="a number of minutes above 0, such as 30 or 2.5", at_least=1 / 60)


def _interval_seconds(text: str) -> float:
    return _decimal(text, allowed="a number of seconds from 1 on, such as 10", at_least=1)


def _decimal(text: str, *, allowed: str, at_least: float) -> float:
    if not re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,6})?", text) or float(text) < at_least:
        raise _InvalidValueError(allowed)
    return float(text)


def _whole_number(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise _InvalidValueError("a whole number from 0 on, such as 1000")
    return int(text)


def _boolean(text: str) -> bool:
    """YAML 1.2's core schema, as GitHub's own actions read it (https://yaml.org/spec/1.2.2/#10212-boolean)."""
    if text not in ("true", "True", "TRUE", "false", "False", "FALSE"):
        raise _InvalidValueError("true or false")
    return text.lower() == "true"


def _choice(*members: E) -> Callable[[str], E]:
    def parse(text: str) -> E:
        for member in members:
            if member.value == text:
                return member
        raise _InvalidValueError(", ".join(members[:-1]) + f" or {members[-1]}")

    return parse


def _patterns(text: str) -> tuple[str, ...]:
    """One regular expression per line; blanks around it are none of it.

    A slow one is taken as it is: who writes it can only slow down their own step.
    """
    lines = {number: line.strip() for number, line in enumerate(text.splitlines(), start=1) if line.strip()}
    mistakes_by_line = {number: _regex_mistake(pattern) for number, pattern in lines.items()}
    mistakes = [f"line {number}{mistake}" for number, mistake in mistakes_by_line.items() if mistake]
    if mistakes:
        raise _InvalidValueError("regular expressions of Python's re, one per line", "; ".join(mistakes))
    return tuple(lines.values())


def _regex_mistake(pattern: str) -> str:
    """What is wrong with a regular expression, to be said after the line's number; empty when it is right."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # `re` only warns of [[:alpha:]], which never does what it seems to
            compiled = re.compile(pattern)
    except re.error as error:
        return f", column {error.colno}: {error.msg}"
    except (FutureWarning, OverflowError, RecursionError) as error:
        return f": {error}"
    # It would put its mark between all letters.
    return " matches the empty text, and so everywhere" if compiled.search("") else ""


def _variable_names(text: str) -> tuple[str, ...]:
    names = tuple(text.replace(",", " ").split())
    invalid = [name for name in names if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name)]
    if invalid:
        raise _InvalidValueError("names of environment variables, such as GITHUB_OUTPUT", f"{invalid[0]} is not a name")
    return names
