"""The lines of the tests' process -> the JSON report that it could not write, in the dialect of `report.py`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from math import isfinite
from typing import Any

from ..model.item import Outcome, StageName
from ..model.ports import Member
from ..text.durations import parse_seconds
from .bounded import exit_status, whole
from .decode import MALFORMED

Entry = dict[str, Any]

#: The first of these that a stage has is the test's.
_OUTCOMES = (Outcome.ERROR, Outcome.FAILED, Outcome.RERUN, Outcome.SKIPPED, Outcome.XFAILED, Outcome.XPASSED)
#: How many lines may be none of the plugin's, and how much of the others is in memory at once.
_MOST_JUNK = 100_000
_HELD_BYTES = 64 * 1024 * 1024
#: What of a line is not the report's.
_OF_LINES = frozenset({"seq", "event", "test", "worker"})


def _finite(text: str) -> float | None:
    number = float(text)
    return number if isfinite(number) else None


#: JSON has no infinite numbers, though Python reads and writes them.
_DECODER = json.JSONDecoder(parse_float=_finite, parse_constant=lambda _: None)


def rebuild(lines: Iterable[bytes]) -> Iterator[Member]:
    """The report's members, of its lists the elements one by one; what is unfinished comes last.

    `lines` are as `events.py` has them; what is of another shape is left out, and all that comes after too much of it.
    Memory holds the tests that run, those that are run again, and what is no test's, up to `_HELD_BYTES`.
    """
    rebuilding, left = _Rebuilding(), _MOST_JUNK
    for line in lines:
        try:
            yield from [*rebuilding.take(_DECODER.decode(line.decode()), len(line))]
        except MALFORMED:
            left -= 1
        if left == 0:
            break
    yield from rebuilding.rest()


class _Rebuilding:
    def __init__(self) -> None:
        self._open: dict[Any, Entry] = {}
        self._others: dict[str, list[Entry]] = {"collectors": [], "warnings": []}
        self._facts: Entry = {"exitcode": None}  # where pytest did not come to its end, or not even begin
        self._sizes: dict[Any, int] = {}  # in bytes, by the test's number; None for what is no test's
        self._left_bytes = _HELD_BYTES

    def take(self, event: Mapping[str, Any], size_bytes: int) -> Iterator[Member]:
        number, about = event.get("test"), {key: event[key] for key in event if key not in _OF_LINES}
        if size_bytes > self._left_bytes:
            raise ValueError("it is too much to be held")
        self._left_bytes -= size_bytes
        self._sizes[number] = self._sizes.get(number, 0) + size_bytes
        match event.get("event"):
            case "test":
                self._open.setdefault(number, about | {"stages": []})
            case "stage" if number in self._open:
                test = self._open[number]
                test["stages"].append(about)
                if _is_over(test["stages"]):
                    self._left_bytes += self._sizes.pop(number)
                    yield "tests", _told(self._open.pop(number)), ""
            case "collector" | "warning" as kind:
                self._others[f"{kind}s"].append(about)
            case "session":
                self._facts["root"] = event.get("root")
            case "collected":
                left_out = whole(event.get("deselected"))
                self._facts["summary"] = {"collected": whole(event.get("number")) + left_out, "deselected": left_out}
            case "end":
                self._facts |= {
                    "exitcode": exit_status(event.get("exit_status")),
                    "duration": parse_seconds(event.get("duration")),
                }
            case _:
                pass

    def rest(self) -> Iterator[Member]:
        for test in self._open.values():
            yield "tests", _told(test), ""
        for name, entries in self._others.items():
            for entry in entries:
                yield name, entry, ""
        for name, fact in self._facts.items():
            yield name, fact, ""


def _is_over(stages: list[Entry]) -> bool:
    """Whether no stage is to come: a rerun's teardown is followed by another attempt."""
    if stages[-1].get("when") == StageName.CRASHED:
        return True
    attempt = stages[-3:]
    is_rerun = any(stage.get("category") == Outcome.RERUN for stage in attempt)
    return stages[-1].get("when") == StageName.TEARDOWN and not is_rerun


def _told(test: Entry) -> Entry:
    """As pytest-json-report tells a test: by the last of each stage, all of them being under ``stages``."""
    stages = [{("longrepr" if key == "text" else key): stage[key] for key in stage} for stage in test["stages"]]
    told = {str(stage.get("category") or stage.get("outcome")) for stage in stages}
    outcome = next((each for each in _OUTCOMES if each in told), "passed")
    return {**test, "outcome": outcome, **{str(stage.get("when")): stage for stage in stages}, "stages": stages}
