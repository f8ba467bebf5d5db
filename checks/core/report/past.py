"""The sections of a summary about earlier commits: since when tests fail, and which ones are flaky."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..history.base_state import shown_branch
from ..history.past import RELEASED_AFTER, FlakyTest, Past
from ..history.past_results import PastOutcome, PastResult
from ..history.since import Since
from ..model.job import Context
from ..text.amounts import pluralize
from ..text.collapsible import details
from ..text.commits import short_commit
from ..text.escape import code_span, fence, prose
from ..text.join import paragraphs
from ..text.truncate import truncate_characters, truncate_lines

#: Returns the page with the changes between two commits, of which the second is the reported one if it is empty.
ChangesUrl = Callable[[str, str], str]

_NAME_CHARACTERS = 200
_MOST_FLAKY, _OPEN_FLAKY = 20, 5
_MOST_ENTRIES = 20


def changes_url_builder(context: Context) -> ChangesUrl:
    """Return a function that links GitHub's comparison of two commits."""

    def changes_url(before: str, after: str) -> str:
        return f"{context.server_url}/{context.repository}/compare/{before}...{after or context.head_sha}"

    return changes_url


def section(past: Past | None, changes_url: ChangesUrl) -> str:
    """Return both sections, which may be empty."""
    return "" if past is None else paragraphs([_since(past, changes_url), _flaky(past), _releasable(past)])


def _releasable(past: Past) -> str:
    """Return the quarantine entries that could be removed."""
    if not past.releasable:
        return ""
    where = f" of {prose(shown_branch(past.branch))}" if past.branch.strip() else ""
    head = f"The tests of these quarantine entries passed here and in the last {RELEASED_AFTER} runs{where}:"
    return f"{head}\n\n{fence(truncate_lines((entry.test for entry in past.releasable), _MOST_ENTRIES))}"


def _since(past: Past, changes_url: ChangesUrl) -> str:
    """Return since when the failing tests fail, with one line for those that have the same commits."""
    if not past.since:
        return ""
    by_sentence: dict[str, list[str]] = {}
    for entry in past.since:
        by_sentence.setdefault(_since_sentence(entry.since, changes_url), []).append(_name(entry.nodeid))
    where = f" of {prose(shown_branch(past.branch))}" if past.branch.strip() else ""
    head = f"In the last {pluralize(past.commits, 'commit')}{where}:"
    return paragraphs(
        ["### Since when", head, "\n".join(f"- {text}: {', '.join(names)}" for text, names in by_sentence.items())]
    )


def _since_sentence(since: Since, changes_url: ChangesUrl) -> str:
    passed, failed = since.passed, since.failed
    if passed is None:
        oldest = "" if failed is None else f", since {_link(failed)} or earlier"
        return f"failing for at least {pluralize(since.commits, 'commit')}{oldest}"
    did = "did not fail" if passed.outcome is PastOutcome.NOT_FAILED else "passed"
    begin = "failing now" if failed is None else f"failing since {_link(failed)}"
    url = changes_url(passed.commit, "" if failed is None else failed.commit)
    return f"{begin}, {did} last at {_link(passed)} ([changes]({url}))"


def _link(result: PastResult) -> str:
    name, page = short_commit(result.commit), result.run.run.page
    return f"[{name}]({page})" if page else name


def _flaky(past: Past) -> str:
    """Return the list of flaky tests."""
    lines = [f"- {_name(test.nodeid)}: {', '.join(_evidence(test, past.branch))}" for test in past.flaky[:_MOST_FLAKY]]
    if count := len(past.flaky) - len(lines):
        lines.append(f"- … and {count:,} more")
    others = ""
    if past.flaky_passed:
        are = "test that is" if past.flaky_passed == 1 else "tests that are"
        others = f"{past.flaky_passed:,} {are} flaky {_where(past.branch)} passed here."
    if not lines:
        return others
    listed = paragraphs(["\n".join(lines), others])
    return details(f"Flaky tests: {len(past.flaky):,}", listed, is_open=len(lines) <= _OPEN_FLAKY)


def _evidence(test: FlakyTest, branch: str) -> Iterator[str]:
    if test.has_recovered:
        yield "failed, then passed"
    if test.history is not None and test.history.failed:
        runs = pluralize(test.history.runs, "run")
        yield f"failed {test.history.failed:,} of the last {runs} {_where(branch)}"


def _where(branch: str) -> str:
    return f"on {prose(shown_branch(branch))}" if branch.strip() else "before"


def _name(nodeid: str) -> str:
    return code_span(truncate_characters(nodeid or "collection", _NAME_CHARACTERS))
