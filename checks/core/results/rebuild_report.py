"""Rebuild the JSON report from the stream's lines if the tests' process could not write it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from math import isfinite
from typing import Any

from ..model.item import Outcome, StageName
from ..model.ports import Member
from ..text.durations import parse_seconds
from . import outcomes
from .bounded import exit_status, required_integer
from .decode import MALFORMED

Entry = dict[str, Any]

#: A test's outcome is the first of these that one of its stages has.
_OUTCOMES = (Outcome.ERROR, Outcome.FAILED, Outcome.RERUN, Outcome.SKIPPED, Outcome.XFAILED, Outcome.XPASSED)
#: Number of malformed lines accepted, and limit of the memory for entries that cannot be yielded yet.
_MAX_MALFORMED_LINES = 100_000
_HELD_BYTES = 64 * 1024 * 1024
#: Keys of a line that do not belong in the report.
_STREAM_KEYS = frozenset({"seq", "event", "test", "worker"})


def _parse_finite(text: str) -> float | None:
    number = float(text)
    return number if isfinite(number) else None


#: JSON has no infinite numbers, although Python reads and writes them.
_DECODER = json.JSONDecoder(parse_float=_parse_finite, parse_constant=lambda _: None)


def rebuild(lines: Iterable[bytes]) -> Iterator[Member]:
    """Yield the report's members in the format of `json_report`, list elements one by one, unfinished tests last.

    `lines` are described in `stream`. Malformed lines are skipped; after too many of them the rest is ignored. Held in
    memory, up to `_HELD_BYTES`: running tests, tests that are rerun, and entries that belong to no test.
    """
    builder, remaining_malformed = _ReportBuilder(), _MAX_MALFORMED_LINES
    for line in lines:
        try:
            yield from [*builder.add(_DECODER.decode(line.decode()), len(line))]
        except MALFORMED:
            remaining_malformed -= 1
        if remaining_malformed == 0:
            break
    yield from builder.remaining_members()


class _ReportBuilder:
    def __init__(self) -> None:
        self._running_tests: dict[Any, Entry] = {}
        self._other_entries: dict[str, list[Entry]] = {"collectors": [], "warnings": []}
        self._facts: Entry = {"exitcode": None}  # stays None if pytest did not finish
        self._held_sizes: dict[Any, int] = {}  # in bytes, by the test's number; None: entries of no test
        self._remaining_bytes = _HELD_BYTES

    def add(self, event: Mapping[str, Any], size_bytes: int) -> Iterator[Member]:
        number, entry = event.get("test"), {key: event[key] for key in event if key not in _STREAM_KEYS}
        if size_bytes > self._remaining_bytes:
            raise ValueError("too much data to hold in memory")
        self._remaining_bytes -= size_bytes
        self._held_sizes[number] = self._held_sizes.get(number, 0) + size_bytes
        match event.get("event"):
            case "test":
                self._running_tests.setdefault(number, entry | {"stages": []})
            case "stage" if number in self._running_tests:
                test = self._running_tests[number]
                test["stages"].append(entry)
                if _is_finished(test["stages"]):
                    self._remaining_bytes += self._held_sizes.pop(number)
                    yield "tests", _report_entry(self._running_tests.pop(number)), ""
            case "collector" | "warning" as kind:
                self._other_entries[f"{kind}s"].append(entry)
            case "session":
                self._facts |= {"root": event.get("root"), "check_runs_invocation": event.get("invocation")}
            case "collected":
                left_out = required_integer(event.get("deselected"))
                self._facts["summary"] = {
                    "collected": required_integer(event.get("number")) + left_out,
                    "deselected": left_out,
                }
            case "end":
                self._facts |= {
                    "exitcode": exit_status(event.get("exit_status")),
                    "duration": parse_seconds(event.get("duration")),
                    "check_runs_counts": {name: event.get(name) for name in ("failures", "tally", "workers")},
                }
            case _:
                pass

    def remaining_members(self) -> Iterator[Member]:
        for test in self._running_tests.values():
            yield "tests", _report_entry(test), ""
        for name, entries in self._other_entries.items():
            for entry in entries:
                yield name, entry, ""
        for name, fact in self._facts.items():
            yield name, fact, ""


def _is_finished(stages: list[Entry]) -> bool:
    """Whether the test has no more stages to come; another attempt follows the teardown of a rerun."""
    if stages[-1].get("when") == StageName.CRASHED:
        return True
    attempt = stages[-3:]
    is_rerun = any(outcomes.stage_outcome(stage, StageName.CALL, "") is Outcome.RERUN for stage in attempt)
    return stages[-1].get("when") == StageName.TEARDOWN and not is_rerun


def _report_entry(test: Entry) -> Entry:
    """Return the entry as pytest-json-report writes it: the last stage of each name, and all under ``stages``."""
    stages = [{("longrepr" if key == "text" else key): stage[key] for key in stage} for stage in test["stages"]]
    words = {str(stage.get("category") or stage.get("outcome")) for stage in stages}
    outcome = next((candidate for candidate in _OUTCOMES if candidate in words), "passed")
    return {**test, "outcome": outcome, **{str(stage.get("when")): stage for stage in stages}, "stages": stages}
