"""The sections of a summary about failures: their causes, and each failure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import chain

from ..model.item import Location, Stage
from ..results.causes import Cause, Failure, by_size
from ..text.collapsible import Collapsible, Fitted, fit
from ..text.durations import shown_duration
from ..text.escape import code, one_line, prose
from ..text.join import and_more, paragraphs
from ..text.truncate import truncate_lines
from . import evidence
from .owners import owners_text

UrlOf = Callable[[Sequence[Location]], str]

_SENTENCE_BYTES = 1024
_NODEID_CHARACTERS = 500
_MESSAGE_CHARACTERS = 300
_CAUSES_SHOWN = 20
_CAUSES_OPEN = 3
_NODEIDS_SHOWN = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureSections:
    """Makes the sections about the failures with these causes, by number.

    `url_of` returns the page of the last of the locations that is in the repository, or an empty string. `is_new`
    returns whether the base does not have the failures of a test or module, given its node id.
    """

    causes: Sequence[Cause]
    url_of: UrlOf
    is_new: Callable[[str], bool] = lambda _: False

    def markdown(self, omission_note: str, budget_bytes: int) -> str:
        """Return both sections; `omission_note` ends the sentence about failures that are not shown."""
        causes, explained = self._causes_section(budget_bytes // 2)
        fitted = fit(self._failures(explained), budget_bytes - len(causes.encode()) - _SENTENCE_BYTES)
        total = sum(len(cause.failures) for cause in self.causes)
        omission = omission_sentence(fitted, total, "failures", "traceback", omission_note)
        return paragraphs([causes, "### Failures", fitted.markdown, omission])

    def _causes_section(self, budget_bytes: int) -> tuple[str, Collection[int]]:
        """Return the section, and the numbers of the causes whose traceback it shows; a single failure needs none."""
        if sum(len(cause.failures) for cause in self.causes) < 2:
            return "", ()
        shown = by_size(self.causes)[:_CAUSES_SHOWN]
        table = self._table(shown)
        numbers, blocks = zip(*self._explanations(shown), strict=True)
        fitted = fit(blocks, budget_bytes - len(table.encode()) - _SENTENCE_BYTES)
        remainder = ""
        if len(shown) < len(self.causes):
            remainder = f"Showing {len(shown)} of {len(self.causes):,} causes."
        markdown = paragraphs(["### Causes", table, fitted.markdown, remainder])
        return markdown, {number for number, has_text in zip(numbers, fitted.has_text, strict=False) if has_text}

    def _table(self, shown: Sequence[Cause]) -> str:
        """Return an HTML table, in which code may contain pipes."""
        have_owners = any(cause.owners for cause in self.causes)
        header = _row("th", ["", "Cause", "Place", "Tests", *(["Owners"] if have_owners else [])])
        rows = (_row("td", [*self._cells(cause), *([_owners(cause.owners)] if have_owners else [])]) for cause in shown)
        return "\n".join(["<table>", header, *rows, "</table>"])

    def _cells(self, cause: Cause) -> list[str]:
        return [str(cause.number), _message(cause.first), self._place(cause), self._size(cause)]

    def _size(self, cause: Cause) -> str:
        """Return the number of tests, and how many of them are new."""
        number, new = len(cause.nodeids), sum(map(self.is_new, cause.nodeids))
        return f"{number:,}{f', {new:,} new' if new < number else ', new'}" if new else f"{number:,}"

    def _place(self, cause: Cause) -> str:
        if cause.place is None:
            return "" if len(cause.failures) == 1 else "several"
        path, line = cause.place
        return _link(self._url(cause.first), code(f"{path}:{line}"))

    def _explanations(self, shown: Sequence[Cause]) -> Iterator[tuple[int, Collapsible]]:
        """Yield each cause's number and traceback, and then 0 and its node ids if there are several."""
        for position, cause in enumerate(shown):
            first, others = cause.first, len(cause.nodeids) - 1
            traceback = Collapsible(
                head=f"Cause {cause.number}: {and_more(_name(first), others)}",
                lines=[first.details.traceback],
                render=evidence.render(first.details),
                is_open=position < _CAUSES_OPEN,
            )
            yield cause.number, traceback
            if others:
                nodeids = cause.nodeids
                first_lines = map(one_line, nodeids[:_NODEIDS_SHOWN])
                lines = [truncate_lines(chain(first_lines, nodeids[_NODEIDS_SHOWN:]), _NODEIDS_SHOWN)]
                yield 0, Collapsible(head=f"Cause {cause.number}: {len(nodeids):,} tests", lines=lines)

    def _failures(self, explained: Collection[int]) -> Iterator[Collapsible]:
        """Yield the failures, one of each cause first; without the traceback if its cause has it."""
        causes = by_size(self.causes)
        for cause in causes:
            yield self._failure(cause, cause.first, has_text=cause.number not in explained)
        for cause in causes:
            for failure in cause.failures[1:]:
                yield self._failure(cause, failure)

    def _failure(self, cause: Cause, failure: Failure, *, has_text: bool = True) -> Collapsible:
        name = _link(self._url(failure), _name(failure))
        number = f" · cause {cause.number}" if len(self.causes) > 1 else ""
        owners = f" · {_owners(failure.owners)}" if failure.owners else ""
        new = " · new" if self.is_new(failure.nodeid) else ""
        head = f"{name} — {_message(failure)}{_stage_text(failure.stage)}{new}{number}{owners}"
        lines = [failure.details.traceback] if has_text else []
        return Collapsible(head=head, lines=lines, render=evidence.render(failure.details))

    def _url(self, failure: Failure) -> str:
        return self.url_of([*failure.own_locations, *failure.details.locations])


def omission_sentence(fitted: Fitted, total: int, things: str, body: str, omission_note: str = "") -> str:
    """Return the sentence about what did not fit; empty if everything did."""
    without_text = f"{fitted.without_text:,} without the {body}" if fitted.without_text else ""
    shown = f"Showing {fitted.shown:,} of {total:,} {things}" if fitted.shown < total or without_text else ""
    sentence = ", ".join(filter(None, [shown, without_text]))
    return prose("; ".join(filter(None, [sentence, omission_note])) + ".") if sentence else ""


def _row(tag: str, cells: Sequence[str]) -> str:
    return f"<tr>{''.join(f'<{tag}>{cell}</{tag}>' for cell in cells)}</tr>"


def _link(url: str, html: str) -> str:
    return f'<a href="{escape(url)}">{html}</a>' if url else html


def _name(failure: Failure) -> str:
    return code(failure.title, _NODEID_CHARACTERS)


def _message(failure: Failure) -> str:
    message = failure.details.message
    return code(message, _MESSAGE_CHARACTERS) if message else "failed"


def _owners(owners: Sequence[str]) -> str:
    return code(owners_text(owners)) if owners else ""


def _stage_text(stage: Stage | None) -> str:
    """Return text such as `` (in setup, 0.12 s)``; empty for a call that took no time worth showing."""
    if stage is None:
        return " (not collected)"
    parts = ", ".join(filter(None, [stage.where, shown_duration(stage.duration_seconds)]))
    return f" ({parts})" if parts else ""
