from __future__ import annotations

from dataclasses import replace

import pytest

from checks.core.model.item import PLAIN, Item
from checks.core.model.items import Items, names_and_seconds, notable, pack, passed_by_path, unpack
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
        replace(PASSED, seconds=4294.967295),
        replace(PASSED, seconds=0.0),
    ],
    ids=repr,
)
def test_packed_item_is_the_same_when_unpacked(passed: Item) -> None:
    packed = pack(passed)
    assert not isinstance(packed, Item)
    assert unpack(packed) == passed
    assert unpack(packed).stages is PLAIN


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
    ],
    ids=repr,
)
def test_item_with_stages_of_its_own_or_of_unusual_size_stays_as_it_is(other: Item) -> None:
    assert pack(other) is other
    assert unpack(other) is other


def test_duration_of_a_packed_item_is_rounded_to_the_microsecond() -> None:
    assert unpack(pack(replace(PASSED, seconds=0.1 + 0.1 + 0.1))).seconds == 0.3
    assert [*names_and_seconds(Items([pack(replace(PASSED, seconds=0.0000126))]))] == [(PASSED.nodeid, 0.000013)]


def test_items_are_a_sequence() -> None:
    items = Items([pack(PASSED), FAILED, pack(INHERITED)])
    assert len(items) == 3
    assert [*items] == [items[0], items[1], items[-1]] == [PASSED, FAILED, INHERITED]
    assert items[1:] == (FAILED, INHERITED)
    assert items == Items([PASSED, FAILED, INHERITED])
    assert items != Items([PASSED, FAILED])
    assert not Items([])
    assert repr(items[:1]) == f"Items(({PASSED!r},))"


@pytest.mark.parametrize("items", [(PASSED, FAILED, flaky()), Items([pack(PASSED), FAILED, flaky()])], ids=type)
def test_packed_items_are_used_like_others(items: tuple[Item, ...] | Items) -> None:
    assert notable(items) == [FAILED, flaky()]
    assert [*names_and_seconds(items)] == [(item.nodeid, item.duration_seconds) for item in items]


def test_passed_items_by_path_leave_out_all_others() -> None:
    other_passed = replace(flaky(), nodeid="tests/test_c.py::test_flaky")
    items = Items([pack(PASSED), FAILED, pack(INHERITED), other_passed, running_item()])
    expected = {PASSED.path: (PASSED,), INHERITED.path: (INHERITED,), other_passed.path: (other_passed,)}
    assert passed_by_path(items) == passed_by_path([*items]) == expected
