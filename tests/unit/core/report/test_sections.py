from dataclasses import replace

from checks.core.model.item import Details, Location, Outcome
from checks.core.model.session import Collector, RecordedWarning
from checks.core.report.sections import skipped, slowest, warnings
from tests.support.rendered import Page
from tests.support.sessions import item, passed, session
from tests.support.sessions import skipped as skipped_stage


def test_slowest_tests_have_proportional_bars() -> None:
    results = session(*[item(f"a.py::test_{number}", call=passed(number / 2)) for number in range(1, 13)])
    (lines,) = Page(slowest(results)).code
    assert lines.splitlines()[0] == "   6.00 s  ████████████████████  a.py::test_12"
    assert lines.splitlines()[-1] == "   1.50 s  █████                 a.py::test_3"
    assert len(lines.splitlines()) == 10


def test_tests_under_ten_milliseconds_are_not_slow() -> None:
    assert slowest(session(item(call=passed(0.009)))) == ""


def test_skipped_tests_and_modules_are_counted_by_reason() -> None:
    module = Collector(nodeid="c.py", outcome=Outcome.SKIPPED, details=Details(message="needs docker"))
    items = [item(call=skipped_stage(reason)) for reason in ["needs docker", "not on `arm`", ""]]
    page = Page(skipped(session(*items, collectors=[module])))
    assert page.code == ["needs docker", "not on `arm`", "no reason given"]
    assert "Skipped: 4" in page.prose
    assert "2 × " in page.prose


def test_warnings_are_counted_by_message() -> None:
    warning = RecordedWarning(
        category="DeprecationWarning", message="x is old\nuse y", location=Location(path="a.py", line=1)
    )
    page = Page(warnings(replace(session(), warnings=(warning, warning))))
    assert page.code == ["DeprecationWarning: x is old use y"]
    assert "2 × " in page.prose


def test_warnings_that_differ_in_numbers_are_counted_together() -> None:
    location = Location(path="a.py", line=1)
    slow = [RecordedWarning(category="W", message=f"took {number} s", location=location) for number in range(3)]
    page = Page(warnings(replace(session(), warnings=tuple(slow))))
    assert page.code == ["W: took 0 s"]
    assert "3 × " in page.prose


def test_twenty_reasons_are_listed_and_the_rest_counted() -> None:
    page = Page(skipped(session(*[item(call=skipped_stage(f"reason {number}")) for number in range(23)])))
    assert len(page.code) == 20
    assert "… and 3 more" in page.prose


def test_no_sections_without_skips_and_warnings() -> None:
    assert skipped(session(item())) == warnings(session(item())) == ""
