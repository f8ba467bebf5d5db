"""Lines, and where some were lost members of the report -> the `Session` so far, and what each brings that is new."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..words.session import Collector, Details, Item, Outcome, Section, Session, Stage, StageName, Warned
from . import report
from .events import Finding, News, facts, filled, is_news
from .stack_dump import last_stacks, without_stacks

#: Tracebacks and output kept in memory, for the summaries: 1 MiB of Markdown is the most that any of them shows.
DETAILS_BYTES = 2 * 1024 * 1024


@dataclass(slots=True)
class _Test:
    begun: Item
    stages: list[Stage] = field(default_factory=list)

    def item(self) -> Item:
        return replace(self.begun, stages=tuple(self.stages))


class Fold:
    """The session so far; `feed` it each line, ask for the `session` at any time.

    Memory grows with the number of tests alone: of tracebacks and output at most `DETAILS_BYTES` are kept,
    so that `feed`'s answer is the one chance to see them whole. `clean` takes the secrets out of whatever the tests
    have a say in, before anything else sees it. `last_words` tells what is left of an xdist worker that crashed.
    """

    def __init__(
        self, clean: Callable[[Any], Any], last_words: Callable[[str], tuple[Section, ...]] = lambda _: ()
    ) -> None:
        self._clean = clean
        self._last_words = last_words
        self._session = Session()
        self._tests: dict[int | str, _Test] = {}
        self._collectors: list[Collector] = []
        self._collector_names: set[str] = set()
        self._warnings: list[Warned] = []
        self._warnings_told = self._warnings_in_report = 0
        self._collectors_told = self._collectors_in_report = 0
        self._numbers: dict[str, int | str] = {}  # node id -> number, once the report is asked
        self._details_bytes = 0
        self._next = 0

    def add(self, name: str, value: Any) -> tuple[News, ...]:
        """Take a member of the JSON report, of a list one element; what it brings that no line has told.

        For where lines were lost: the report has the last stages of each test, and all of its collectors and warnings.
        """
        value = self._clean(value)
        match name, value:
            case "tests", Mapping():
                return self._add_item(report.parse_item(value))
            case "collectors", Mapping() if value.get("outcome") not in ("passed", None):
                self._collectors_in_report += 1
                is_told = self._collectors_in_report <= self._collectors_told
                return () if is_told else self._collector(report.parse_collector(value))
            case "warnings", Mapping():
                self._warnings_in_report += 1
                warned = report.parse_warning(value)
                return () if self._warnings_in_report <= self._warnings_told else self._warned(warned)
            case _:
                self._session = filled(self._session, name, value)
                return ()

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
            self._session,
            items=tuple(test.item() for test in self._tests.values()),
            collectors=tuple(self._collectors),
            warnings=tuple(self._warnings),
        )

    def feed(self, line: bytes) -> tuple[News, ...]:
        """Take one line; what it brings that is to be annotated."""
        if not line.strip():
            return ()
        try:
            entry = json.loads(line)
            is_plain = entry["event"] == "stage" and "category" not in entry
            return self._take(entry if is_plain else self._cleaned(entry))
        except (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError):
            self._lose(1)
            return ()

    def _cleaned(self, entry: dict[str, Any]) -> Mapping[str, Any]:
        """The session's id is compared with the report's and shown to nobody."""
        cleaned: dict[str, Any] = self._clean(entry)
        return cleaned | {"id": entry.get("id", "")} if entry["event"] == "session" else cleaned

    def _lose(self, number: int) -> None:
        self._session = replace(self._session, lost=self._session.lost + number)

    def _take(self, entry: Mapping[str, Any]) -> tuple[News, ...]:
        number = int(entry["seq"])
        if number > self._next:
            self._lose(number - self._next)
        self._next = number + 1
        match entry["event"]:
            case "stage":
                return self._stage(entry)
            case "test":
                self._tests.setdefault(entry["test"], _Test(report.parse_begun(entry)))
            case "collector":
                self._collectors_told += 1
                return self._collector(report.parse_collector(entry))
            case "warning":
                self._warnings_told += 1
                return self._warned(report.parse_warning(entry))
            case _:
                self._session = replace(self._session, **facts(entry))
        return ()

    def _collector(self, collector: Collector) -> tuple[News, ...]:
        is_new = collector.nodeid not in self._collector_names
        self._collector_names.add(collector.nodeid)
        self._collectors.append(replace(collector, details=self._keep(collector.details)))
        return (collector,) if is_new else ()

    def _warned(self, warned: Warned) -> tuple[News, ...]:
        self._warnings.append(warned)
        return (warned,)

    def _add_item(self, item: Item) -> tuple[News, ...]:
        """A test of the report; its stages count where it has more of them."""
        numbers = self._numbers or {test.begun.nodeid: number for number, test in self._tests.items()}
        self._numbers = numbers
        number = numbers.setdefault(item.nodeid, f"report's {len(numbers)}")
        test = self._tests.setdefault(number, _Test(replace(item, stages=())))
        if len(item.stages) <= len(test.stages):
            return ()
        known, had_passed = [_sort(stage) for stage in test.stages], test.item().passed
        test.stages = [
            stage if stage.details is None else replace(stage, details=self._keep(stage.details))
            for stage in item.stages
        ]
        new = (stage for stage in item.stages if is_news(stage) and _sort(stage) not in known)
        news: list[News] = [Finding(item=item, stage=stage) for stage in new]
        return (*news, Finding(item=item)) if item.passed and not had_passed else tuple(news)

    def _stage(self, entry: Mapping[str, Any]) -> tuple[News, ...]:
        test = self._tests[entry["test"]]
        stage = report.parse_stage(entry)
        if stage.name is StageName.CRASHED and stage.details is not None:
            stage = replace(stage, details=self._of_crash(stage.details, str(entry.get("worker", ""))))
        test.stages.append(stage)
        news: list[News] = []
        if is_news(stage):
            news.append(Finding(item=test.item(), stage=stage))
        if stage.name is StageName.TEARDOWN and (item := test.item()).passed:
            news.append(Finding(item=item))
        if stage.details is not None:
            test.stages[-1] = replace(stage, details=self._keep(stage.details))
        return tuple(news)

    def _of_crash(self, details: Details, worker: str) -> Details:
        """xdist tells nothing of it but its name."""
        left = [Section(title=each.title, text=self._clean(each.text)) for each in self._last_words(worker)]
        stacks = last_stacks("\n".join(section.text for section in left))
        traceback = "\n\n".join(filter(None, [details.traceback, stacks]))
        captured = (Section(title=each.title, text=without_stacks(each.text)) for each in left)
        return replace(details, traceback=traceback, captured=(*details.captured, *captured))

    def _keep(self, details: Details) -> Details:
        """The details, with traceback and output only while there is room for them."""
        size = len(details.traceback) + sum(len(section.text) for section in details.captured)
        if self._details_bytes + size > DETAILS_BYTES:
            return replace(details, traceback="", captured=())
        self._details_bytes += size
        return details


def _sort(stage: Stage) -> tuple[StageName, Outcome, str | None]:
    return stage.name, stage.outcome, stage.subtest
