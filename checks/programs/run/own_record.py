"""The record of the session, for the comparison with the base and for later runs."""

from __future__ import annotations

from collections.abc import Callable

from ...core.history.make_record import record_of, selection_of
from ...core.model.history import Record
from ...core.model.session import Session
from .collector import ResultCollector

#: Returns the record of a session that has ended.
OwnRecord = Callable[[Session], Record]


def own_record(collector: ResultCollector, redact: Callable[[str], str]) -> OwnRecord:
    """Return a function that makes the record of the collector's session, once; `redact` is for inputs."""
    settings = collector.settings
    made: list[tuple[Session, Record]] = []

    def record(session: Session) -> Record:
        if not made or made[-1][0] is not session:
            # Paths may also come from `PYTEST_ADDOPTS`.
            arguments = [*map(redact, settings.pytest_args), *session.invocation.paths]
            selection = selection_of(arguments, settings.working_directory, session.python_version)
            made[:] = [(session, record_of(session, collector.previous_run, selection))]
        return made[-1][1]

    return record
