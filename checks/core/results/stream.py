"""The format of the plugin's stream, and what a line says about the whole session.

The plugin (`checks/plugin/`) writes one JSON object per line, with a sequence number. ``test`` is a number for the node
id; ``path`` is present if ``lineno`` is in another file. A stage with details has the entry that `json_report`
describes::

    {"seq": 0, "event": "session", "pytest": "9.2.0", "python": "3.13.0", "root": "/repo", "id": "9f3c52d1a0b4e687",
     "invocation": {"folder": "/repo", "configuration": "/repo/pytest.ini", "paths": ["tests"], "seed": 4711}}
    {"seq": 1, "event": "collector", "nodeid": "tests/test_x.py", "outcome": "failed", …}
    {"seq": 2, "event": "collected", "number": 2, "deselected": 0}
    {"seq": 1, "event": "grouped", "distribution": "loadscope"}
    {"seq": 2, "event": "missing", "titles": ["tests/test_a.py::test_gone"]}
    {"seq": 3, "event": "test", "test": 0, "nodeid": "tests/test_a.py::test_b", "lineno": 4}
    {"seq": 4, "event": "stage", "test": 0, "when": "setup", "outcome": "passed", "duration": 0.0001}
    {"seq": 5, "event": "stage", "test": 0, "when": "call", "outcome": "failed", "category": "failed", …}
    {"seq": 5, "event": "stage", "test": 0, "when": "???", "outcome": "failed", "worker": "gw1", …}
    {"seq": 6, "event": "warning", "category": "UserWarning", "message": "…", "filename": "/repo/a.py", "lineno": 3}
    {"seq": 7, "event": "internal_error", "text": "…"}
    {"seq": 8, "event": "end", "exit_status": 1, "stopped": "", "failures": 1, "tally": [["failed", 1]], …}

The end has what pytest itself counted: ``failures`` is ``session.testsfailed``, and ``tally`` has the numbers of the
last line by category. ``workers`` is xdist's reason for ending early.
The tests can write to the file, too: a malformed line is only counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ..model.item import Item, Outcome, Stage
from ..model.session import Collector, ExitCode, Invocation, RecordedWarning, Session
from ..text.durations import parse_seconds
from .bounded import exit_status, integer, required_integer
from .pytest_counts import pytest_counts

if TYPE_CHECKING:
    from .running_test import RunningTest


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something to annotate: a stage that did not pass, or (`stage` None) a test that passed.

    With a `stage`, `item` may have only that stage.
    """

    item: Item
    stage: Stage | None = None


News = Finding | Collector | RecordedWarning


#: xdist's distributions that decide the order of the tests.
GROUPING = ("loadscope", "loadfile", "loadgroup")
#: A command line may have more, but a command that reproduces failures needs few.
_MAX_PATHS = 1_000
#: Warnings that pytest itself raises after a test, so that their own place says nothing.
CATEGORIES_OF_TESTS = frozenset({"PytestUnhandledThreadExceptionWarning", "PytestUnraisableExceptionWarning"})


def place_at_its_test(
    warning: RecordedWarning, last_test: Callable[[str], RunningTest | Item | None]
) -> RecordedWarning:
    """Return the warning of a test's thread or of an unraisable exception with the test's place.

    `last_test` returns the last test with a node id.
    """
    test = last_test(warning.nodeid) if warning.category in CATEGORIES_OF_TESTS else None
    if test is None:
        return warning
    own = Item(nodeid=test.nodeid, line=test.line, defined_in=test.defined_in).own_locations
    return replace(warning, location=own[-1])


def is_news(stage: Stage) -> bool:
    """Whether the stage needs an annotation by itself."""
    return stage.outcome not in (Outcome.PASSED, Outcome.RERUN)


def new_stages(item: Item, known: Item | None) -> Iterator[Stage]:
    """Yield the stages of a report's test that need an annotation and that the known test does not have."""
    known_signatures = Counter(stage.signature for stage in known.stages) if known is not None else Counter()
    for stage in filter(is_news, item.stages):
        known_signatures[stage.signature] -= 1
        if known_signatures[stage.signature] < 0:
            yield stage


