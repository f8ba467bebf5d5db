from dataclasses import replace

from checks.core.model.item import Details, Location, Outcome
from checks.core.model.session import Collector, RecordedWarning
from checks.core.report.sections import rerun, skipped, slowest, warnings
from tests.support.rendered import Page
from tests.support.rules import rule
from tests.support.sessions import collector, failed, flaky, item, passed, session
from tests.support.sessions import skipped as skipped_stage


def test_rerun_command_names_the_failed_tests() -> None:
    results = session(
        item("a.py::test_ok"),
        item("a.py::test_x", call=failed()),
        item("a.py::test_y[it's `$(rm)`]", call=failed()),
        flaky(),
        collectors=[collector("b.py"), collector("b.py")],
    )
    (command,) = Page(rerun(results)).code
    assert command == """pytest b.py a.py::test_x 'a.py::test_y[it'"'"'s `$(rm)`]'\n"""


@rule("Limits: tests in the command that reproduces the failures")
def test_rerun_command_names_twenty_tests_and_the_total() -> None:
    text = rerun(session(*[item(f"a.py::test_{number}", call=failed()) for number in range(3_000)]))
    assert "a.py::test_19\n" in text
    assert "Showing 20 of 3,000 node IDs." in text


def test_rerun_command_omits_ids_that_are_too_long() -> None:
    results = session(item(f"a.py::test[{'x' * 5_000}]", call=failed()), item("a.py::test_x", call=failed()))
    assert len(rerun(results)) < 200


def test_no_rerun_command_without_failures() -> None:
    assert rerun(session(item(), flaky())) == ""


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
