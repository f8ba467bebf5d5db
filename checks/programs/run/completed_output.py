"""The output of a completed check run, while its annotations and what earlier commits say arrive."""

from __future__ import annotations

from dataclasses import replace

from ...core.history import record_line
from ...core.history.past import Past
from ...core.model.check_run import Output
from ...core.model.session import Session
from ...core.model.verdict import Verdict
from ...core.report import summary
from ...core.report.footer import annotation_progress, with_footer
from .batches import Progress
from .past_lookup import PastLookup


class CompletedOutput:
    """Renders the output of a session that has ended. `record` is what later runs read of it; may be empty."""

    def __init__(self, session: Session, verdict: Verdict, frame: summary.Frame, record: str, past: PastLookup) -> None:
        self._session = session
        self._verdict = verdict
        self._frame = frame
        self._record = record
        self._past = past
        self._shown: Past | None = None
        self._text = summary.text(session, budget_bytes=record_line.room(record))
        self._markdown: dict[bool, str] = {}

    def __call__(self, progress: Progress) -> Output:
        """Return the output for the annotations that are sent."""
        sentence = annotation_progress(
            annotated=progress.failures_annotated,
            failures=progress.failures,
            others_waiting=progress.others_waiting,
            others_left_out=progress.others_left_out,
        )
        markdown = self._summary(is_whole=progress.is_whole)
        content = Output(title=self._verdict.title, summary=markdown, text=self._text)
        return with_footer(replace(content, record=self._record if progress.is_whole else ""), sentence)

    def has_more(self) -> bool:
        """See `CompletedContent.has_more`."""
        self._past.wait()
        return self._past.now(self._session, self._frame.causes) != self._shown

    def _summary(self, *, is_whole: bool) -> str:
        past = self._past.now(self._session, self._frame.causes)
        if past != self._shown:
            self._shown = past
            self._markdown.clear()
        if is_whole not in self._markdown:
            note = self._frame.omission_note if is_whole else ""
            frame = replace(self._frame, past=past, omission_note=note)
            self._markdown[is_whole] = summary.summary(self._session, self._verdict, frame)
        return self._markdown[is_whole]
