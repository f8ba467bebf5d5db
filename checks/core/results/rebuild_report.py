"""The lines of the tests' process -> the JSON report that it could not write, in the dialect of `report.py`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from math import isfinite
from typing import Any

from ..model.item import Outcome, StageName
from ..model.ports import Member
from ..text.durations import parse_seconds
from .bounded import exit_status, required_integer
from .decode import MALFORMED

Entry = dict[str, Any]

#: The first of these that a stage has is the test's.
_OUTCOMES = (Outcome.ERROR, Outcome.FAILED, Outcome.RERUN, Outcome.SKIPPED, Outcome.XFAILED, Outcome.XPASSED)
#: How many lines may be none of the plugin's, and how much of the others is in memory at once.
_MAX_MALFORMED_LINES = 100_000
_HELD_BYTES = 64 * 1024 * 1024
#: What of a line is not the report's.
_STREAM_KEYS = frozenset({"seq", "event", "test", "worker"})


def _parse_finite(text: str) -> float | None:
    number = float(text)
    return number if isfinite(number) else None


#: JSON has no infinite numbers, though Python reads and writes them.
_DECODER = json.JSONDecoder(parse_float=_parse_finite, parse_constant=lambda _: None)


def rebuild(lines: Iterable[bytes]) -> Iterator[Member]:
    """The report's members, of its lists the elements one by one; what is unfinished comes last.

    `lines` are as `events.py` has them; what is of another shape is left out, and all that comes after too much of it.
    Memory holds the tests that run, those that are run again, and what is no test's, up to `_HELD_BYTES`.
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
        self._facts: Entry = {"exitcode": None}  # where pytest did not come to its end, or not even begin
        self._held_sizes: dict[Any, int] = {}  # in bytes, by the test's number; None for what is no test's
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
                self._facts["root"] = event.get("root")
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
    """Whether no stage is to come: a rerun's teardown is followed by another attempt."""
    if stages[-1].get("when") == StageName.CRASHED:
        return True
    attempt = stages[-3:]
    is_rerun = any(stage.get("category") == Outcome.RERUN for stage in attempt)
    return stages[-1].get("when") == StageName.TEARDOWN and not is_rerun


def _report_entry(test: Entry) -> Entry:
    """As pytest-json-report tells a test: by the last of each stage, all of them being under ``stages``."""
    stages = [{("longrepr" if key == "text" else key): stage[key] for key in stage} for stage in test["stages"]]
    outcomes = {str(stage.get("category") or stage.get("outcome")) for stage in stages}
    outcome = next((candidate for candidate in _OUTCOMES if candidate in outcomes), "passed")
    return {**test, "outcome": outcome, **{str(stage.get("when")): stage for stage in stages}, "stages": stages}
