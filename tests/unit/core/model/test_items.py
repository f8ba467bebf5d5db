from __future__ import annotations

from dataclasses import replace

import pytest

from checks.core.model.item import PLAIN, Item
from checks.core.model.items import Items, as_items
from tests.support.sessions import failed, flaky, item, running_item

PASSED = Item(nodeid="tests/test_a.py::test_passed", line=3, stages=PLAIN, seconds=0.25)
INHERITED = replace(PASSED, nodeid="tests/test_b.py::TestB::test_passed", defined_in="tests/base.py")
FAILED = item(call=failed())


@pytest.mark.parametrize(
    "passed",
    [
        PASSED,
        INHERITED,
        replace(PASSED, line=None),
        replace(PASSED, line=10**9),
        replace(PASSED, nodeid=""),
        replace(PASSED, nodeid="tests/test_ä.py::test_x[\ud800]"),
        replace(PASSED, nodeid="x" * 65_535),
        replace(PASSED, seconds=4294.967295),
        replace(PASSED, seconds=0.0),
    ],
    ids=lambda item: repr(item)[:80],
)
def test_packed_item_is_the_same_each_time(passed: Item) -> None:
    items = Items([passed])
    assert items[0] == items[0] == passed
    assert items[0] is not items[0]
    assert items[0].stages is PLAIN


@pytest.mark.parametrize(
    "other",
    [
        FAILED,
        flaky(),
        running_item(),
        item(),
        replace(PASSED, seconds=4294.967296),
        replace(PASSED, seconds=1e300),
        replace(PASSED, line=1 << 32),
        replace(PASSED, nodeid="test_a.py::test_a[\0]"),
        replace(PASSED, nodeid="x" * 65_536),
    ],
    ids=lambda item: repr(item)[:80],
)
def test_item_with_stages_of_its_own_or_of_unusual_size_stays_as_it_is(other: Item) -> None:
    assert Items([other])[0] is other


def test_duration_of_a_packed_item_is_rounded_to_the_microsecond() -> None:
    items = Items([replace(PASSED, seconds=0.1 + 0.1 + 0.1), replace(PASSED, seconds=0.0000126)])
    assert [item.seconds for item in items] == [0.3, 0.000013]
    assert [*items.names_and_seconds()] == [(PASSED.nodeid, 0.3), (PASSED.nodeid, 0.000013)]


def test_copy_does_not_change_with_the_original() -> None:
    items = Items([PASSED, FAILED])
    copied = items.copy()
    items[0], items[1] = FAILED, INHERITED
    items.append(PASSED)
    assert [*items] == [FAILED, INHERITED, PASSED]
    assert [*copied] == [PASSED, FAILED]


def test_empty_positions_are_left_out_of_everything_but_the_length() -> None:
    items = Items([PASSED])
    items.append_empty(2)
    items[2] = FAILED
    assert len(items) == 3
    assert [*items] == [*items.without_gaps()] == [PASSED, FAILED]
    assert [*items.numbered_notable()] == [(2, FAILED)]
    assert [*items.without_gaps().numbered_notable()] == [(1, FAILED)]
    assert [name for name, _ in items.names_and_seconds()] == [PASSED.nodeid, FAILED.nodeid]
    assert items.get(1) is None
    with pytest.raises(KeyError):
        items[1]


def test_only_items_that_did_not_simply_pass_are_changed() -> None:
    unusual = replace(PASSED, seconds=1e300)
    items = Items([PASSED, FAILED, unusual])
    assert [*items.with_notable(lambda _: INHERITED)] == [PASSED, INHERITED, unusual]
    assert [*items] == [PASSED, FAILED, unusual]


def test_items_are_a_sequence() -> None:
    items = Items([PASSED, FAILED, INHERITED])
    assert len(items) == 3
    assert [*items] == [items[0], items[1], items[-1]] == [PASSED, FAILED, INHERITED]
    assert items[1:] == (FAILED, INHERITED)
    assert items == Items([PASSED, FAILED, INHERITED])
    assert items != Items([PASSED, FAILED])
    assert not Items([])
    assert repr(items[:1]) == f"Items(({PASSED!r},))"


@pytest.mark.parametrize("items", [(PASSED, FAILED, flaky()), Items([PASSED, FAILED, flaky()])], ids=type)
def test_packed_items_are_used_like_others(items: tuple[Item, ...] | Items) -> None:
    assert [*as_items(items).numbered_notable()] == [(1, FAILED), (2, flaky())]
    assert [*as_items(items).names_and_seconds()] == [(item.nodeid, item.duration_seconds) for item in items]


def test_passed_items_by_path_leave_out_all_others() -> None:
    other_passed = replace(flaky(), nodeid="tests/test_c.py::test_flaky")
    items = Items([PASSED, FAILED, INHERITED, other_passed, running_item()])
    expected = {PASSED.path: (PASSED,), INHERITED.path: (INHERITED,), other_passed.path: (other_passed,)}
    assert items.passed_by_path() == expected


def test_passed_items_by_path_keep_ids_apart_that_begin_alike() -> None:
    nodeids = [
        "a.py::t",
        "a.py",
        "a.py::u",
        "a.py:t",
        "a.pyi::t",
        "a.py::",
        "::a.py::t",
        "\udcff.py::t",
        "\udcff.py::u",
    ]
    items = Items(replace(PASSED, nodeid=nodeid) for nodeid in nodeids)
    by_path = {path: [passed.nodeid for passed in group] for path, group in items.passed_by_path().items()}
    expected: dict[str, list[str]] = {}
    for passed in items:
        expected.setdefault(passed.path, []).append(passed.nodeid)
    assert by_path == expected


def test_seconds_of_all_items_are_added() -> None:
    assert Items([PASSED, FAILED]).total_seconds() == pytest.approx(PASSED.duration_seconds + FAILED.duration_seconds)
