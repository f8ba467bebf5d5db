"""Follows the tests: folds their lines, lets annotations wait in the outbox, and says how things stand."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from ..translate import events, passing
from ..translate.annotations import Annotator
from ..translate.outbox import Outbox
from ..words.job import Ended, Repository
from ..words.session import Session, Warned
from ..words.settings import Passing, Settings


@dataclass(kw_only=True)
class Follower:
    """One session from its first line to its last; `definition` is as `Annotator`'s.

    Not locked: `programs.live` sees to that.
    """

    settings: Settings
    repository: Repository
    outbox: Outbox
    fold: events.Fold
    definition: Callable[[str, int], int] = lambda _, line: line
    passing: Passing | None = None

    def feed(self, lines: Iterable[bytes]) -> bool:
        """Take the lines that came; whether there were any."""
        came = False
        for line in lines:
            came = True
            collected = self.fold.collected
            for news in self.fold.feed(line):
                self._annotate(news)
            if self.fold.collected != collected:
                self.session()  # a small session is certain from here on; a larger one is settled as it is looked at
        return came

    def session(self) -> Session:
        """What is known by now; settles on the way in which passed tests are told, when it can be."""
        session = self.fold.session()
        self._settle(session, has_ended=False)
        return session

    def end(self, session: Session, ended: Ended) -> None:
        """Annotate what only the end shows: the tests that were running, and passed ones held back."""
        for annotation in self._annotator(session.root).running(session, ended):
            self.outbox.put(annotation)
        self._settle(session, has_ended=True)
        if self.passing is Passing.FILE:
            for annotation in self._annotator(session.root).passed_in_files(i for i in session.items if i.passed):
                self.outbox.put(annotation)

    def add(self, session: Session, known: Session) -> None:
        """Annotate what the report had and the stream had not."""
        seen = {(item.nodeid, len(item.stages)) for item in known.items}
        names = {collector.nodeid for collector in known.collectors}
        extra = replace(
            session,
            items=tuple(item for item in session.items if (item.nodeid, len(item.stages)) not in seen),
            collectors=tuple(collector for collector in session.collectors if collector.nodeid not in names),
            warnings=session.warnings[len(known.warnings) :],
        )
        for news in events.findings(extra):
            self._annotate(news)

    def _settle(self, session: Session, *, has_ended: bool) -> None:
        if self.passing is not None:
            return
        others = self.outbox.others_put + self.outbox.others_beyond
        self.passing = passing.decide(self.settings, session, others=others, has_ended=has_ended)
        if self.passing is Passing.EACH:
            self.outbox.reserved = max(session.collected or 0, session.total)
            # Those that were held back until now.
            for item in session.items:
                if item.passed and not item.is_flaky:
                    self._annotate(events.Finding(item=item))

    def _annotate(self, news: events.News) -> None:
        is_held_back = isinstance(news, events.Finding) and news.stage is None and not news.item.is_flaky
        if is_held_back and self.passing is not Passing.EACH:
            return
        annotation = self._annotator(self.fold.root).annotate(news)
        if annotation is not None:
            self.outbox.put(annotation, is_extra=isinstance(news, Warned))

    def _annotator(self, root: str) -> Annotator:
        return Annotator(repository=self.repository, root=root or self.repository.root, definition=self.definition)
