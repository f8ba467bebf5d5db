from __future__ import annotations

import weakref

from checks.core.failure_report.recorder import FailureRecorder
from checks.core.github.annotation_queue import AnnotationQueue
from checks.core.history import record_text
from checks.core.model.job import Repository
from checks.core.model.settings import Settings
from checks.core.results.session_builder import SessionBuilder
from checks.programs.run.collector import ResultCollector
from checks.programs.run.own_record import OwnRecord
from tests.support.fakes import MemoryRecords, MemorySpool
from tests.support.stream_lines import Lines


def new_collector() -> ResultCollector:
    return ResultCollector(
        settings=Settings(),
        repository=Repository(root="/repo", tracked=frozenset({"a.py"}), fallback="a.py"),
        annotation_queue=AnnotationQueue(MemorySpool(), 6),
        builder=SessionBuilder(lambda entry: entry),
        failures=FailureRecorder(MemoryRecords()),
    )


def test_record_is_made_once_and_then_only_its_text_is_kept() -> None:
    collector = new_collector()
    collector.feed([*(lines := Lines()).collected(3), *lines.tests_of("passed", 2), *lines.tests_of("failed", 1)])
    session, own_record = collector.session(), OwnRecord(collector, str)
    record = own_record(session)
    assert record.collected is not None
    assert own_record(session) is record
    expected, tests = record_text.render(record), weakref.ref(record.collected)
    assert own_record.text(session) == own_record.text(session) == expected
    del record
    assert tests() is None
    assert record_text.render(own_record(session)) == expected


def test_another_session_has_a_record_of_its_own() -> None:
    collector = new_collector()
    own_record = OwnRecord(collector, str)
    texts = [own_record.text(collector.session())]
    collector.feed(Lines().tests_of("failed", 1))
    texts.append(own_record.text(collector.session()))
    assert texts[0] != texts[1]
