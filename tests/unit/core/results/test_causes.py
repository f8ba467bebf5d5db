from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.core.model.item import Details, Item, Location, Outcome, StageName
from checks.core.model.session import Collector
from checks.core.results.causes import CauseNumbers, Failure, by_size, failures, one_per_cause_first
from tests.support.causes import causes_of
from tests.support.rules import rule
from tests.support.sessions import error, failed, item, session

MESSAGES = ("ValueError: 1 tea", "ValueError: 22 teas", "ValueError: 2 tea", "KeyError: 'tea'", "KeyError: [1]", "")
ITEMS = st.lists(st.tuples(st.sampled_from(MESSAGES), st.integers(0, 2), st.sampled_from(["", "a", "whole"]))).map(
    lambda kinds: [any_failing(number, *kind) for number, kind in enumerate(kinds)]
)


def any_failing(number: int, message: str, line: int, subtest: str) -> Item:
    """Return a test that failed, in a subtest, or both; outside the repository if `line` is 0."""
    failure = failed(message, locations=[("tests/test_a.py", line)] if line else [])
    whole = failed("contains 1 failed subtest", locations=())
    attempts = [replace(failure, subtest=subtest)] if subtest else []
    call = whole if subtest == "whole" else None if subtest else failure
    return item(f"tests/test_a.py::test_{number}", earlier_attempts=attempts, call=call)


def failing(number: int, message: str, line: int = 7) -> Item:
    return item(f"tests/test_a.py::test_{number}", call=failed(message, locations=[("tests/test_a.py", line)]))


def broken_module(number: int, message: str, line: int = 1) -> Collector:
    path = f"tests/test_{number}.py"
    details = Details(message=message, locations=(Location(path=path, line=line),))
    return Collector(nodeid=path, outcome=Outcome.ERROR, details=details)


def groups(*items: Item, collectors: tuple[Collector, ...] = ()) -> list[list[str]]:
    """Return the names of the failures of each cause."""
    found = causes_of(session(*items, collectors=collectors))
    return [[failure.title.rpartition("_")[2] for failure in cause.failures] for cause in found]


@rule("Causes: the same exception at one place")
@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("AssertionError: assert 1 == 2", "AssertionError: assert 17 == -2.5"),
        ("KeyError: 'tea'", 'KeyError: "coffee"'),
        ("OSError: <Socket object at 0x7f01>", "OSError: <Socket object at 0x55aa>"),
        ("TimeoutError: since 2026-11-27 10:00:01", "TimeoutError: since 2025-01-02 23:59:59"),
    ],
)
def test_numbers_addresses_values_and_times_do_not_matter(first: str, second: str) -> None:
    assert groups(failing(1, first), failing(2, second)) == [["1", "2"]]


@rule("Causes: another type, place or message")
@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(("ValueError: no tea", 7), ("ValueError: no tea", 8), id="line"),
        pytest.param(("ValueError: no tea", 7), ("TypeError: no tea", 7), id="type"),
        pytest.param(("ValueError: no tea", 7), ("ValueError: no cup", 7), id="message"),
    ],
)
def test_type_place_and_message_tell_causes_apart(first: tuple[str, int], second: tuple[str, int]) -> None:
    assert groups(failing(1, first[0], line=first[1]), failing(2, second[0], line=second[1])) == [["1"], ["2"]]


def test_last_place_in_the_repository_counts() -> None:
    places = [("tests/test_a.py", 7), ("src/app.py", 3), ("/usr/lib/json.py", 9)]
    other_places = [("tests/test_b.py", 1), ("src/app.py", 3), ("/usr/lib/json.py", 12)]
    items = [
        item(f"tests/test_a.py::test_{number}", call=failed("ValueError: x", locations=locations))
        for number, locations in enumerate([places, other_places])
    ]
    assert groups(*items) == [["0", "1"]]
    assert causes_of(session(*items))[0].place == ("src/app.py", 3)


@rule("Causes: raised outside the repository")
def test_without_a_place_quoted_values_count() -> None:
    messages = [f"fixture '{name}' not found" for name in ("db", "web", "db")]
    items = [
        item(f"tests/test_a.py::test_{number}", setup=replace(error(message), details=Details(message=message)))
        for number, message in enumerate(messages)
    ]
    assert groups(*items) == [["0", "2"], ["1"]]


@rule("Causes: a module that cannot be imported")
def test_import_error_of_many_modules_is_one_cause() -> None:
    modules = [broken_module(n, "ModuleNotFoundError: No module named 'shop'", line=n) for n in range(1, 31)]
    found = causes_of(session(collectors=modules))
    assert [(len(cause.failures), cause.place) for cause in found] == [(30, None)]


