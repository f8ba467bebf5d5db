"""Parse the entries of pytest-json-report's format: tests, stages, collectors and warnings.

The live stream (`stream.py`) has the same entries, so `parse_stage`, `parse_collector` and `parse_warning` serve both;
`SessionBuilder` and `stream` parse the other members of a report. Any key may be missing; others are ignored::

    {"exitcode": 1, "root": "/repo", "duration": 0.41, "summary": {"collected": 2, "deselected": 0},
     "collectors": [{"nodeid": "tests/test_x.py", "outcome": "failed", "longrepr": "…"}],
     "warnings": [{"category": "UserWarning", "message": "…", "filename": "/repo/a.py", "lineno": 3}],
     "tests": [{"nodeid": "tests/test_a.py::test_b", "lineno": 4, "outcome": "failed",
                "user_properties": [{"build": "4711"}],
                "setup": {"outcome": "passed", "duration": 0.01},
                "call": {"outcome": "failed", "duration": 0.2, "longrepr": "…", "stdout": "…",
                         "crash": {"path": "/repo/a.py", "lineno": 7, "message": "assert 1 == 2"},
                         "traceback": [{"path": "tests/test_a.py", "lineno": 6, "message": ""}]},
                "teardown": {"outcome": "passed", "duration": 0.01}}]}

The plugin adds what pytest-json-report loses. To a test: ``"path"``, the file of ``lineno`` if it is not the node id's;
``"stages"``, with reruns or subtests all entries in order, each with ``"when"``. To an entry: ``"category"`` (how
pytest's last line counts it), ``"xfail"`` (whether a failure was expected), ``"subtest"``, ``"reason"``, ``"place":
[path, line]``, ``"sections": [[title, text]]``, ``"properties": [[name, value]]`` (``"user_properties"``). To an
exception: ``"message"`` (one line), ``"places": [[path, line]]`` and ``"text"`` (``"longrepr"`` in the report). To the
report: ``"check_runs_session"``, the stream's ``id``, and, after its lists, ``"check_runs_counts"`` and
``"check_runs_invocation"``, see `stream`. A test's raw ``lineno`` is 0-based, all others 1-based.
"""

from __future__ import annotations

import re
from ast import literal_eval
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from ..model.item import PLAIN, PLAIN_NAMES, Details, Item, Location, Outcome, Section, Stage, StageName
from ..model.session import Collector, RecordedWarning
from ..text.durations import parse_seconds
from . import outcomes
from .bounded import integer

#: Number of keys of a passed stage without details.
_PASSED_KEYS = 2
_STAGE_NAMES = {name.value: name for name in StageName}
_PLAIN_STAGES = {stage.name: stage for stage in PLAIN}

Entry = Mapping[str, Any]

#: Longest text that is parsed as a skip's tuple; parsing megabytes takes seconds.
_SKIP_CHARACTERS = 100_000
#: Places and messages are interned, since many tests fail at the same line for the same reason.
_CACHE_SIZE, _CACHED_CHARACTERS = 1024, 4096
#: The last places of a traceback that are kept.
_MAX_LOCATIONS = 200

#: xdist puts this above every text: ``[gw0] linux -- Python 3.13.0 /usr/bin/python``.
_XDIST_HEADER = re.compile(r"^\[gw\d+\] .*\n?", re.MULTILINE)


def parse_item(entry: Entry) -> Item:
    """Return a test of the report with all its stages."""
    if (seconds := _plain_seconds(entry)) is not None:
        return _item(entry, PLAIN, seconds)
    stages: list[Stage] = []
    earlier_entries: list[Entry] = []
    outcome = str(entry.get("outcome") or "")
    if outcome == Outcome.RERUN and "stages" not in entry:  # the report has only the last attempt
        stages.append(Stage(name=StageName.CALL, outcome=Outcome.RERUN))
    for stage in _stage_entries(entry):
        stages.append(parse_stage(stage, earlier_entries=earlier_entries, item_outcome=outcome))
        outcomes.take_back(stages)
        earlier_entries.append(stage)
    return outcomes.with_lost_attempt(_item(entry, *compact_stages(stages)))


