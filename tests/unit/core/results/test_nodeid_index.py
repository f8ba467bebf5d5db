from __future__ import annotations

from checks.core.model.item import Item
from checks.core.results.nodeid_index import NodeIdIndex
from checks.core.results.running_test import RunningTest


def item(nodeid: str, line: int) -> Item:
    return Item(nodeid=nodeid, line=line)


def test_last_test_of_a_node_id_is_found_while_tests_are_added() -> None:
    tests: list[RunningTest | Item | None] = [item("a.py::t", 1), None, item("a.py::u", 2)]
    index = NodeIdIndex(tests)
    assert (index.last("a.py::t"), index.last("a.py::v")) == (tests[0], None)
    tests += [item("a.py::t", 3), None]
    assert index.last("a.py::t") == tests[3]
    tests[1], tests[4] = item("a.py::t", 4), item("a.py::v", 5)
    index.fill(1)
    index.fill(4)
    assert (index.last("a.py::t"), index.last("a.py::v")) == (tests[3], tests[4])


def test_tests_of_a_node_id_are_matched_once_and_in_order() -> None:
    index = NodeIdIndex([item("a.py::t", 1), None, item("a.py::u", 2), item("a.py::t", 3)])
    assert [index.next_unmatched("a.py::t") for _ in range(3)] == [0, 3, None]
    assert index.next_unmatched("a.py::v") is None
