"""Decide what a stage counts as, from the facts of its report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..model.item import Details, Item, Outcome, Stage, StageName

#: The categories of ``pytest_report_teststatus`` that agree with a report's facts. A plugin may return any.
_CATEGORIES = {
    "failed": {"failed": Outcome.FAILED, "error": Outcome.ERROR},
    "skipped": {"skipped": Outcome.SKIPPED, "xfailed": Outcome.XFAILED},
    "passed": {"passed": Outcome.PASSED, "xpassed": Outcome.XPASSED},
}
_WORD_CHARACTERS = 100


def stage_outcome(entry: Mapping[str, Any], name: StageName, item_outcome: str) -> Outcome:
    """Return what a stage counts as; `item_outcome` is the test's outcome in a report written without the plugin.

    An outcome that is not pytest's is an attempt that was repeated, like the ``rerun`` of pytest-rerunfailures.
    """
    raw_outcome, category = entry.get("outcome") or "passed", entry.get("category")
    is_expected = bool(entry.get("xfail"))
    if raw_outcome != "failed" and category == "" and "subtest" in entry:  # pytest's last line does not count it
        return Outcome.PASSED
    if not is_expected and isinstance(category, str) and isinstance(raw_outcome, str):
        known = _CATEGORIES.get(raw_outcome, {}).get(category)
        if known is not None:
            return known
    match raw_outcome:
        case "failed":
            return Outcome.ERROR if name in (StageName.SETUP, StageName.TEARDOWN) else Outcome.FAILED
        case "skipped":
            return Outcome.XFAILED if is_expected or item_outcome == Outcome.XFAILED else Outcome.SKIPPED
        case "passed":
            is_xpassed = is_expected or (item_outcome == Outcome.XPASSED and name is StageName.CALL)
            return Outcome.XPASSED if is_xpassed else Outcome.PASSED
        case _:
            return Outcome.RERUN


def foreign_word(entry: Mapping[str, Any], outcome: Outcome) -> str:
    """Return a plugin's own word for an attempt that was repeated, else an empty string."""
    word = str(entry.get("outcome"))[:_WORD_CHARACTERS]
    return word if outcome is Outcome.RERUN and word != Outcome.RERUN else ""


def take_back(stages: list[Stage]) -> None:
    """If the last stage is an attempt that pytest repeats, take back the attempt's failed subtests, as pytest does."""
    if not stages or stages[-1].outcome is not Outcome.RERUN or stages[-1].word or stages[-1].subtest is not None:
        return
    for index in range(len(stages) - 2, -1, -1):
        stage = stages[index]
        if stage.subtest is not None and stage.outcome.is_failure:
            stages[index] = replace(stage, outcome=Outcome.RERUN)
        elif stage.subtest is None and (stage.name is StageName.TEARDOWN or stage.outcome is Outcome.RERUN):
            return  # of the previous attempt


def with_lost_attempt(item: Item) -> Item:
    """Return a finished test with an error, next to last, if its last attempt should have been repeated and was not."""
    own_stages = [stage for stage in item.stages if stage.subtest is None]
    if own_stages and own_stages[-1].name is StageName.TEARDOWN and own_stages[-1].outcome is Outcome.PASSED:
        own_stages.pop()
    if not item.is_finished or not own_stages or own_stages[-1].outcome is not Outcome.RERUN:
        return item
    attempt = own_stages[-1]
    details = attempt.details or Details()
    word = attempt.word or attempt.outcome.value
    message = f"The last result of this test is {word!r}, an attempt that was not repeated. {details.message}".rstrip()
    error = Stage(name=attempt.name, outcome=Outcome.ERROR, details=replace(details, message=message))
    return replace(item, stages=(*item.stages[:-1], error, item.stages[-1]))
