"""What a check run is completed as, while its annotations arrive."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from ...core.model.check_run import CheckRun, Output
from ...core.model.identity import Identity
from .batches import Progress


@dataclass(frozen=True, kw_only=True)
class CompletedContent:
    """What a check run is completed as.

    Attributes:
        run: its state; the title is the final one.
        whole_identity: replaces the run's identity once all annotations are sent.
        output: returns the output for the annotations that are sent.
    """

    run: CheckRun
    whole_identity: Identity
    output: Callable[[Progress], Output]

    def at(self, progress: Progress) -> CheckRun:
        """Return the check run with the annotations that are sent."""
        identity = self.whole_identity if progress.is_whole else self.run.identity
        return replace(self.run, identity=identity, output=self.output(progress))
