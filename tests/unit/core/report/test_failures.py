from dataclasses import replace

from checks.core.model.item import Details, Item
from checks.core.report.code_owners import owners_by_file
from checks.core.report.failures import FailureSections
from checks.core.report.summary import url_builder
from tests.support.causes import REPOSITORY, causes_of
from tests.support.rendered import Page
from tests.support.rules import rule
from tests.support.sessions import error, failed, item, session
from tests.unit.core.report.test_summary import CONTEXT


def page_of(*items: Item, budget_bytes: int = 60_000, code_owners: str = "") -> Page:
    url_of = url_builder(CONTEXT, REPOSITORY, "/repo")
    causes = causes_of(session(*items), owners_of=owners_by_file(code_owners))
    sections = FailureSections(causes=causes, url_of=url_of)
    return Page(sections.markdown("all are annotated", budget_bytes))


def broken_by_fixture(number: int) -> Item:
    places = (("tests/conftest.py", 12),)
    setup = replace(failed(f"ConnectionError: port {number}", locations=places), outcome=error().outcome)
    return item(f"tests/test_a.py::test_{number}", setup=setup)


def test_one_failure_needs_no_causes() -> None:
    page = page_of(item(call=failed()))
    assert "Cause" not in page.prose
    assert page.code[-1].startswith("!>   assert 1 == 2")


def test_causes_come_first_with_place_count_and_one_traceback() -> None:
    page = page_of(*map(broken_by_fixture, range(120)), item("tests/test_b.py::test_total", call=failed("E | x")))
    rows = page.prose.partition("Failures")[0]
    assert "120" in rows
    assert "Cause 1: " in rows
    assert "and 119 more" in rows
    assert page.code[:4] == ["ConnectionError: port 0", "tests/conftest.py:12", "E | x", "tests/test_a.py:7"]
    assert page.links[0] == "https://github.com/octocat/hello/blob/c0ffee/tests/conftest.py#L12"


def test_failures_of_every_cause_are_among_the_first() -> None:
    page = page_of(*map(broken_by_fixture, range(900)), item("tests/test_b.py::test_total", call=failed("E | x")))
    failures = page.code[page.code.index("tests/test_a.py::test_0", 5) :]
    assert "tests/test_b.py::test_total" in failures[:4]
    assert "Showing " in page.prose


def test_traceback_above_is_not_repeated_below() -> None:
    texts = [text for text in page_of(*map(broken_by_fixture, range(3))).code if text.startswith("!>")]
    assert len(texts) == 3


def test_long_traceback_of_one_cause_repeats_no_other() -> None:
    long = item("tests/test_b.py::test_long", call=failed("E long", traceback="> long\n" * 9_000))
    page = page_of(long, item("tests/test_a.py::test_short", call=failed("E short", traceback="> short")))
    assert sum("!> short" in text for text in page.code) == 1


@rule("Limits: causes in a summary")
def test_many_causes_are_counted() -> None:
    items = [item(f"tests/test_a.py::test_{n}", call=failed("E", locations=[("src/app.py", n)])) for n in range(1, 31)]
    assert "Showing 20 of 30 causes." in page_of(*items).prose


def test_node_ids_of_a_large_cause_are_truncated() -> None:
    page = page_of(*map(broken_by_fixture, range(500)))
    assert any(text.endswith("… and 400 more\n") for text in page.code)


def test_without_a_message_a_failure_is_named_so() -> None:
    no_message = replace(failed(), details=Details())
    assert "failed" in page_of(item(call=no_message), item(call=no_message)).prose


@rule("Owners: the summary")
def test_causes_and_failures_name_owners_in_code() -> None:
    fixture, other = broken_by_fixture(1), item("tests/test_b.py::test_b", call=failed("E", locations=[]))
    page = page_of(fixture, other, code_owners="conftest.py @org/db @a\ntests/test_b.py b@example.com\n")
    assert "Owners" in page.prose
    assert "@" not in page.prose
    assert (page.code.count("@org/db @a"), page.code.count("b@example.com")) == (2, 2)


def test_causes_without_owners_have_no_column() -> None:
    items = broken_by_fixture(1), item("tests/test_b.py::test_b", call=failed("E"))
    assert "Owners" not in page_of(*items).prose
    assert "Owners" not in page_of(*items, code_owners="/src/ @org/app\n").prose
