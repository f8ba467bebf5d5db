"""Lines, and where some were lost members of the report -> the `Session` so far, and what each brings that is new."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from ..model.item import PLAIN, Details, Item, Outcome, Section, Stage, StageName
from ..model.ports import Member
from ..model.session import Collector, RecordedWarning, Session
from ..text.durations import parse_seconds
from . import json_report
from .bounded import whole
from .decode import MALFORMED, clean_members, entries, is_plain
from .memory_budget import MemoryBudget
from .running_test import RunningTest
from .stack_dump import last_stacks, without_stacks
from .stream import Finding, News, facts, filled, is_news, joined

#: Tracebacks and output kept in memory, for the summaries: 1 MiB of Markdown is the most that any of them shows.
DETAILS_BYTES = 2 * 1024 * 1024


#: Numbers of tests follow each other; lines that were lost leave holes, but not such.
_LARGEST_HOLE = 1_000_000
#: Of one test. What begins again is looked at as a whole each time.
_MOST_STAGES = 100_000
_MOST_STAGES_BEFORE_AGAIN = 1_000


class SessionBuilder:
    """The session so far; `feed` it the lines, ask for the `session` at any time.

    Memory grows with the number of tests alone, and little with those that passed: of tracebacks and output at most
    `DETAILS_BYTES` are kept, so that `feed`'s answer is the one chance to see them whole. What exceeds the
    `MemoryBudget` is lost. `clean` takes the secrets out
    of whatever the tests have a say in, before anything else sees it. `crash_output` tells what is left of an xdist
    worker that crashed.
    """

    def __init__(
        self, clean: Callable[[Any], Any], crash_output: Callable[[str], tuple[Section, ...]] = lambda _: ()
    ) -> None:
        self._clean = clean
        self._last_words = crash_output
        self._session = Session()
        self._tests: list[RunningTest | Item | None] = []  # by their numbers
        self._collectors: list[Collector] = []
        self._collector_names: set[str] = set()
        self._warnings: list[RecordedWarning] = []
        self._warnings_told = self._warnings_in_report = 0
        self._collectors_told = self._collectors_in_report = 0
        self._numbers: dict[str, int] = {}  # node id -> number, once the report is asked for what lines have lost
        self._is_apart = False
        self._former: list[Session] = []  # what former reports said of theirs as a whole
        self._details_bytes = 0
        self._budget = MemoryBudget()
        self._missing: list[str] = []
        self._next = 0
        self._lost = 0

    def add(self, members: Iterable[Member]) -> list[News]:
        """Take members of a JSON report; what they bring that no line has told.

        For where lines were lost: the report has the last stages of each test, and all of its collectors and warnings.
        """
        news: list[News] = []
        for name, value in clean_members(members, self._clean):
            try:  # noqa: SIM105 - `suppress` takes its time, and this is for each test
                news += self._add(name, value)
            except MALFORMED:
                pass
        return news

    def _add(self, name: str, value: Any) -> list[News]:
        if name == "tests" and isinstance(value, dict):
            return self._add_item(json_report.parse_item(value))
        match name, value:
            case "collectors", Mapping() if value.get("outcome") not in ("passed", None):
                self._collectors_in_report += 1
                is_told = self._collectors_in_report <= self._collectors_told
                return [] if is_told else self._collector(json_report.parse_collector(value))
            case "warnings", Mapping():
                self._warnings_in_report += 1
                warned = json_report.parse_warning(value)
                return [] if self._warnings_in_report <= self._warnings_told else self._warned(warned)
            case _:
                self._session = filled(self._session, name, value)
                return []

    def begin_report(self) -> None:
        """What is added from here on is of another report: none of its tests is one of those that are known."""
        if self._tests or self._session != Session():
            self._former.append(self._session)
        self._session, self._is_apart = Session(), True
        self._warnings_told = self._warnings_in_report = 0
        self._collectors_told = self._collectors_in_report = 0
        self._collector_names = set()

    @property
    def root(self) -> str:
        """pytest's rootdir; empty before the session has begun."""
        return self._session.root

    @property
    def collected(self) -> int | None:
        """How many tests are to run, None while that is unknown."""
        return self._session.collected

    def session(self) -> Session:
        """All that is known now."""
        return replace(
            joined([*self._former, self._session]),
            lost_records=self._lost,
            not_collected=tuple(self._missing),
            items=tuple([t.item() if isinstance(t, RunningTest) else t for t in self._tests if t is not None]),
            collectors=tuple(self._collectors),
            warnings=tuple(self._warnings),
        )

    def feed(self, lines: Iterable[bytes]) -> list[News]:
        """Take whole lines; what they bring that is to be annotated."""
        news: list[News] = []
        for entry in entries(lines, self._clean):
            if entry is None:
                self._lost += 1
                continue
            try:
                news += self._take(entry)
            except MALFORMED:
                self._lost += 1
        return news

    def _take(self, entry: Mapping[str, Any]) -> list[News]:
        number = whole(entry["seq"])
        if number > self._next:
            self._lost += number - self._next
        self._next = number + 1
        match entry["event"]:
            case "stage":
                return self._stage(entry)
            case "test":
                self._begin(whole(entry["test"]), entry)
            case "collector":
                self._collectors_told += 1
                return self._collector(json_report.parse_collector(entry))
            case "warning":
                self._warnings_told += 1
                return self._warned(json_report.parse_warning(entry))
            case "missing":
                for title in map(str, entry["titles"]):
                    self._budget.spend(title)
                    self._missing.append(title)
            case _:
                self._session = replace(self._session, **facts(entry))
        return []

    def _collector(self, collector: Collector) -> list[News]:
        self._spend(collector.details, collector.nodeid)
        is_new = collector.nodeid not in self._collector_names
        self._collector_names.add(collector.nodeid)
        self._collectors.append(replace(collector, details=self._keep(collector.details)))
        return [collector] if is_new else []

    def _warned(self, warned: RecordedWarning) -> list[News]:
        self._budget.spend(warned.category, warned.message, warned.location.path, warned.nodeid)
        self._warnings.append(warned)
        return [warned]

    def _begin(self, number: int, entry: Mapping[str, Any]) -> None:
        missing = number + 1 - len(self._tests)
        if missing > _LARGEST_HOLE:
            raise ValueError(f"test {number} does not follow test {len(self._tests) - 1}")
        begun = RunningTest(*json_report.parse_begun(entry))
        self._budget.spend(begun.nodeid, begun.defined_in, objects=max(1, missing))
        self._tests += [None] * missing
        if self._tests[number] is None:
            self._tests[number] = begun

    def _test(self, number: int) -> RunningTest:
        """The test of that number, to which something is to be added."""
        test = self._tests[number]
        if isinstance(test, Item):
            if len(test.stages) > _MOST_STAGES_BEFORE_AGAIN:
                raise ValueError(f"test {number} was run too often")
            test = self._tests[number] = RunningTest.again(test)
        if test is None:
            raise KeyError(number)
        return test

    def _stage(self, entry: Mapping[str, Any]) -> list[News]:
        number = whole(entry["test"])
        test = self._test(number)
        if is_plain(entry) and test.continues_plainly(entry["when"]):
            test.plain.append(parse_seconds(entry["duration"]))
            if len(test.plain) < len(PLAIN):
                return []
            item = self._tests[number] = test.item()
            return [Finding(item=item)]
        stage = json_report.parse_stage(entry)
        if stage.name is StageName.CRASHED and stage.details is not None:
            stage = replace(stage, details=self._of_crash(stage.details, str(entry.get("worker", ""))))
        stages = test.unfolded()
        self._spend(stage.details, stage.subtest or "")
        if len(stages) == _MOST_STAGES:
            raise ValueError(f"test {number} has too many stages")
        stages.append(stage)
        news: list[News] = []
        if is_news(stage):
            news.append(Finding(item=test.item_with(stage), stage=stage))
        if stage.details is not None:
            stages[-1] = self._kept(stage)
        if stage.name is StageName.TEARDOWN:
            item = self._tests[number] = test.item()
            if item.passed:
                news.append(Finding(item=item))
        return news

    def _add_item(self, item: Item) -> list[News]:
        """A test of the report; its stages count where it has more of them."""
        self._budget.spend(item.nodeid, item.defined_in)
        if self._is_apart and item.stages is PLAIN:  # most of them
            self._tests.append(item)
            return [Finding(item=item)]
        number, known = self._known(item)
        if known is not None and len(item.stages) <= len(known.stages):
            return []
        for stage in item.stages if item.stages is not PLAIN else ():
            self._spend(stage.details, stage.subtest or "")
        if number == len(self._tests):
            self._tests.append(None)
        self._tests[number] = (
            item if item.stages is PLAIN else replace(item, stages=tuple(map(self._kept, item.stages)))
        )
        told = set() if known is None else {_sort(stage) for stage in known.stages}
        new = (stage for stage in item.stages if is_news(stage) and _sort(stage) not in told)
        news: list[News] = [Finding(item=item, stage=stage) for stage in new]
        is_told = not item.passed or (known is not None and known.passed)
        return news if is_told else [*news, Finding(item=item)]

    def _known(self, item: Item) -> tuple[int, Item | None]:
        """The number of a test of the report, the next one if it is new; and the test as it is known, if it is."""
        if self._is_apart:
            return len(self._tests), None
        if not self._numbers:
            self._numbers = {t.nodeid: number for number, t in enumerate(self._tests) if t is not None}
        number = self._numbers.setdefault(item.nodeid, len(self._tests))
        test = self._tests[number] if number < len(self._tests) else None
        return number, test.item() if isinstance(test, RunningTest) else test

    def _of_crash(self, details: Details, worker: str) -> Details:
        """xdist tells nothing of it but its name."""
        left = [Section(title=each.title, text=self._clean(each.text)) for each in self._last_words(worker)]
        stacks = last_stacks("\n".join(section.text for section in left))
        traceback = "\n\n".join(filter(None, [details.traceback, stacks]))
        captured = (Section(title=each.title, text=without_stacks(each.text)) for each in left)
        return replace(details, traceback=traceback, captured=(*details.captured, *captured))

    def _spend(self, details: Details | None, *texts: str) -> None:
        """Of traceback and output `_keep` says how much is kept."""
        if details is None:
            self._budget.spend(*texts)
            return
        paths = (place.path for place in details.locations)
        objects = 1 + len(details.captured) + len(details.locations) // 4  # most places are in memory once
        self._budget.spend(*texts, details.message, *paths, objects=objects)

    def _kept(self, stage: Stage) -> Stage:
        if stage.details is None:
            return stage
        details = self._keep(stage.details)
        return stage if details is stage.details else replace(stage, details=details)

    def _keep(self, details: Details) -> Details:
        """The details, with traceback and output only while there is room for them."""
        size = len(details.traceback) + sum(len(each.title) + len(each.text) for each in details.captured)
        if self._details_bytes + size > DETAILS_BYTES:
            return Details(message=details.message, locations=details.locations)
        self._details_bytes += size
        return details


def _sort(stage: Stage) -> tuple[StageName, Outcome, str | None]:
    return stage.name, stage.outcome, stage.subtest
