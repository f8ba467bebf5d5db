"""A test while its stages arrive."""

from __future__ import annotations

from dataclasses import replace
from typing import Self

from ..model.item import PLAIN, PLAIN_NAMES, Item, Stage
from . import json_report  # which decides when stages are plain


class RunningTest:
    """A test that has not finished; as long as it only passes, its stages are stored as seconds.

    `nodeid`, `line` and `defined_in` are those of `Item`.
    """

    __slots__ = ("defined_in", "line", "nodeid", "plain_seconds", "stages")

    def __init__(self, nodeid: str, line: int | None, defined_in: str) -> None:
        self.nodeid = nodeid
        self.line = line
        self.defined_in = defined_in
        self.plain_seconds: list[float] = []
        self.stages: list[Stage] = []

    @classmethod
    def reopen(cls, item: Item) -> Self:
        """Return a finished test that runs again."""
        test = cls(item.nodeid, item.line, item.defined_in)
        test.stages = [*item.stages]
        first = next((number for number, stage in enumerate(item.stages) if stage.subtest is None), None)
        if item.seconds is not None and first is not None:  # `PLAIN` stages have no duration
            missing = item.seconds - replace(item, seconds=None).duration_seconds
            stage = item.stages[first]
            test.stages[first] = replace(stage, duration_seconds=stage.duration_seconds + missing)
        return test

    def is_next_plain_stage(self, when: str) -> bool:
        """Whether `when` is the next stage of a test that has only passed so far."""
        return not self.stages and when == PLAIN_NAMES[len(self.plain_seconds)]

    def expand_stages(self) -> list[Stage]:
        """Return the list of all stages, to which more can be added."""
        if self.plain_seconds:
            self.stages, self.plain_seconds = self._expanded_plain_stages(), []
        return self.stages

    def item(self) -> Item:
        """Return the test as it is now."""
        if len(self.plain_seconds) == len(PLAIN):
            return self._item(PLAIN, sum(self.plain_seconds))
        return self._item(*json_report.compact_stages(self._expanded_plain_stages() or self.stages))

    def item_with_only(self, stage: Stage) -> Item:
        """Return the test with only that stage: copying all stages of a test each time would be quadratic."""
        return self._item((stage,), None)

    def _item(self, stages: tuple[Stage, ...], seconds: float | None) -> Item:
        return Item(nodeid=self.nodeid, line=self.line, defined_in=self.defined_in, stages=stages, seconds=seconds)

    def _expanded_plain_stages(self) -> list[Stage]:
        stages = zip(PLAIN, self.plain_seconds, strict=False)
        return [Stage(name=stage.name, outcome=stage.outcome, duration_seconds=seconds) for stage, seconds in stages]