def test_import_error_in_many_tests_is_one_cause() -> None:
    message = "ImportError: cannot import name 'tea' from 'shop' (/repo/shop.py)"
    assert groups(*[failing(n, message, line=n) for n in (1, 2)]) == [["1", "2"]]


def test_missing_modules_with_different_names_are_two_causes() -> None:
    names = ("shop", "cart")
    modules = [broken_module(n, f"ModuleNotFoundError: No module named '{name}'") for n, name in enumerate(names)]
    assert groups(collectors=tuple(modules)) == [["0.py"], ["1.py"]]


def test_syntax_errors_of_two_modules_are_two_causes() -> None:
    modules = [
        replace(
            broken_module(n, "SyntaxError: invalid syntax"),
            details=Details(
                message="SyntaxError: invalid syntax", locations=(Location(path=f"tests/test_{name}.py", line=1),)
            ),
        )
        for n, name in enumerate("ab")
    ]
    assert groups(collectors=tuple(modules)) == [["0.py"], ["1.py"]]


@rule("Causes: order")
def test_causes_are_numbered_by_first_failure_and_sorted_by_size() -> None:
    found = causes_of(
        session(
            failing(1, "ValueError: a"), *[failing(n, "ValueError: b") for n in (2, 3)], failing(4, "ValueError: c")
        )
    )
    assert [cause.number for cause in found] == [1, 2, 3]
    assert [cause.number for cause in by_size(found)] == [2, 1, 3]
    assert [failure.title[-1] for failure in one_per_cause_first(by_size(found))] == ["2", "1", "4", "3"]


def test_cause_keeps_the_number_of_its_first_annotation() -> None:
    results = session(failing(1, "ValueError: a"), failing(2, "ValueError: b"))
    first, second = failures(results)
    numbers = CauseNumbers()
    assert [numbers.number(one, ("tests/test_a.py", 7)) for one in (second, first, second)] == [1, 2, 1]


def test_failures_in_call_and_teardown_are_one_test_of_their_cause() -> None:
    both = item("tests/test_a.py::test_1", call=failed("E: a"), teardown=error("E: a"))
    (cause,) = causes_of(session(both))
    assert (len(cause.failures), cause.nodeids) == (2, ("tests/test_a.py::test_1",))
    assert [failure.stage.name for failure in cause.failures if failure.stage] == [StageName.CALL, StageName.TEARDOWN]


def test_each_failed_subtest_counts_once() -> None:
    subtests = [replace(failed(f"E: {letter}"), subtest=letter) for letter in "ab"]
    whole = item(earlier_attempts=subtests, call=failed("contains 2 failed subtests", locations=()))
    found = causes_of(session(whole, item("tests/test_b.py::test_y", call=failed("contains 2 failed subtests"))))
    messages = [[failure.details.message for failure in cause.failures] for cause in found]
    assert messages == [["E: a"], ["E: b"], ["contains 2 failed subtests"]]


def test_annotation_of_the_whole_test_names_the_cause_of_its_subtests() -> None:
    numbers, place = CauseNumbers(), ("tests/test_a.py", 7)
    stages = [replace(failed("E: a"), subtest="a"), failed("contains 1 failed subtest", locations=())]
    found = [Failure.of_stage(item(), stage) for stage in stages]
    assert [numbers.number(failure, place) for failure in found] == [1, 1]


def test_known_place_of_a_failure_is_kept() -> None:
    (failure,) = failures(session(failing(1, "ValueError: a")))
    numbers = CauseNumbers()
    numbers.number(failure, ("elsewhere.py", 1))
    assert numbers.place(failure, lambda _: None) == ("elsewhere.py", 1)
    assert Failure.of_stage(item(call=failed()), failed()).title == "tests/test_a.py::test_x"


@given(ITEMS)
def test_each_failure_has_one_cause(items: list[Item]) -> None:
    results = session(*items)
    grouped = [failure for cause in causes_of(results) for failure in cause.failures]
    assert sorted(grouped, key=str) == sorted(failures(results), key=str)


@given(ITEMS, ITEMS)
def test_later_failures_change_no_number(earlier: list[Item], later: list[Item]) -> None:
    before, after = causes_of(session(*earlier)), causes_of(session(*earlier, *later))
    assert [cause.number for cause in after] == [*range(1, len(after) + 1)]
    for cause, grown in zip(before, after, strict=False):
        assert cause.number == grown.number
        assert grown.failures[: len(cause.failures)] == cause.failures


@given(ITEMS, st.randoms(use_true_random=False))
def test_order_of_failures_changes_no_group(items: list[Item], random: Random) -> None:
    shuffled = random.sample(items, len(items))
    first, second = (
        {frozenset(map(str, cause.failures)) for cause in causes_of(session(*order))} for order in (items, shuffled)
    )
    assert first == second
