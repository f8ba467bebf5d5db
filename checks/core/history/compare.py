"""Compare the results of a session with those of its base."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from ..model.history import COLLECTION, Base, BaseState, NoBase, Record, TestKey
from ..model.item import Outcome
from ..model.items import as_items
from ..model.session import Session
from ..results.causes import Failure
from .base_state import is_shared, name_of, state_of, usable
from .passed_names import passed_nodeids
from .slower import SlowerTest, slower_tests
from .test_key import key as key_of
from .test_key import keys, stable_id

#: A smaller change of the duration is noise.
_CHANGED_SECONDS, _CHANGED_SHARE = 1.0, 0.1
_OUTCOMES = (Outcome.PASSED, Outcome.SKIPPED, Outcome.XFAILED, Outcome.XPASSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedTests:
    """Tests of which only some have known names; `unnamed` counts the others."""

    names: tuple[str, ...] = ()
    unnamed: int = 0

    def __len__(self) -> int:
        return len(self.names) + self.unnamed


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """A session and its base.

    Attributes:
        base: None if it was not found in time.
        states: what the base says about each failing test and module, by node id; missing if that is unknown.
        new: the titles of the failures that the base does not have, in the order of causes.
        also_failing: the number of failures of tests that fail on the base, perhaps in another stage.
        flaky: the number of failures of tests that are flaky on the base.
        unknown: the number of failures that were not compared, because several tests may have that id.
        fixed: the tests and modules that fail on the base and passed now.
        why_no_lists: why the following are unknown; empty if they are known.
        removed: the tests of the base that were not collected now, or deselected.
        has_deselected: whether tests were deselected here, so that the removed ones may be among them.
        newly_skipped: the skipped tests that were not skipped on the base; None if the base had no room for these.
        added: the number of tests that the base does not have.
        count_changes: how the counts differ, by outcome.
        seconds_change: how the duration of the test files differs that both have; 0 for noise.
        slower: the tests that take much longer than on the very base.
        is_trusted: whether no other workflow can have written the base.
    """

    base: Base | NoBase | None
    states: Mapping[str, BaseState] = field(default_factory=dict)
    new: tuple[str, ...] = ()
    also_failing: int = 0
    flaky: int = 0
    unknown: int = 0
    fixed: tuple[str, ...] = ()
    why_no_lists: str = ""
    removed: NamedTests | None = None
    has_deselected: bool = False
    newly_skipped: NamedTests | None = None
    added: int | None = None
    count_changes: Mapping[Outcome, int] = field(default_factory=dict)
    seconds_change: float = 0.0
    slower: tuple[SlowerTest, ...] = ()
    is_trusted: bool = False

    @property
    def exact_base(self) -> Base | None:
        """The base if it is the very commit that the tested code was built on."""
        return self.base if isinstance(self.base, Base) and self.base.is_exact else None

    def is_new(self, nodeid: str) -> bool:
        """Whether a failing test or module is known not to fail on the very base."""
        return self.exact_base is not None and self.states.get(nodeid) is BaseState.NEW

    @property
    def new_count(self) -> int | None:
        """The number of new failures; None if it is unknown."""
        is_known = self.exact_base is not None and (self.new or not self.unknown)
        return len(self.new) if is_known else None


def compare(
    session: Session,
    record: Record,
    base: Base | NoBase | None,
    failures: Sequence[Failure] = (),
    *,
    is_trusted: bool = False,
) -> Comparison:
    """Return how a session that has ended differs from its base.

    `record` is the session's own, with everything in it. `failures` are the session's in the order of causes.
    """
    base = None if base is None else usable(base)
    if not isinstance(base, Base):
        return Comparison(base=base, is_trusted=is_trusted)
    own = OwnTests(session)
    asked = replace(base, instead_of="")
    states = {nodeid: state_of(own.key(nodeid, base), asked) for nodeid in {failure.nodeid for failure in failures}}
    of_failures = Counter(states[failure.nodeid] for failure in failures)
    comparison = Comparison(
        base=base,
        states={nodeid: state for nodeid, state in states.items() if state is not None},
        new=tuple(failure.title for failure in failures if states[failure.nodeid] is BaseState.NEW),
        also_failing=of_failures[BaseState.FAILING],
        flaky=of_failures[BaseState.FLAKY],
        unknown=of_failures[None],
        fixed=tuple(own.fixed(base.record)),
        why_no_lists=_why_not_comparable(session, record, base),
        slower=slower_tests(as_items(session.items).names_and_seconds(), base.record) if base.is_exact else (),
        has_deselected=session.deselected > 0,
        is_trusted=is_trusted,
    )
    return comparison if comparison.why_no_lists else _with_lists(comparison, own, record, base)


def _with_lists(comparison: Comparison, own: OwnTests, record: Record, base: Base) -> Comparison:
    of_base, own_keys = base.record.collected or frozenset(), record.collected or frozenset()
    newly_skipped = None
    if base.record.skipped is not None:
        skipped = ((record.skipped or frozenset()) & of_base) - base.record.skipped
        newly_skipped = _named(skipped, own.skipped)
    return replace(
        comparison,
        removed=_named(of_base - own_keys, lambda: _names_by_key(passed_nodeids(base.text))),
        newly_skipped=newly_skipped,
        added=len(own_keys - of_base),
        count_changes={
            outcome: record.counts.counts[outcome] - base.record.counts.counts[outcome] for outcome in _OUTCOMES
        },
        seconds_change=_seconds_change(record, base.record),
    )


class OwnTests:
    """The tests of a session by their keys. What has an id that several of them share has no key."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def key(self, nodeid: str, base: Base | None = None) -> TestKey:
        """Return the key of a test or module of the session; 0 if several tests have that id here, or may on the base.

        A base without a list of its tests does not say whether another one differs only in an address, say.
        """
        stable = stable_id(nodeid)
        may_be_shared = base is not None and stable != nodeid and base.record.collected is None
        return key_of(stable) if self._numbers[stable] <= 1 and not may_be_shared else 0

    @cached_property
    def _numbers(self) -> Counter[str]:
        """The number of tests by stable id; modules are not among them."""
        return Counter(stable_id(nodeid) for nodeid, _ in as_items(self._session.items).names_and_seconds())

    def fixed(self, record: Record) -> Iterable[str]:
        """Yield the tests and modules that fail in a record, and ran and passed here."""
        failing = {key for keys_of_stage in (record.failed or {}).values() for key in keys_of_stage}
        failing = {key for key in failing if not is_shared(key, record)}
        if not failing:
            return
        passed = [
            item.nodeid
            for item in self._session.items
            if item.passed and not item.is_flaky and self._numbers[stable_id(item.nodeid)] == 1
        ]
        yield from (nodeid for nodeid, key in zip(passed, keys(passed), strict=True) if key in failing)
        if modules := (record.failed or {}).get(COLLECTION):
            broken = {collector.nodeid for collector in self._session.collectors}
            collected = sorted({item.path for item in self._session.items} - broken)
            yield from (path for path in collected if key_of(stable_id(path)) in modules)

    def skipped(self) -> Mapping[TestKey, str]:
        """Return the skipped tests by their keys, among others that neither failed nor passed."""
        return _names_by_key(
            item.nodeid for item in self._session.notable_items if not item.is_failure and not item.passed
        )


