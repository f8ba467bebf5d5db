"""Keep the details of stages for the summaries, within limits of memory."""

from __future__ import annotations

from dataclasses import replace

from ..model.item import Details, Stage

#: Limit of the tracebacks and output kept in memory for the summaries, which show at most 1 MiB of Markdown.
DETAILS_CHARACTERS = 2 * 1024 * 1024


class DetailsLimit:
    """Counts what is kept, and drops traceback and output once their limit is reached."""

    def __init__(self) -> None:
        self._characters = 0

    def limit_stage(self, stage: Stage) -> Stage:
        """Return the stage with the details that are kept."""
        if stage.details is None:
            return stage
        details = self.limit(stage.details)
        return stage if details is stage.details else replace(stage, details=details)

    def limit(self, details: Details) -> Details:
        """Return the details that are kept."""
        characters = details.text_characters
        if self._characters + characters > DETAILS_CHARACTERS:
            return details.without_texts()
        self._characters += characters
        return details
