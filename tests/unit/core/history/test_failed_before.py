from checks.core.history.failed_before import failed_on, failed_with_titles
from checks.core.history.test_key import key, keys
from checks.core.model.history import COLLECTION
from tests.support.bases import base_of
from tests.support.rules import rule
from tests.support.sessions import error, failed, item, session


def test_tests_that_failed_on_the_base_are_known_by_stage() -> None:
    results = session(item("a.py::t1", setup=error()), item("a.py::t2", call=failed()), item("a.py::t3"))
    assert failed_on(base_of(results)) == {*keys(["a.py::t1", "a.py::t2"])}


@rule("Failed tests first: a module that was not collected on the base")
def test_modules_quarantined_tests_and_what_had_no_room_are_left_out() -> None:
    modules = {COLLECTION: frozenset({key("a.py")})}
    assert failed_on(base_of(session(item()), failed=modules)) == frozenset()
    assert failed_on(base_of(session(item()), failed=None)) == frozenset()
    assert failed_on(base_of(session(item("a.py::t")), quarantined=frozenset(keys(["a.py::t"])))) == frozenset()


def test_title_stands_for_each_node_id_that_it_may_begin_with() -> None:
    title = "a.py::t[<object at 0x7f00000000>] (i=1)"
    expected = ["a.py::t[<object at #>] (i=1)", "a.py::t[<object at #>]", "a.py::t[<object at 0x7f", "a.py::t[<object"]
    assert {*map(key, expected[:2])} <= failed_with_titles([title])
    assert failed_with_titles([]) == frozenset()
