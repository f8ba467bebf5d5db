"""Make the record of a session that has ended."""

from __future__ import annotations

import json
from array import array
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from heapq import nlargest

from ..model.history import COLLECTION, Record, TestKey
from ..model.item import Item, Outcome
from ..model.items import as_items
from ..model.session import Session
from ..rerun.previous_run import PreviousRun, carry_over
from .base_state import is_shared
from .record_text import MOST_KEYS, SLOWEST_TESTS
from .test_key import key, keys, stable_id

_SELECTION_CHARACTERS = 12


def selection_of(arguments: Sequence[str], working_directory: str, python_version: str) -> str:
    """Return a digest of what decides which tests are collected; `arguments` are pytest's, and its paths."""
    python = python_version.split(".")[:2]
    return sha256(json.dumps([[*arguments], working_directory, python]).encode()).hexdigest()[:_SELECTION_CHARACTERS]


def record_of(session: Session, previous_run: PreviousRun, selection: str) -> Record:
    """Return the record of a session; if only the failed tests were re-run, that of the whole category."""
    own_keys = keys(nodeid for nodeid, _ in as_items(session.items).names_and_seconds())
    own = replace(_results(session, own_keys), total=len(own_keys), selection=selection)
    if previous_run.only is None:
        file_seconds, test_seconds = _durations(session.items, own_keys)
        return replace(
            own,
            collected=frozenset(own_keys) if len(own_keys) <= MOST_KEYS else None,
            file_seconds=file_seconds,
            test_seconds=test_seconds,
        )
    previous = previous_run.record
    if previous is None or _has_unknown_variants(session.items, previous):
        return replace(own, is_partial=True)
    return _on_top(own, frozenset(own_keys), previous)


def _results(session: Session, own_keys: Sequence[TestKey]) -> Record:
    """Return a record of what did not simply pass; `own_keys` are those of the session's items."""
    failed: dict[str, set[TestKey]] = {}
    skipped, flaky, quarantined = set(), set(), set()
    for number, item in as_items(session.items).numbered_notable():
        for stage in item.stages:
            if stage.outcome.is_failure:
                failed.setdefault(stage.name.value, set()).add(own_keys[number])
            elif stage.outcome is Outcome.QUARANTINED:
                quarantined.add(own_keys[number])
        if _is_skipped(item):
            skipped.add(own_keys[number])
        elif item.is_flaky:
            flaky.add(own_keys[number])
    for collector in session.collectors:
        if collector.outcome.is_failure:
            failed.setdefault(COLLECTION, set()).add(key(stable_id(collector.nodeid)))
    return Record(
        counts=carry_over(session),
        failed={stage: frozenset(failures) for stage, failures in failed.items()},
        skipped=frozenset(skipped),
        flaky=frozenset(flaky),
        quarantined=frozenset(quarantined),
    )


def _is_skipped(item: Item) -> bool:
    """Whether the whole test was skipped, and nothing of it failed."""
    is_skipped = any(stage.outcome is Outcome.SKIPPED and stage.subtest is None for stage in item.stages)
    return is_skipped and not item.is_failure


def _durations(items: Sequence[Item], own_keys: Sequence[TestKey]) -> tuple[dict[TestKey, float], dict[TestKey, float]]:
    """Return the seconds of each file, and those of the slowest tests."""
    by_path: dict[str, float] = {}
    of_tests = array("d")
    for nodeid, seconds in as_items(items).names_and_seconds():
        path = nodeid.partition("::")[0]
        by_path[path] = by_path.get(path, 0.0) + seconds
        of_tests.append(seconds)
    slowest = nlargest(SLOWEST_TESTS, zip(of_tests, own_keys, strict=True))
    return {key(path): seconds for path, seconds in by_path.items()}, {test: seconds for seconds, test in slowest}


def _has_unknown_variants(items: Sequence[Item], previous: Record) -> bool:
    """Whether a test shares its stable id with one that was not re-run, so that its variant is unknown."""
    stable_ids = {stable for item in items if (stable := stable_id(item.nodeid)) != item.nodeid}
    return any(previous.collected is None or is_shared(key(stable), previous) for stable in stable_ids)


def _on_top(own: Record, rerun: frozenset[TestKey], previous: Record) -> Record:
    """Return the previous record with the results of the tests that were re-run, among them all that had failed."""
    return replace(
        previous,
        counts=own.counts,
        failed=None if previous.failed is None else own.failed,
        skipped=None if previous.skipped is None or own.skipped is None else previous.skipped - rerun | own.skipped,
        flaky=previous.flaky - rerun | own.flaky,
        quarantined=previous.quarantined - rerun | own.quarantined,
    )
