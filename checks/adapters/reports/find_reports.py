"""Find JSON reports that an earlier job left in the workspace."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from ...core.model.errors import CheckError, Problem
from .report_file import ReportFile

_MAX_REPORTS = 1_000
#: What `Path.glob` raises, for example for ".", "./", "/a", a name that is too long, and "a**".
_INVALID_GLOB = IndexError, AttributeError, NotImplementedError, OSError, ValueError
_VALID_GLOB = "Give the path of a report, or a glob such as reports/*.json, in which ** is a whole folder name."


def find_reports(folder: Path, globs: Sequence[str]) -> list[ReportFile]:
    """Return the reports below `folder`, ordered by glob and name, without duplicates.

    Raises `CheckError` for a glob without matches, and for a symbolic link out of `folder`, since anybody may have
    created the artifact.
    """
    paths: dict[Path, None] = {}
    problems: list[Problem] = []
    for pattern in globs:
        try:
            matching = sorted(islice(filter(Path.is_file, folder.glob(pattern)), _MAX_REPORTS + 1))
        except _INVALID_GLOB:
            problems.append(_problem(pattern, "it is not a valid path or glob.", _VALID_GLOB))
            continue
        if len(matching) > _MAX_REPORTS:
            problems.append(_problem(pattern, f"more than {_MAX_REPORTS:,} files match.", "Use a narrower pattern."))
            continue
        if not matching:
            problems.append(_problem(pattern, "no file matches.", "Check the path, and what creates the file."))
        for path in matching:
            if not path.resolve().is_relative_to(folder.resolve()):
                problems.append(
                    _problem(
                        str(path),
                        "a symbolic link in this path leads out of the workspace.",
                        "Give the path of a file in the workspace.",
                    )
                )
            paths[path] = None
    if problems:
        raise CheckError(*problems)
    return [ReportFile(path, name=str(path.relative_to(folder))) for path in paths]


def _problem(value: str, why: str, remedy: str) -> Problem:
    return Problem(what=f"Input `report`: {value!r}", why=why, remedy=remedy)
