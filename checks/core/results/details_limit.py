"""Keep the details of stages for the summaries, within limits of memory."""

from __future__ import annotations

from dataclasses import replace

from ..model.item import Details, Stage
from ..text.variable_parts import without_values

#: Limit of the texts kept in memory for the summaries, which show at most 1 MiB of Markdown.
DETAILS_CHARACTERS = 2 * 1024 * 1024
_MESSAGE_CHARACTERS = 1_000


class DetailsLimit:
    """Counts what is kept, and drops these texts once their limit is reached.

    Half of it is for messages that did not occur before, so that frequent failures do not displace others.
    """

    def __init__(self) -> None:
        self._characters = 0
        self._messages: set[str] = set()

    def limit_stage(self, stage: Stage) -> Stage:
        """Return the stage with the details that are kept."""
        if stage.details is None:
            return stage
        details = self.limit(stage.details)
        return stage if details is stage.details else replace(stage, details=details)

    def limit(self, details: Details) -> Details:
        """Return the details that are kept."""
        characters = details.text_characters
        message = without_values(details.message[:_MESSAGE_CHARACTERS])
        limit = DETAILS_CHARACTERS // 2 if message in self._messages else DETAILS_CHARACTERS
        if self._characters + characters > limit:
            return details.without_texts()
        self._messages.add(message)
        self._characters += characters
        return details
