from __future__ import annotations

import json

from checks.core.failure_report.entry import Entry
from checks.core.failure_report.recorder import FailureRecorder
from checks.core.failure_report.report import Source
from checks.core.github.annotation_queue import AnnotationQueue
from checks.core.model.check_run import AnnotationLevel
from checks.core.model.job import ExitReason, ProcessExit, Repository
from checks.core.model.settings import Passing, Settings
from checks.core.results.session_builder import SessionBuilder
from checks.programs.run.collector import ResultCollector
from tests.support.failure_reports import command_of
from tests.support.fakes import MemoryRecords, MemorySpool
from tests.support.rules import rule
from tests.support.stream_lines import Lines


def broken_definition(path: str, line: int) -> int:
    raise RuntimeError(f"a bug at {path}:{line}\n::set-output name=conclusion::success")


def test_bug_in_an_annotation_is_logged_once_and_without_commands() -> None:
    log: list[str] = []
    collector = ResultCollector(
        settings=Settings(passing=Passing.EACH),
        repository=Repository(root="/repo", tracked=frozenset({"a.py"}), fallback="a.py"),
        annotation_queue=AnnotationQueue(MemorySpool(), 100),
        builder=SessionBuilder(lambda entry: entry),
        failures=FailureRecorder(MemoryRecords()),
        log=log.append,
        definition=broken_definition,
    )
    collector.feed([*(lines := Lines()).collected(2), *lines.tests_of("failed", 2)])
    (text,) = log
    assert "a bug at a.py:1\n" in text
    assert "\n::error::This is a bug in this action" in text
    assert "\n::set-output" not in text
    assert collector.bug_count == 2


@rule("The failure report: failures.json")
def test_every_failure_is_recorded_also_those_not_annotated() -> None:
    queue, lines, recorder = AnnotationQueue(MemorySpool(), 6), Lines(), FailureRecorder(MemoryRecords())
    collector = ResultCollector(
        settings=Settings(passing=Passing.NONE),
        repository=Repository(root="/repo", tracked=frozenset({"a.py"}), fallback="a.py"),
        annotation_queue=queue,
        builder=SessionBuilder(lambda entry: entry),
        failures=recorder,
    )
    collector.feed([*lines.collected(5_003), *lines.tests_of("failed", 5_002), *lines.test("passed")[:2]])
    collector.end(collector.session(), ProcessExit(reason=ExitReason.KILLED, signal="SIGSEGV"))
    entries = [Entry.of_json(json.loads(line)) for line in b"".join(recorder.blocks()).splitlines()]
    assert (len(entries), queue.failures_beyond.total()) == (5_003, 2)
    assert [entry and entry.nodeid for entry in entries] == [f"a.py::t{number}" for number in range(1, 5_004)]
    assert [cause.number for cause in recorder.causes(lambda _: Source(), command_of)] == [1, 0]


def test_warnings_have_the_room_that_notices_of_passed_tests_leave() -> None:
    queue, lines = AnnotationQueue(MemorySpool(), 6), Lines()
    collector = ResultCollector(
        settings=Settings(max_annotations=6),
        repository=Repository(root="/repo", tracked=frozenset({"a.py"}), fallback="a.py"),
        annotation_queue=queue,
        builder=SessionBuilder(lambda entry: entry),
        failures=FailureRecorder(MemoryRecords()),
    )
    tests = [*lines.tests_of("passed", 2), *lines.tests_of("failed", 3), *lines.test("passed")]
    collector.feed([*lines.collected(6), *(line for n in range(5) for line in lines.warning(n + 1)), *tests])
    collector.end(collector.session(), ProcessExit(reason=ExitReason.EXITED, exit_status=1))
    levels = [annotation.level for annotation in queue.take()]
    assert levels == [*[AnnotationLevel.FAILURE] * 3, *[AnnotationLevel.NOTICE] * 3, *[AnnotationLevel.WARNING] * 3]
    assert queue.others_beyond == 2
