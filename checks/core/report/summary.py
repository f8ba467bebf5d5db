"""The summary and text of a check run, and the job summary: Markdown within a limit of bytes.

Everything that the tests provide (node ids, messages, output) is in code spans or code blocks, see `text/escape.py`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from urllib.parse import quote

from ..history.compare import Comparison
from ..history.past import Past
from ..model.item import Location, Outcome
from ..model.items import Items, as_items
from ..model.job import Context, Repository
from ..model.limits import OUTPUT_TEXT_BYTES
from ..model.session import Session
from ..model.verdict import Remark, Verdict
from ..results import locations
from ..results.causes import Cause, by_size, one_per_cause_first
from ..text.ansi import visible
from ..text.collapsible import Collapsible, fit
from ..text.durations import shown_duration, with_duration
from ..text.escape import code, code_span, fence, one_line, prose
from ..text.join import paragraphs
from ..text.truncate import truncate_lines, truncate_markdown, truncate_middle
from . import comparison, past, reasons, sections
from .failures import FailureSections, UrlOf, omission_sentence
from .past import ChangesUrl
from .reproduce import Reproduction

PlaceOf = Callable[[Sequence[Location]], tuple[str, int] | None]

_LIVE_BYTES = 16 * 1024
_QUOTED_BYTES = 4 * 1024
_SENTENCE_BYTES = 1024
_RUNNING = 5
#: Many failures have one place.
_CACHED_URLS = 1_000
#: The label of the link to a remark's page.
_PAGE = "See the previous run"


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What a summary shows besides a session's results.

    Attributes:
        url_of: returns the page of the last of the locations that is in the repository, or an empty string.
        place_of: returns the path and the line of that location, or None.
        causes: the causes of the failures, by number.
        comparison: how the session differs from its base; None if nothing is compared.
        past: what earlier commits say; None if nothing is known (yet).
        changes_url: see `past.ChangesUrl`.
        omission_note: ends the sentence about failures that are not shown, such as ``all are annotated``.
        notes: remarks at the end of the summary.
        reproduction: how the failed tests are run again.
    """

    url_of: UrlOf
    place_of: PlaceOf = lambda _: None
    causes: tuple[Cause, ...] = ()
    comparison: Comparison | None = None
    past: Past | None = None
    changes_url: ChangesUrl = lambda before, after: f"{before}...{after}"
    omission_note: str = ""
    notes: tuple[Remark, ...] = ()
    reproduction: Reproduction = field(default_factory=Reproduction)


def place_finder(repository: Repository, root: str) -> PlaceOf:
    """Return a function that finds the last of some locations that is in the repository; `root` is pytest's rootdir."""
    return partial(locations.resolve, repository=repository, root=root)


def url_builder(context: Context, repository: Repository, root: str) -> UrlOf:
    """Return a function that links locations at the reported commit; `root` is pytest's rootdir."""
    blob = f"{context.server_url}/{context.repository}/blob/{context.head_sha}"

    @lru_cache(_CACHED_URLS)
    def url(location: Location) -> str:
        place = locations.resolve([location], repository=repository, root=root)
        if place is None or not (context.repository and context.head_sha):
            return ""
        path, line = place
        return f"{blob}/{quote(path, errors='surrogateescape')}#L{line}"

    return lambda candidates: next(filter(None, map(url, reversed(candidates))), "")


def summary(session: Session, verdict: Verdict, frame: Frame, *, budget_bytes: int = OUTPUT_TEXT_BYTES) -> str:
    """Return the summary of a session that has ended."""
    counts = session.counts
    above = [_table(session, counts), comparison.section(frame.comparison), *map(_remark, verdict.remarks)]
    nodeids = [failure.nodeid for failure in one_per_cause_first(by_size(frame.causes))]
    below = [
        past.section(frame.past, frame.changes_url),
        frame.reproduction.section(nodeids),
        sections.slowest(session),
        sections.slower(frame.comparison),
    ]
    below += [part(session, partial(_link_to, frame)) for part in (reasons.skipped, reasons.warnings)]
    below += map(_remark, frame.notes)
    remaining_bytes = budget_bytes - sum(len(part.encode()) + 2 for part in above + below)
    failures = _failures(frame, max(remaining_bytes, budget_bytes // 2))
    return truncate_markdown(paragraphs([*above, failures, *below]), budget_bytes)


def live_summary(session: Session, frame: Frame) -> str:
    """Return the summary of a running session; short, because it is sent often."""
    running = truncate_lines((item.nodeid for item in session.running_items), _RUNNING)
    remarks = [Remark(text="Running:", quoted=running)] if running else []
    counts = session.counts
    failures = _failures(frame, _LIVE_BYTES)
    return paragraphs([_table(session, counts), *map(_remark, remarks), failures])


def text(session: Session, *, budget_bytes: int = OUTPUT_TEXT_BYTES) -> str:
    """Return the list of passed tests by file; empty if none passed."""
    files = as_items(session.items).passed_by_path()
    heading = "### Passed" if files else ""
    fitted = fit((_passed_file(path, items) for path, items in files.items()), budget_bytes - _SENTENCE_BYTES)
    return paragraphs(
        [heading, fitted.markdown, omission_sentence(fitted, len(files), "files", "list of passed tests")]
    )


def _table(session: Session, counts: Counter[Outcome]) -> str:
    """Return the table of the counts that are not zero."""
    reruns = counts[Outcome.RERUN]
    columns = {
        "passed": counts[Outcome.PASSED],
        "failed": counts[Outcome.FAILED],
        "errors": counts[Outcome.ERROR],
        "skipped": counts[Outcome.SKIPPED],
        "xfailed": counts[Outcome.XFAILED],
        "xpassed": counts[Outcome.XPASSED],
        "quarantined": counts[Outcome.QUARANTINED],
        "rerun": reruns,
        "flaky": len(session.flaky_items) if reruns else 0,
    }
    cells = {name: f"{number:,}" for name, number in columns.items() if number}
    if not cells:
        return ""
    return "\n".join([_row(cells), _row("---:" for _ in cells), _row(cells.values())])


def _link_to(frame: Frame, candidates: Sequence[Location]) -> str:
    place, url = frame.place_of(candidates), frame.url_of(candidates)
    text = "" if place is None else code_span(f"{place[0]}:{place[1]}")
    return f"[{text}]({url})" if text and url else text


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _remark(remark: Remark) -> str:
    sentence = prose(remark.text) + (f" [{_PAGE}]({remark.page})" if remark.page else "")
    quoted = truncate_middle(visible(remark.quoted).strip("\n"), _QUOTED_BYTES)
    if not quoted.strip():
        return sentence
    return f"{sentence}\n\n{fence(quoted)}" if "\n" in quoted else f"{sentence} {code_span(quoted)}"


def _failures(frame: Frame, budget_bytes: int) -> str:
    if not frame.causes:
        return ""
    is_new = (lambda _: False) if frame.comparison is None else frame.comparison.is_new
    sections = FailureSections(causes=frame.causes, url_of=frame.url_of, is_new=is_new)
    return sections.markdown(frame.omission_note, budget_bytes)


def _passed_file(path: str, items: Items) -> Collapsible:
    head = f"{code(path)}: {with_duration(f'{len(items):,} passed', items.total_seconds())}"
    lines = (
        f"{one_line(nodeid.removeprefix(f'{path}::'))}  {shown_duration(seconds)}".rstrip()
        for nodeid, seconds in items.names_and_seconds()
    )
    return Collapsible(head=head, lines=lines)