def _plain_seconds(entry: Entry) -> float | None:
    """Return the total duration of a test that only passed, or None for any other test."""
    if entry.get("outcome") != "passed" or "stages" in entry or StageName.CRASHED in entry:
        return None
    total = 0.0
    for name in PLAIN_NAMES:
        stage = entry.get(name)
        if not isinstance(stage, dict) or stage.get("outcome") != "passed":
            return None
        if len(stage) > _PASSED_KEYS and ("subtest" in stage or stage.get("category", "passed") not in ("passed", "")):
            return None
        total += parse_seconds(stage.get("duration"))
    return total


def compact_stages(stages: Sequence[Stage]) -> tuple[tuple[Stage, ...], float | None]:
    """Return an item's `stages` and `seconds`: stages that only passed are those of `PLAIN`, to save memory."""
    seconds = sum(stage.duration_seconds for stage in stages if stage.subtest is None)
    compact = tuple(map(_compact_stage, stages))
    return PLAIN if compact == PLAIN else compact, seconds


def _compact_stage(stage: Stage) -> Stage:
    only_passed = stage.outcome is Outcome.PASSED and stage.subtest is None
    return _PLAIN_STAGES.get(stage.name, stage) if only_passed else stage


def parse_identity(entry: Entry) -> tuple[str, int | None, str]:
    """Return an item's `nodeid`, `line` and `defined_in`."""
    lineno = integer(entry.get("lineno"))
    return str(entry.get("nodeid") or ""), None if lineno is None else lineno + 1, str(entry.get("path") or "")


def _item(entry: Entry, stages: tuple[Stage, ...], seconds: float | None) -> Item:
    nodeid, line, defined_in = parse_identity(entry)
    return Item(nodeid=nodeid, line=line, defined_in=defined_in, stages=stages, seconds=seconds)


def parse_stage(entry: Entry, *, earlier_entries: Sequence[Entry] = (), item_outcome: str = "") -> Stage:
    """Return one stage; `earlier_entries` are the same test's, `item_outcome` is the test's outcome in the report."""
    name = _STAGE_NAMES.get(str(entry.get("when")), StageName.CALL)
    outcome = outcomes.stage_outcome(entry, name, item_outcome)
    subtest = entry.get("subtest")
    is_passed = outcome is Outcome.PASSED
    return Stage(
        name=name,
        outcome=outcome,
        duration_seconds=parse_seconds(entry.get("duration")),
        subtest=None if subtest is None else " ".join(str(subtest).split()),  # titles have one line
        details=None if is_passed else _details(entry, outcome, earlier_entries),
        word=outcomes.foreign_word(entry, outcome),
    )


def parse_collector(entry: Entry) -> Collector:
    """Return a collector that did not pass."""
    outcome = Outcome.SKIPPED if entry.get("outcome") == "skipped" else Outcome.ERROR
    return Collector(nodeid=str(entry.get("nodeid") or ""), outcome=outcome, details=_details(entry, outcome, ()))


def parse_warning(entry: Entry) -> RecordedWarning:
    """Return a recorded warning."""
    return RecordedWarning(
        category=str(entry.get("category") or "Warning"),
        message=str(entry.get("message") or ""),
        location=Location(path=str(entry.get("filename") or ""), line=integer(entry.get("lineno")) or 1),
        nodeid=str(entry.get("nodeid") or ""),
    )


def _stage_entries(entry: Entry) -> Iterator[Entry]:
    if "stages" in entry:
        yield from _mappings(entry["stages"])
        return
    recorded = [pair for row in _mappings(entry.get("user_properties")) for pair in row.items()]
    for name in _STAGE_NAMES:
        stage = entry.get(name)
        if isinstance(stage, Mapping):
            yield {"properties": recorded, **stage, "when": name}


