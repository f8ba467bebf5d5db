"""Read the quarantine: the file of the tested commit, and that of its base where it is the one that counts."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from functools import cache

from ...core.history.base_commit import base_commit
from ...core.history.base_runs import BaseRuns, BaseUnavailableError
from ...core.history.quarantine import Quarantine, parse_quarantine
from ...core.history.quarantine_in_force import QuarantineInForce, needs_base, of_change, without_base
from ...core.model.errors import FileError, Problem
from ...core.model.history import NoBase
from ...core.model.job import Context, Repository
from ...core.model.settings import Compare
from ...core.redaction.redactor import Redactor
from .base_answer import WAIT_SECONDS
from .dependencies import Dependencies
from .find_base import commit_of
from .lookup import BUG, Lookup

_LATE = f"GitHub did not answer within {WAIT_SECONDS:g} s"
_NO_CREDENTIALS = "no credentials to read it are set"
_INVALID = "it is not valid"


def start_quarantine(
    path: str, context: Context, repository: Repository, redact: Redactor, dependencies: Dependencies
) -> Callable[[], QuarantineInForce]:
    """Return a function that returns the quarantine of the file at `path`, and waits for that of the base.

    Raises `FileError` if the file is missing or wrong.
    """
    clock, open_base_runs = dependencies.clock, dependencies.open_base_runs
    today = datetime.fromtimestamp(clock.now(), UTC).date()
    own = _own(path, repository, redact, dependencies) if path else Quarantine()
    if not path or not needs_base(context, repository):
        return lambda: QuarantineInForce(today=today, counting=own)
    if open_base_runs is None:
        return lambda: without_base(_NO_CREDENTIALS, today)

    def find() -> QuarantineInForce:
        try:
            with closing(open_base_runs(dependencies.cancel.is_set)) as runs:
                return of_change(own, _of_base(path, context, repository, redact, runs), today)
        except BaseUnavailableError as error:
            return without_base(str(error), today)

    lookup = Lookup(find, without_base(BUG, today), clock, dependencies.job.log)
    lookup.start()
    until = clock.monotonic() + WAIT_SECONDS
    return cache(lambda: lookup.result(until) or without_base(_LATE, today))


def _own(path: str, repository: Repository, redact: Redactor, dependencies: Dependencies) -> Quarantine:
    if path not in repository.tracked:
        why = f"the repository has no file `{path}`, or git does not track it."
        raise FileError(Problem(what="Input `quarantine`", why=why, remedy="Correct the path, or add it to git."))
    return parse_quarantine("\n".join(dependencies.workspace.source_lines(path)), path, redact)


def _of_base(path: str, context: Context, repository: Repository, redact: Redactor, runs: BaseRuns) -> Quarantine:
    """Return the quarantine of the base; an empty one if it has no such file. Raises `BaseUnavailableError`."""
    question = base_commit(context, repository, Compare())
    base = question if isinstance(question, NoBase) else commit_of(question, runs)
    if isinstance(base, NoBase):
        raise BaseUnavailableError(base.reason)
    text = runs.file(base.commit, path)
    try:
        return parse_quarantine(text or "", path, redact)
    except FileError:
        raise BaseUnavailableError(_INVALID) from None
