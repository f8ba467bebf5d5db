"""Keep the details of stages for the summaries, within limits of memory."""

from __future__ import annotations

from dataclasses import replace

from ..model.item import Details, Stage

#: Limit of the tracebacks and output kept in memory for the summaries, which show at most 1 MiB of Markdown.
DETAILS_BYTES = 2 * 1024 * 1024


class DetailsLimit:
    """Counts what is kept, and drops traceback and output once their limit is reached."""

    def __init__(self) -> None:
        self._bytes = 0

    def limit_stage(self, stage: Stage) -> Stage:
        """Return the stage with the details that are kept."""
        if stage.details is None:
            return stage
        details = self.limit(stage.details)
        return stage if details is stage.details else replace(stage, details=details)

    def limit(self, details: Details) -> Details:
        """Return the details that are kept."""
        size = len(details.traceback) + sum(len(section.title) + len(section.text) for section in details.captured)
        if self._bytes + size > DETAILS_BYTES:
            return Details(message=details.message, locations=details.locations)
        self._bytes += size
        return details
