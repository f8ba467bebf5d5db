from checks.core.report.sections import slowest
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
