from __future__ import annotations

from checks.core.model.item import Item
from checks.core.model.items import Items
from checks.core.results.nodeid_index import NodeIdIndex
from checks.core.results.running_test import RunningTest


def item(nodeid: str, line: int) -> Item:
    return Item(nodeid=nodeid, line=line)


def test_last_test_of_a_node_id_is_found_while_tests_are_added() -> None:
    items = Items([item("a.py::t", 1)])
    items.append_empty(1)
    items.append(item("a.py::u", 2))
    running: dict[int, RunningTest] = {}
    index = NodeIdIndex(items, running)
    assert (index.last("a.py::t"), index.last("a.py::v")) == (items[0], None)
    items.append(item("a.py::t", 3))
    items.append_empty(1)
    assert index.last("a.py::t") == items[3]
    items[1], running[4] = item("a.py::t", 4), RunningTest("a.py::v", 5, "")
    index.fill(1)
    index.fill(4)
    assert (index.last("a.py::t"), index.last("a.py::v")) == (items[3], running[4])


def test_tests_of_a_node_id_are_matched_once_and_in_order() -> None:
    items = Items([item("a.py::t", 1)])
    items.append_empty(1)
    items.append(item("a.py::u", 2))
    items.append_empty(1)
    index = NodeIdIndex(items, {3: RunningTest("a.py::t", 3, "")})
    assert [index.next_unmatched("a.py::t") for _ in range(3)] == [0, 3, None]
    assert index.next_unmatched("a.py::v") is None
