from checks.core.history.test_key import key
from checks.core.report.sections import slower, slowest
from tests.support.bases import base_of, compared
from tests.support.rendered import Page
from tests.support.sessions import item, passed, session


def test_slowest_tests_have_proportional_bars() -> None:
    results = session(*[item(f"a.py::test_{number}", call=passed(number / 2)) for number in range(1, 13)])
    (lines,) = Page(slowest(results)).code
    assert lines.splitlines()[0] == "   6.00 s  ████████████████████  a.py::test_12"
    assert lines.splitlines()[-1] == "   1.50 s  █████                 a.py::test_3"
    assert len(lines.splitlines()) == 10


def test_tests_under_ten_milliseconds_are_not_slow() -> None:
    assert slowest(session(item(call=passed(0.009)))) == ""


def test_slower_tests_have_both_durations() -> None:
    base = base_of(session(*(item(f"a.py::t{number}", call=passed(0.5)) for number in range(12))), branch="@octo/x")
    results = session(*(item(f"a.py::t{number}", call=passed(2.0 + number)) for number in range(12)))
    markdown = slower(compared(results, base))
    assert "<summary>Slower than on <code>@octo/x at c0ffee1</code>: 12</summary>" in markdown
    (lines,) = Page(markdown).code[-1:]
    assert lines.splitlines()[0] == "     13 s, was 0.50 s  a.py::t11"
    assert lines.splitlines()[-1] == "… and 2 more"
    assert len(lines.splitlines()) == 11


def test_slower_tests_may_have_a_bound_for_the_base() -> None:
    base = base_of(session(item("a.py::t1"), item("a.py::t2")), test_seconds={key("a.py::t1"): 0.5})
    comparison = compared(session(item("a.py::t2", call=passed(3.0))), base)
    assert "3.00 s, was at most 0.50 s  a.py::t2" in slower(comparison)


def test_nothing_is_slower_without_a_base() -> None:
    results = session(item(call=passed(5.0)))
    assert [slower(comparison) for comparison in (None, compared(results, None))] == ["", ""]