def _details(entry: Entry, outcome: Outcome, earlier_entries: Sequence[Entry]) -> Details:
    match outcome:
        case Outcome.SKIPPED | Outcome.XFAILED | Outcome.XPASSED:
            return _reason_details(entry)
        case _:
            return Details(
                message=_deduplicated_text(str(entry.get("message") or _message(entry))),
                locations=tuple(deque(_locations(entry), _MAX_LOCATIONS)),
                traceback=str(entry.get("text") or entry.get("longrepr") or ""),
                captured=tuple(_captured(entry, earlier_entries)),
                properties=tuple(_parse_properties(entry.get("properties"))),
            )


def _reason_details(entry: Entry) -> Details:
    place, reason = entry.get("place"), str(entry.get("reason") or "")
    if place is None and not reason:
        place, reason = _parse_skip_tuple(str(entry.get("longrepr") or ""))
    locations = tuple(deque(_parse_pairs(entry.get("places", [place])), _MAX_LOCATIONS))
    return Details(message=reason.removeprefix("Skipped: ").removeprefix("reason: "), locations=locations)


def _parse_skip_tuple(longrepr: str) -> tuple[list[object] | None, str]:
    """Return (path, line, reason) from a skip's longrepr, which is the text of that tuple."""
    try:
        path, line, reason = literal_eval(longrepr[:_SKIP_CHARACTERS])
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None, ""
    return [path, line], str(reason)


def _message(entry: Entry) -> str:
    """Return the exception in one line, for a report written without the plugin."""
    crash = _mapping(entry.get("crash"))
    if crash.get("message"):
        first_line = str(crash["message"]).strip().partition("\n")[0]
        return f"AssertionError: {first_line}" if first_line.startswith("assert ") else first_line
    text = _XDIST_HEADER.sub("", str(entry.get("longrepr") or ""))
    lines = [line for line in text.splitlines() if line.strip()]
    error_lines = [line[1:].strip() for line in lines if line.startswith("E ")]
    return (error_lines or lines or [""])[0]


def _locations(entry: Entry) -> Iterator[Location]:
    if "places" in entry:
        yield from _parse_pairs(entry["places"])
        return
    rows = [*_mappings(entry.get("traceback")), _mapping(entry.get("crash"))]
    yield from _parse_pairs([row.get("path"), row.get("lineno")] for row in rows)


def _parse_pairs(rows: object) -> Iterator[Location]:
    for row in rows if isinstance(rows, Iterable) else ():
        match row:
            case [str(path), line] if integer(line) is not None:
                yield _deduplicated_location(path, line)
            case _:
                pass


def _parse_properties(rows: object) -> Iterator[tuple[str, str]]:
    for row in rows if isinstance(rows, Iterable) else ():
        match row:
            case [name, value]:
                yield str(name), str(value)
            case _:
                pass


def _deduplicated_location(path: str, line: int) -> Location:
    return _cached_location(path, line) if len(path) <= _CACHED_CHARACTERS else Location(path=path, line=line)


def _deduplicated_text(text: str) -> str:
    return _cached_text(text) if len(text) <= _CACHED_CHARACTERS else text


@lru_cache(_CACHE_SIZE)
def _cached_location(path: str, line: int) -> Location:
    return Location(path=_cached_text(path), line=line)


@lru_cache(_CACHE_SIZE)
def _cached_text(text: str) -> str:
    return text


def _captured(entry: Entry, earlier_entries: Sequence[Entry]) -> Iterator[Section]:
    if "sections" in entry:
        for row in entry["sections"]:
            yield Section(title=str(row[0]), text=str(row[1]))
        return
    for stage in (*earlier_entries, entry):
        for stream in ("stdout", "stderr"):
            if stage.get(stream):
                yield Section(title=f"Captured {stream} {stage.get('when', '')}".strip(), text=str(stage[stream]))
        if records := [str(record.get("msg", "")) for record in _mappings(stage.get("log"))]:
            yield Section(title=f"Captured log {stage.get('when', '')}".strip(), text="\n".join(records))


def _mapping(value: object) -> Entry:
    return value if isinstance(value, Mapping) else {}


def _mappings(value: object) -> Iterator[Entry]:
    return (row for row in value if isinstance(row, Mapping)) if isinstance(value, list) else iter(())
