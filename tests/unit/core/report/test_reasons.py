from collections.abc import Sequence
from dataclasses import replace

from checks.core.model.item import Details, Location, Outcome
from checks.core.model.session import Collector, RecordedWarning
from checks.core.report.reasons import skipped, warnings
from tests.support.rendered import Page
from tests.support.sessions import item, session
from tests.support.sessions import skipped as skipped_stage


def no_link(_: Sequence[Location]) -> str:
    return ""


def link_to_last(locations: Sequence[Location]) -> str:
    return f"{locations[-1].path}:{locations[-1].line}"


def test_skipped_tests_and_modules_are_counted_by_reason() -> None:
    module = Collector(nodeid="c.py", outcome=Outcome.SKIPPED, details=Details(message="needs docker"))
    items = [item(call=skipped_stage(reason)) for reason in ["needs docker", "not on `arm`", ""]]
    page = Page(skipped(session(*items, collectors=[module]), no_link))
    assert page.code == ["needs docker", "not on `arm`", "no reason given"]
    assert "Skipped: 4" in page.prose
    assert "2 × " in page.prose


def test_warnings_are_counted_by_message() -> None:
    warning = RecordedWarning(
        category="DeprecationWarning", message="x is old\nuse y", location=Location(path="a.py", line=1)
    )
    page = Page(warnings(replace(session(), warnings=(warning, warning)), no_link))
    assert page.code == ["DeprecationWarning: x is old use y"]
    assert "2 × " in page.prose


def test_warnings_that_differ_in_numbers_are_counted_together() -> None:
    location = Location(path="a.py", line=1)
    slow = [RecordedWarning(category="W", message=f"took {number} s", location=location) for number in range(3)]
    page = Page(warnings(replace(session(), warnings=tuple(slow)), no_link))
    assert page.code == ["W: took 0 s"]
    assert "3 × " in page.prose


def test_twenty_reasons_are_listed_and_the_rest_counted() -> None:
    page = Page(skipped(session(*[item(call=skipped_stage(f"reason {number}")) for number in range(23)]), no_link))
    assert len(page.code) == 20
    assert "… and 3 more" in page.prose


def test_no_sections_without_skips_and_warnings() -> None:
    assert skipped(session(item()), no_link) == warnings(session(item()), no_link) == ""


def test_skips_have_the_places_where_they_were_skipped() -> None:
    module = Collector(
        nodeid="c.py", outcome=Outcome.SKIPPED, details=Details(message="x", locations=(Location(path="c.py", line=3),))
    )
    tests = [item(f"a.py::test_{number}", line=5, call=skipped_stage("x")) for number in range(3)]
    assert "- 4 × `x` at tests/test_a.py:3, c.py:3\n" in skipped(session(*tests, collectors=[module]), link_to_last)


def test_three_places_are_shown_and_more_are_hinted_at() -> None:
    places = [Location(path="a.py", line=line) for line in (1, 1, 2, 3, 4)]
    found = [RecordedWarning(category="W", message="old", location=place) for place in places]
    assert "- 5 × `W: old` at a.py:1, a.py:2, a.py:3, …\n" in warnings(
        replace(session(), warnings=tuple(found)), link_to_last
    )