def session_facts(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return the `Session` fields that an event sets; empty for other events."""
    match entry["event"]:
        case "session":
            return {
                "id": str(entry.get("id", "")),
                "root": str(entry["root"]),
                "pytest_version": str(entry["pytest"]),
                "python_version": str(entry.get("python", "")),
                "invocation": parse_invocation(entry.get("invocation")),
            }
        case "collected":
            return {"collected": required_integer(entry["number"]), "deselected": required_integer(entry["deselected"])}
        case "grouped":
            return {"grouped_by": entry["distribution"] if entry["distribution"] in GROUPING else ""}
        case "internal_error":
            return {"internal_error": str(entry["text"])}
        case "end":
            if exit_status(entry["exit_status"]) is None:
                raise ValueError("not an exit status")
            return {
                "exit_status": entry["exit_status"],
                "stop_reason": str(entry["stopped"]),
                "duration_seconds": parse_seconds(entry["duration"]),
                "workers_reason": str(entry.get("workers", "")),
                "pytest_counts": pytest_counts(entry),
            }
        case _:
            return {}


def fill_missing(session: Session, name: str, value: Any) -> Session:
    """Return the session with facts of a report's member that no line has set."""
    facts: dict[str, Any] = {}
    match name, value:
        case "exitcode", _ if session.exit_status is None:
            facts = {"exit_status": exit_status(value)}
        case "root", str():
            facts = {"root": session.root or value}
        case "check_runs_invocation", Mapping() if not session.invocation.folder:
            facts = {"invocation": parse_invocation(value)}
        case "check_runs_counts", Mapping():
            facts = {
                "pytest_counts": session.pytest_counts or pytest_counts(value),
                "workers_reason": session.workers_reason or str(value.get("workers") or ""),
            }
        case "duration", float():
            facts = {"duration_seconds": session.duration_seconds or parse_seconds(value)}
        case "summary", {"collected": number} if session.collected is None and integer(number) is not None:
            deselected = integer(value.get("deselected")) or 0
            facts = {"collected": max(0, number - deselected), "deselected": deselected}
        case _:
            pass
    return replace(session, **facts)


def parse_invocation(value: object) -> Invocation:
    """Return how pytest was started, as far as `value` says it."""
    match value:
        case {"folder": str(folder), **others}:
            paths, seed = others.get("paths"), others.get("seed")
            given = paths[:_MAX_PATHS] if isinstance(paths, list) else []
            return Invocation(
                folder=folder,
                configuration=str(others.get("configuration") or ""),
                paths=tuple(map(str, given)),
                seed=seed if type(seed) is int else None,
            )
        case _:
            return Invocation()


def _severity(status: int) -> tuple[bool, int]:
    """Rank exit statuses: 0, then 5 (no tests), then all others, of which a plugin may make some negative."""
    return status not in (ExitCode.OK, ExitCode.NO_TESTS_COLLECTED), abs(status)


def merge_sessions(sessions: Sequence[Session]) -> Session:
    """Return one session with the combined facts of several; their items are ignored."""
    *previous, last = sessions
    if not previous:
        return last
    statuses = [session.exit_status for session in sessions]
    collected = [session.collected for session in sessions]
    return replace(
        last,
        exit_status=None if None in statuses else max((status or 0 for status in statuses), key=_severity),
        collected=None if None in collected else sum(number or 0 for number in collected),
        deselected=sum(session.deselected for session in sessions),
        duration_seconds=sum(session.duration_seconds for session in sessions),
        workers_reason=next(filter(None, (session.workers_reason for session in sessions)), ""),
        reports_without_tests=statuses.count(ExitCode.NO_TESTS_COLLECTED),
        pytest_counts=None,  # comparable with one session only
        invocation=last.invocation if len({session.invocation for session in sessions}) == 1 else Invocation(),
    )
