"""What earlier commits say about the tests of a session that fail or are flaky."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from ..model.history import TestKey
from ..model.item import Item
from ..model.session import Session
from ..results.causes import Failure
from .compare import OwnTests
from .flaky import FlakyHistory, flaky_history, flaky_keys
from .past_results import results_of
from .past_runs import LookBack
from .quarantine import QuarantineEntry
from .since import Since, since_when

#: For so many failing tests it is said since when they fail.
MOST_TESTS = 20
#: So often in a row a quarantined test has to pass before its entry is called of no use.
RELEASED_AFTER = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class FailingSince:
    """Since when a test or module fails. The node id of the session is empty."""

    nodeid: str
    since: Since


@dataclass(frozen=True, slots=True, kw_only=True)
class FlakyTest:
    """A flaky test. `has_recovered`: whether it failed and then passed in this session."""

    nodeid: str
    has_recovered: bool
    history: FlakyHistory | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What earlier commits of a branch say.

    Attributes:
        branch: the branch's name; may be empty.
        commits: the number of commits that were looked at.
        since: for failing tests in the order of causes, without those that passed on the base.
        flaky: the tests that are flaky in this session, and failing ones that are flaky on the branch.
        flaky_passed: the number of flaky tests of the branch that passed here.
        releasable: the quarantine entries whose tests passed here and in the last runs of the branch.
    """

    branch: str = ""
    commits: int = 0
    since: tuple[FailingSince, ...] = ()
    flaky: tuple[FlakyTest, ...] = ()
    flaky_passed: int = 0
    releasable: tuple[QuarantineEntry, ...] = ()


def past_of(
    session: Session,
    failures: Sequence[Failure],
    look_back: LookBack | None,
    quarantine: Sequence[QuarantineEntry] = (),
) -> Past:
    """Return what earlier commits say about a session; `failures` are in the order of causes.

    `quarantine` has the entries that count, and whose tests passed here.

    Without a look-back, these are the tests that are flaky in the session.
    """
    if look_back is None or not any(commit.runs for commit in look_back.commits):
        return Past(flaky=tuple(FlakyTest(nodeid=item.nodeid, has_recovered=True) for item in session.flaky_items))
    own = OwnTests(session)
    failing = [*dict.fromkeys(failure.nodeid for failure in failures)]
    flaky = flaky_keys(look_back)
    return Past(
        branch=look_back.branch,
        commits=len(look_back.commits),
        since=tuple(_since(own, failing, look_back)),
        flaky=(*_recovered(session, own, look_back), *_failing_flaky(own, failing, flaky)),
        flaky_passed=_flaky_passed(session, own, flaky),
        releasable=tuple(entry for entry in quarantine if _has_passed_often(entry, session, own, look_back)),
    )


def _since(own: OwnTests, failing: Sequence[str], look_back: LookBack) -> Iterator[FailingSince]:
    base = look_back.commits[0].commit
    found = 0
    for nodeid in failing:
        since = since_when(look_back, own.key(nodeid), is_module=_is_module(nodeid))
        is_new = since is None or (since.failed is None and since.passed is not None and since.passed.commit == base)
        if since is not None and not is_new:
            yield FailingSince(nodeid=nodeid, since=since)
            found += 1
        if found == MOST_TESTS:
            return


def _recovered(session: Session, own: OwnTests, look_back: LookBack) -> Iterator[FlakyTest]:
    for item in session.flaky_items:
        history = flaky_history(look_back, own.key(item.nodeid))
        yield FlakyTest(nodeid=item.nodeid, has_recovered=True, history=history)


def _failing_flaky(own: OwnTests, failing: Sequence[str], flaky: Mapping[TestKey, FlakyHistory]) -> Iterator[FlakyTest]:
    for nodeid in failing:
        if (key := own.key(nodeid)) in flaky:
            yield FlakyTest(nodeid=nodeid, has_recovered=False, history=flaky[key])


def _flaky_passed(session: Session, own: OwnTests, flaky: Mapping[TestKey, FlakyHistory]) -> int:
    if not flaky:
        return 0
    return sum(item.passed and not item.is_flaky and own.key(item.nodeid) in flaky for item in session.items)


def entries_that_passed(entries: Iterable[QuarantineEntry], session: Session) -> Iterator[QuarantineEntry]:
    """Yield the entries that have tests in a session, all of which passed at once."""
    for entry in entries:
        tests = [*_tests_of(entry, session)]
        if tests and all(item.passed and not item.has_failed for item in tests):
            yield entry


def _has_passed_often(entry: QuarantineEntry, session: Session, own: OwnTests, look_back: LookBack) -> bool:
    """Whether each of the entry's tests passed in the last runs of the branch that have a result of it."""
    for item in _tests_of(entry, session):
        results = (result.outcome for result in results_of(look_back, own.key(item.nodeid)))
        last = [*islice((outcome for outcome in results if outcome.is_result), RELEASED_AFTER)]
        if len(last) < RELEASED_AFTER or not all(outcome.passes for outcome in last):
            return False
    return True


def _tests_of(entry: QuarantineEntry, session: Session) -> Iterator[Item]:
    return (item for item in session.items if entry.matches(item.nodeid))


def _is_module(nodeid: str) -> bool:
    """Whether it is a module, which could not be collected."""
    return "::" not in nodeid
