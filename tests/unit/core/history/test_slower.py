from dataclasses import replace

import pytest

from checks.core.history.slower import SlowerTest, slower_tests
from checks.core.history.test_key import keys
from checks.core.model.history import Record
from tests.support.bases import base_of, compared
from tests.support.rules import rule
from tests.support.sessions import failed, item, passed, session, skipped

#: Not among the slowest tests of the base.
UNLISTED = "a.py::unlisted"
BASE = base_of(
    session(
        *(item(f"a.py::t{seconds}", call=passed(seconds)) for seconds in (0.5, 1.5, 4.0)),
        item(UNLISTED),
        item("a.py::failed", call=failed(seconds=0.1)),
        item("a.py::skipped", call=skipped()),
        item("a.py::quarantined"),
    ),
    quarantined=frozenset(keys(["a.py::quarantined"])),
).record


@rule("Compare: a test takes at least twice as long as on the base, and at least 1 s longer")
@pytest.mark.parametrize(
    ("nodeid", "seconds", "expected"),
    [
        ("a.py::t0.5", 1.5, [(0.5, False)]),
        ("a.py::t0.5", 1.4, []),
        ("a.py::t1.5", 3.0, [(1.5, False)]),
        ("a.py::t1.5", 2.9, []),
        ("a.py::t4.0", 7.9, []),
        ("a.py::t4.0", 8.0, [(4.0, False)]),
        (UNLISTED, 1.2, [(0.1, True)]),
        ("a.py::new", 9.0, []),
        ("a.py::failed", 9.0, []),
        ("a.py::skipped", 9.0, []),
        ("a.py::quarantined", 9.0, []),
    ],
)
def test_slower_tests_take_twice_as_long_and_a_second_more(
    nodeid: str, seconds: float, expected: list[tuple[float, bool]]
) -> None:
    found = slower_tests([(nodeid, seconds)], replace(BASE, test_seconds=_listed(BASE)))
    assert found == tuple(
        SlowerTest(nodeid=nodeid, seconds=seconds, base_seconds=before, is_at_most=is_at_most)
        for before, is_at_most in expected
    )


def _listed(record: Record) -> dict[int, float]:
    return {key: seconds for key, seconds in record.test_seconds.items() if seconds >= 0.1}


@pytest.mark.parametrize(
    "base",
    [
        replace(BASE, test_seconds={}),
        replace(BASE, test_seconds=_listed(BASE), collected=None),
        replace(BASE, test_seconds=_listed(BASE), skipped=None),
    ],
    ids=["durations", "tests", "skipped tests"],
)
def test_nothing_is_guessed_where_the_record_lacks(base: Record) -> None:
    assert slower_tests([(UNLISTED, 9.0)], base) == ()


def test_worst_comes_first_and_variable_ids_are_left_out() -> None:
    tests = [("a.py::t1.5", 5.0), ("a.py::t4.0", 9.0), ("a.py::t[<a at 0x7f0000000001>]", 9.0)]
    base = replace(BASE, test_seconds={**BASE.test_seconds, keys([tests[2][0]])[0]: 0.1})
    assert [test.nodeid for test in slower_tests(tests, base)] == ["a.py::t4.0", "a.py::t1.5"]


@pytest.mark.parametrize(("is_exact", "count"), [(True, 1), (False, 0)])
def test_only_the_very_base_is_compared_with(is_exact: bool, count: int) -> None:
    base = base_of(session(item("a.py::t", call=passed(0.5))), is_exact=is_exact)
    assert len(compared(session(item("a.py::t", call=passed(2.0))), base).slower) == count
