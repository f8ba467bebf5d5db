"""The record of the session, for the comparison with the base and for later runs."""

from __future__ import annotations

from collections.abc import Callable

from ...core.history import record_text
from ...core.history.make_record import record_of, selection_of
from ...core.model.history import Record
from ...core.model.session import Session
from .collector import ResultCollector


class OwnRecord:
    """Makes the record of a collector's session that has ended, once; `redact` is for inputs."""

    def __init__(self, collector: ResultCollector, redact: Callable[[str], str]) -> None:
        self._collector = collector
        self._redact = redact
        self._session: Session | None = None
        self._record: Record | None = None
        self._text: str | None = None

    def __call__(self, session: Session) -> Record:
        """Return the record."""
        if self._record is None or self._session is not session:
            settings = self._collector.settings
            # Paths may also come from `PYTEST_ADDOPTS`.
            arguments = [*map(self._redact, settings.pytest_args), *session.invocation.paths]
            selection = selection_of(arguments, settings.working_directory, session.python_version)
            self._session, self._text = session, None
            self._record = record_of(session, self._collector.previous_run, selection)
        return self._record

    def text(self, session: Session) -> str:
        """Return the record as later runs read it. Only this is kept then, since a record has the keys of all tests."""
        if self._text is None or self._session is not session:
            self._text = record_text.render(self(session))
            self._record = None
        return self._text
