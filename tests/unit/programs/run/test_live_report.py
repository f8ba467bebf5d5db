"""The live title has the time left once the base is known and the speed is measured."""

from __future__ import annotations

from checks.core.failure_report.recorder import FailureRecorder
from checks.core.github.annotation_queue import AnnotationQueue
from checks.core.model.history import Base, NoBase
from checks.core.model.job import Context, Repository
from checks.core.model.settings import Settings
from checks.core.results.session_builder import SessionBuilder
from checks.programs.run.base_answer import BaseAnswer
from checks.programs.run.collector import ResultCollector
from checks.programs.run.create import new_check_run
from checks.programs.run.live_report import LiveReport
from tests.support.bases import base_of
from tests.support.fakes import FakeClock, MemoryRecords, MemorySpool
from tests.support.rules import rule
from tests.support.sessions import item, passed, session
from tests.support.stream_lines import Lines

#: 40 tests of 4 s each.
BASE = base_of(session(*(item(f"a.py::t{number}", call=passed(4.0)) for number in range(1, 41))))


class Running:
    """A job whose tests take two seconds each, and whose base is `found`."""

    def __init__(self, found: Base | NoBase | None) -> None:
        self.clock, self.lines, self.found = FakeClock(), Lines(), found
        self.collector = ResultCollector(
            settings=Settings(),
            repository=Repository(root="/repo", tracked=frozenset({"a.py"}), fallback="a.py"),
            annotation_queue=AnnotationQueue(MemorySpool(), 100),
            builder=SessionBuilder(lambda entry: entry),
            failures=FailureRecorder(MemoryRecords()),
        )
        answer = BaseAnswer(lambda _: self.found, self.clock)
        context = Context()
        run = new_check_run(Settings(), context, self.clock)
        self.report = LiveReport(run, context, self.collector, answer, self.clock)

    def title_after(self, tests: int) -> str:
        """Run so many tests more; return the title then."""
        for _ in range(tests):
            self.collector.feed(self.lines.test("passed", seconds=2.0))
            self.clock.seconds += 2.0
        return self.report().title

    def collect(self) -> None:
        self.clock.seconds += 60.0  # the input `install`
        self.collector.feed(self.lines.collected(40))


@rule("Compare: pytest is running, and the base has about as many tests")
def test_title_has_the_time_left_at_the_speed_since_the_tests_began() -> None:
    running = Running(BASE)
    assert running.title_after(0) == "collecting"
    running.collect()
    assert running.title_after(0) == "0 of 40 · 1 m 00 s"
    assert running.title_after(2) == "2 of 40 · 1 m 04 s"
    assert running.title_after(18) == "20 of 40 · about 40 s left"
    assert running.title_after(20) == "40 of 40 · 2 m 20 s"


@rule("Compare: the tests have just begun, or the base has")
def test_title_has_the_time_so_far_without_a_base() -> None:
    for found in (None, NoBase(reason="the branch topic is new")):
        running = Running(found)
        running.collect()
        running.title_after(0)
        assert running.title_after(20) == "20 of 40 · 1 m 40 s"


def test_base_may_be_known_late() -> None:
    running = Running(None)
    running.collect()
    running.title_after(10)
    running.found = BASE
    assert running.title_after(0) == "10 of 40 · 1 m 20 s"
    assert running.title_after(10) == "20 of 40 · about 40 s left"
