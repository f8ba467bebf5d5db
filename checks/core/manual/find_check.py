"""The name of a check or its category, as a person gives it -> the newest run of the manual check."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from ..github.choose_run import newest_by_name
from ..github.external_id import fit_category
from ..model.check_run import RemoteCheckRun
from ..model.errors import CheckError, Problem
from ..text.commits import short_commit
from ..text.escape import one_line

_MOST_NAMES = 3
_SIMILARITY = 0.5


def find_check(name: str, commit: str, runs: Iterable[RemoteCheckRun]) -> RemoteCheckRun:
    """Return the newest run of the check; `runs` are the App's on the commit.

    A check's name goes before another one's category. Raises `CheckError`.
    """
    newest = newest_by_name(run for run in runs if run.identity is not None)
    manual = {check: run for check, run in newest.items() if run.is_manual}
    if name in manual:
        return manual[name]
    if name in newest:
        remedy = "Re-run the tests, with the buttons of the check."
        raise CheckError(Problem(what="NAME", why=f'"{one_line(name)}" is decided by its tests.', remedy=remedy))
    found = [run for run in manual.values() if run.identity and run.identity.category == fit_category(name)]
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(sorted(one_line(run.name) for run in found))
        why = f'several manual checks have the category "{one_line(name)}": {names}.'
        raise CheckError(Problem(what="NAME", why=why, remedy="Set it to the name of one of them."))
    raise CheckError(_unknown(name, commit, manual))


def _unknown(name: str, commit: str, manual: Mapping[str, RemoteCheckRun]) -> Problem:
    known = {*manual, *(run.identity.category for run in manual.values() if run.identity and run.identity.category)}
    nearest = get_close_matches(name, sorted(known), _MOST_NAMES, _SIMILARITY)
    shown = ", ".join(map(one_line, nearest or sorted(manual)[:_MOST_NAMES]))
    remedy = "Check the commit and the repository: no manual check of this App is there."
    if shown:
        remedy = f"The nearest names: {shown}." if nearest else f"Its manual checks: {shown}."
    return Problem(
        what="NAME",
        why=f'commit {short_commit(commit)} has no manual check "{one_line(name)}".',
        remedy=remedy,
    )
