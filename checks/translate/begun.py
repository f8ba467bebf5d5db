"""A test while its stages come in."""

from __future__ import annotations

from dataclasses import replace
from typing import Self

from ..words.session import PLAIN, Item, Stage
from . import report  # which knows when stages are plain

_NAMES = tuple(stage.name.value for stage in PLAIN)


class Begun:
    """One that is not yet known to have done nothing but pass; until it does more, its stages are seconds alone.

    `begun` is the test without stages.
    """

    __slots__ = ("begun", "plain", "stages")

    def __init__(self, begun: Item, stages: list[Stage] | None = None) -> None:
        self.begun = begun
        self.plain: list[float] = []
        self.stages: list[Stage] = stages or []

    @classmethod
    def again(cls, item: Item) -> Self:
        """A test that was over, and is run again."""
        stages = [*item.stages]
        if item.stages is PLAIN:
            stages[0] = replace(stages[0], duration_seconds=item.duration_seconds)
        return cls(replace(item, stages=(), seconds=None), stages)

    def continues_plainly(self, when: str) -> bool:
        """Whether, if that stage passed, there is still no more to say."""
        return not self.stages and when == _NAMES[len(self.plain)]

    def unfolded(self) -> list[Stage]:
        """All its stages; from here on each is kept."""
        if self.plain:
            self.stages, self.plain = self._folded(), []
        return self.stages

    def item(self) -> Item:
        """The test as it is now."""
        stages, seconds = report.settled(self._folded() or self.stages)
        return replace(self.begun, stages=stages, seconds=seconds)

    def _folded(self) -> list[Stage]:
        return [replace(stage, duration_seconds=s) for stage, s in zip(PLAIN, self.plain, strict=False)]