def _why_not_comparable(session: Session, record: Record, base: Base) -> str:
    """Return why the tests of both runs cannot be compared one by one; empty if they can."""
    has_ended = session.exit_status is not None and not session.stop_reason and not session.running_items
    has_run_all = 0 < session.total >= (session.collected or 0) and not session.write_error
    has_collection_errors = any(collector.outcome.is_failure for collector in session.collectors)
    lacks_results = session.not_collected or record.is_partial
    is_alike = record.selection and record.selection == base.record.selection
    reasons = {
        "some tests could not be collected here": has_collection_errors,
        "this run did not finish": not has_ended or session.lost_records > 0,
        "not all tests that were collected ran here": not has_run_all,
        "this run lacks the results of some tests": bool(lacks_results),
        f"tests were selected otherwise for {name_of(base)} (arguments, folder or Python)": not is_alike,
        f"the check run of {name_of(base)} had no room for the list of its tests": base.record.collected is None,
        "this check run has no room for the list of its tests": record.collected is None,
    }
    return next((reason for reason, holds in reasons.items() if holds), "")


def _named(found: Iterable[TestKey], names: Callable[[], Mapping[TestKey, str]]) -> NamedTests:
    """Return the tests, with the names of those that `names` returns."""
    wanted_keys = {*found}
    by_key = names() if wanted_keys else {}
    named = sorted(by_key[key] for key in wanted_keys if key in by_key)
    return NamedTests(names=tuple(named), unnamed=len(wanted_keys) - len(named))


def _names_by_key(nodeids: Iterable[str]) -> Mapping[TestKey, str]:
    """Return node ids by key, without those that differ only in what changes from run to run."""
    listed = [*nodeids]
    numbers = Counter(map(stable_id, listed))
    unique = [nodeid for nodeid in listed if numbers[stable_id(nodeid)] == 1]
    return dict(zip(keys(unique), unique, strict=True))


def _seconds_change(record: Record, other: Record) -> float:
    common = record.file_seconds.keys() & other.file_seconds.keys()
    now, before = (sum(seconds[key] for key in common) for seconds in (record.file_seconds, other.file_seconds))
    change = now - before
    is_noise = abs(change) < max(_CHANGED_SECONDS, _CHANGED_SHARE * before)
    return 0.0 if is_noise else change
