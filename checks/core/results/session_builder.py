"""Build the `Session` so far, and return what each line or report member adds to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from ..model.item import PLAIN, Details, Item, Outcome, Section, Stage, StageName
from ..model.items import Items
from ..model.ports import Member
from ..model.session import Collector, RecordedWarning, Session
from ..text.durations import parse_seconds
from . import json_report, outcomes
from .bounded import required_integer
from .decode import MALFORMED, clean_members, decode_lines, is_plain
from .details_limit import DetailsLimit
from .held_findings import HeldFindings
from .memory_budget import MemoryBudget
from .nodeid_index import NodeIdIndex
from .running_test import RunningTest
from .session_end import completed_items
from .stack_dump import with_crash_output
from .stream import Finding, News, fill_missing, is_news, merge_sessions, new_stages, place_at_its_test, session_facts

#: Test numbers are consecutive; lost lines leave gaps, but never this large.
_MAX_MISSING_NUMBERS = 1_000_000
#: Limits for one test. Reopening a test copies all of its stages.
_MAX_STAGES = 100_000
_MAX_STAGES_TO_REOPEN = 1_000


class SessionBuilder:
    """The session so far: `feed` it lines, and ask for the `session` at any time.

    Memory grows only with the number of tests: at most `DETAILS_CHARACTERS` of the details' texts are kept, and only
    `feed` returns them whole. What exceeds the `MemoryBudget` is lost. `clean` redacts everything from the tests before
    it is used. `crash_output` returns the remaining output of a crashed xdist worker.
    """

    def __init__(
        self, clean: Callable[[Any], Any], crash_output: Callable[[str], tuple[Section, ...]] = lambda _: ()
    ) -> None:
        self._clean = clean
        self._crash_output = crash_output
        self._session = Session()
        # Both by test number. A test that runs may also be among the items: as it was before it started again.
        self._items, self._running = Items(), dict[int, RunningTest]()
        self._nodeid_index = NodeIdIndex(self._items, self._running)
        self._collectors: list[Collector] = []
        self._collector_names: set[str] = set()
        self._warnings: list[RecordedWarning] = []
        self._streamed: Counter[str | RecordedWarning] = Counter()  # collectors by node id, and warnings
        self._is_new_report = False
        self._first_test = self._first_collector = 0  # of the current report
        self._previous_sessions: list[Session] = []  # session-wide facts of previous reports
        self._details = DetailsLimit()
        self._budget = MemoryBudget()
        self._held = HeldFindings()
        self._missing: list[str] = []
        self._next_seq = self._lost = 0

    def add(self, members: Iterable[Member]) -> list[News]:
        """Add members of a JSON report; return what no line has reported.

        Used if lines were lost: the report has the last stages of each test, and all collectors and warnings.
        """
        news: list[News] = []
        for name, value in clean_members(members, self._clean):
            try:
                news += self._add(name, value)
            except MALFORMED:
                self._lost += 1
        return news

    def _add(self, name: str, value: Any) -> list[News]:
        if name == "tests" and isinstance(value, dict):
            return self._add_item(json_report.parse_item(value))
        match name, value:
            case "collectors", Mapping() if value.get("outcome") not in ("passed", None):
                collector = json_report.parse_collector(value)
                return [] if self._was_streamed(collector.nodeid) else self._add_collector(collector)
            case "warnings", Mapping():
                warning = json_report.parse_warning(value)
                return [] if self._was_streamed(warning) else self._add_warning(warning)
            case "tests" | "collectors" | "warnings", _ if not isinstance(value, Mapping):
                raise TypeError("not an object")
            case _:
                self._session = fill_missing(self._session, name, value)
                return self._end() if name == "check_runs_counts" else []

    def _was_streamed(self, key: str | RecordedWarning) -> bool:
        """Whether a line had this record of the report; each line counts once."""
        if not self._streamed[key]:
            return False
        self._streamed[key] -= 1
        return True

    def begin_report(self) -> None:
        """Treat what is added from now on as another report, whose tests are all new."""
        if self._is_new_report:  # also an empty one, which has no exit status
            self._previous_sessions.append(self._session)
        self._session, self._is_new_report = Session(), True
        self._first_test, self._first_collector = len(self._items), len(self._collectors)
        self._streamed, self._collector_names = Counter(), set()

    def forget_end(self) -> None:
        """Treat the current report as one without an end, because results may be missing in it."""
        self._session = replace(self._session, exit_status=None)

    @property
    def root(self) -> str:
        """Return pytest's rootdir; empty before the session has started."""
        return self._session.root

    @property
    def collected(self) -> int | None:
        """Return the number of tests to run, or None while it is unknown."""
        return self._session.collected

    def session(self) -> Session:
        """Return everything known so far."""
        items = self._items.copy()
        for number, test in self._running.items():
            items[number] = test.item()
        return replace(
            merge_sessions([*self._previous_sessions, self._session]),
            lost_records=self._lost,
            not_collected=tuple(self._missing),
            items=items.without_gaps(),
            collectors=tuple(self._collectors),
            warnings=tuple(self._warnings),
        )

    def feed(self, lines: Iterable[bytes]) -> list[News]:
        """Add whole lines; return what they add that needs an annotation."""
        news: list[News] = []
        for entry in decode_lines(lines, self._clean):
            if entry is None:
                self._lost += 1
                continue
            try:
                news += self._take_entry(entry)
            except MALFORMED:
                self._lost += 1
        return news

    def _take_entry(self, entry: Mapping[str, Any]) -> list[News]:
        number = required_integer(entry["seq"])
        if number > self._next_seq:
            self._lost += number - self._next_seq
        self._next_seq = number + 1
        match entry["event"]:
            case "stage":
                return self._add_stage(entry)
            case "test":
                self._start_test(required_integer(entry["test"]), entry)
            case "collector":
                collector = json_report.parse_collector(entry)
                news = self._add_collector(collector)
                self._streamed[collector.nodeid] += 1
                return news
            case "warning":
                warning = json_report.parse_warning(entry)
                news = self._add_warning(warning)
                self._streamed[warning] += 1
                return news
            case "missing":
                for title in map(str, entry["titles"]):
                    self._budget.spend(title)
                    self._missing.append(title)
            case _:
                self._session = replace(self._session, **session_facts(entry))
                return self._end() if entry["event"] == "end" else []
        return []

    def release_held(self) -> list[News]:
        """Return the failed subtests of tests that will not end."""
        return [*self._held.release_all()]

    def _end(self) -> list[News]:
        """Return the failures that only the end of the session shows."""
        news: list[News] = []
        items = {**dict(self._items.numbered_notable()), **{n: test.item() for n, test in self._running.items()}}
        notable = {number: items[number] for number in sorted(items) if number >= self._first_test}
        collectors = tuple(self._collectors[self._first_collector :])
        session = replace(self._session, items=tuple(notable.values()), collectors=collectors)
        for number, completed, failures in completed_items(notable, session):
            self._running.pop(number, None)
            self._items[number] = completed
            news += [Finding(item=completed, stage=stage) for stage in failures]
        return news

    def _add_collector(self, collector: Collector) -> list[News]:
        self._budget.spend_details(collector.details, collector.nodeid)
        is_new = collector.nodeid not in self._collector_names
        self._collector_names.add(collector.nodeid)
        self._collectors.append(replace(collector, details=self._details.limit(collector.details)))
        return [collector] if is_new else []

    def _add_warning(self, warning: RecordedWarning) -> list[News]:
        warning = place_at_its_test(warning, self._nodeid_index.last)
        self._budget.spend(warning.category, warning.message, warning.location.path, warning.nodeid)
        self._warnings.append(warning)
        return [warning]

    def _start_test(self, number: int, entry: Mapping[str, Any]) -> None:
        missing = number + 1 - len(self._items)
        if missing > _MAX_MISSING_NUMBERS:
            raise ValueError(f"test {number} does not follow test {len(self._items) - 1}")
        test = RunningTest(*json_report.parse_identity(entry))
        self._budget.spend(test.nodeid, test.defined_in, objects=max(1, missing))
        self._items.append_empty(missing)
        if number not in self._running and self._items.get(number) is None:
            self._running[number] = test
            self._nodeid_index.fill(number)

    def _running_test(self, number: int) -> RunningTest:
        """Return the test with that number, ready for another stage."""
        test = self._running.get(number)
        if test is None:
            item = self._items[number]
            if len(item.stages) > _MAX_STAGES_TO_REOPEN:
                raise ValueError(f"test {number} ran too often")
            test = self._running[number] = RunningTest.reopen(item)
        return test

    def _add_stage(self, entry: Mapping[str, Any]) -> list[News]:
        number = required_integer(entry["test"])
        test = self._running_test(number)
        if is_plain(entry) and test.is_next_plain_stage(entry["when"]):
            test.plain_seconds.append(parse_seconds(entry["duration"]))
            return [] if len(test.plain_seconds) < len(PLAIN) else self._finish(number, test)
        stage = json_report.parse_stage(entry)
        if stage.name is StageName.CRASHED and "worker" in entry and stage.details is not None:
            stage = replace(stage, details=self._crash_details(stage.details, str(entry.get("worker", ""))))
        stages = test.expand_stages()
        self._budget.spend_details(stage.details, stage.subtest or "")
        if len(stages) == _MAX_STAGES:
            raise ValueError(f"test {number} has too many stages")
        stages.append(stage)
        news = self._news_of(number, test, stage)
        if stage.details is not None:
            stages[-1] = self._details.limit_stage(stage)
        outcomes.take_back(stages)
        return [*news, *self._finish(number, test)] if stage.name is StageName.TEARDOWN else [*news]

    def _finish(self, number: int, test: RunningTest) -> list[News]:
        """Store a test that has ended; return it if it passed."""
        item = test.item()
        del self._running[number]
        self._items[number] = item
        return [Finding(item=item)] if item.passed else []

    def _news_of(self, number: int, test: RunningTest, stage: Stage) -> list[Finding]:
        """Return the stage if it needs an annotation; failed subtests wait until their attempt has failed or ended."""
        news = [Finding(item=test.item_with_only(stage), stage=stage)] if is_news(stage) else []
        if stage.subtest is not None and stage.outcome.is_failure:
            self._held.hold(number, *news)
            return []
        is_taken_back = stage.outcome is Outcome.RERUN and not stage.word
        if stage.subtest is None and (stage.outcome.is_failure or is_taken_back or stage.name is StageName.TEARDOWN):
            held = self._held.release(number)
            return news if is_taken_back else [*held, *news]
        return news

    def _add_item(self, item: Item) -> list[News]:
        """Add a test of the report; its stages replace the known ones if there are more of them."""
        self._budget.spend(item.nodeid, item.defined_in)
        if self._is_new_report and item.stages is PLAIN:  # most tests
            self._items.append(item)
            return [Finding(item=item)]
        number, known = self._find_known(item)
        if known is not None and len(item.stages) <= len(known.stages):
            return []
        kept = item
        if item.stages is not PLAIN:
            for stage in item.stages:
                self._budget.spend_details(stage.details, stage.subtest or "")
            kept = replace(item, stages=tuple(map(self._details.limit_stage, item.stages)))
        self._running.pop(number, None)
        self._items.append_empty(number + 1 - len(self._items))  # none for a known test
        self._items[number] = kept
        news: list[News] = [Finding(item=item, stage=stage) for stage in new_stages(item, known)]
        is_reported = not item.passed or (known is not None and known.passed)
        return news if is_reported else [*news, Finding(item=item)]

    def _find_known(self, item: Item) -> tuple[int, Item | None]:
        """Return the number for a test of the report, and the known test if there is one."""
        number = None if self._is_new_report else self._nodeid_index.next_unmatched(item.nodeid)
        if number is None:
            return len(self._items), None
        test = self._running.get(number)
        return number, self._items.get(number) if test is None else test.item()

    def _crash_details(self, details: Details, worker: str) -> Details:
        """Complete the details of a crashed worker, for which xdist reports only its name."""
        sections = [replace(section, text=self._clean(section.text)) for section in self._crash_output(worker)]
        return with_crash_output(details, sections)
