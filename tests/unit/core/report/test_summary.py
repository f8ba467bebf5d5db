from dataclasses import replace

import pytest
from hypothesis import given

from checks.core.model.check_run import Conclusion
from checks.core.model.item import Item, Location, Outcome
from checks.core.model.job import Context, Repository
from checks.core.model.limits import JOB_SUMMARY_BYTES, OUTPUT_TEXT_BYTES
from checks.core.model.session import Session
from checks.core.model.verdict import Remark, Verdict
from checks.core.report.summary import Frame, live_summary, summary, text, url_builder
from tests.support.any_session import SESSIONS
from tests.support.rendered import Page
from tests.support.rules import rule
from tests.support.sessions import begun, collector, error, failed, flaky, item, passed, session, skipped, stage
from tests.unit.core.text.test_escape import NASTY

CONTEXT = Context(repository="octocat/hello", head_sha="c0ffee")
REPOSITORY = Repository(root="/repo", tracked=frozenset({"tests/test_a.py", "tests/test_ü #1.py", "src/app.py"}))
FRAME = Frame(url_of=url_builder(CONTEXT, REPOSITORY, "/repo"), omission_note="all are annotated")
VERDICT = Verdict(conclusion=Conclusion.FAILURE, title="")
#: The only elements that a summary may have, whatever the tests say.
ELEMENTS = {
    *("p", "a", "code", "pre", "details", "summary", "h3", "ul", "li"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}


def rendered(told: Session, verdict: Verdict = VERDICT) -> Page:
    return Page(summary(told, verdict, FRAME))


def test_a_summary_begins_with_a_table_of_counts_whose_zeros_are_empty() -> None:
    told = session(item(), item(call=failed()), item(call=skipped()), seconds=72)
    assert summary(told, VERDICT, FRAME).splitlines()[:3] == [
        "| passed | failed | errors | skipped | xfailed | time |",
        "| ---: | ---: | ---: | ---: | ---: | ---: |",
        "| 1 | 1 |  | 1 |  | 1 m 12 s |",
    ]


def test_unusual_counts_have_a_column_where_there_are_any() -> None:
    told = session(flaky(), item(call=stage(Outcome.XPASSED)))
    assert summary(told, VERDICT, FRAME).splitlines()[0] == (
        "| passed | failed | errors | skipped | xfailed | xpassed | rerun | flaky | time |"
    )


def test_there_is_no_table_without_results() -> None:
    assert summary(Session(), VERDICT, FRAME) == ""


def test_remarks_are_prose_and_quote_a_line_as_code_and_lines_as_a_block() -> None:
    remarks = (
        Remark(text="Set `x` & try *again*."),
        Remark(text="This test was running:", quoted="tests/test_a.py::test_x[@octocat]"),
        Remark(text="Its output:", quoted="one\ntwo\n"),
    )
    page = rendered(Session(), replace(VERDICT, remarks=remarks))
    assert page.prose.split("\n")[:3] == ["Set  & try *again*.", "This test was running: ", "Its output:"]
    assert page.code == ["x", "tests/test_a.py::test_x[@octocat]", "one\ntwo\n"]
    assert page.tags == ["p", "code", "p", "code", "p", "pre", "code"]


def test_a_failure_unfolds_from_its_id_message_and_time_to_its_traceback() -> None:
    told = session(item("tests/test_a.py::test_x", call=failed("AssertionError: assert 1 == 2", seconds=0.12)))
    page = rendered(told)
    assert page.code[:3] == [
        "tests/test_a.py::test_x",
        "AssertionError: assert 1 == 2",
        ">   assert 1 == 2\nE   assert 1 == 2\n",
    ]
    assert " — " in page.prose
    assert " (0.12 s)" in page.prose


@pytest.mark.parametrize(
    ("bad", "name", "when"),
    [
        pytest.param(item("a.py::t", setup=error()), "a.py::t", "(setup, 0.00 s)", id="setup"),
        pytest.param(item("a.py::t", teardown=error()), "a.py::t", "(teardown, 0.00 s)", id="teardown"),
        pytest.param(
            item("a.py::t", before=[replace(failed(), subtest="i=1")]), "a.py::t i=1", "(0.00 s)", id="subtest"
        ),
        pytest.param(
            item("a.py::t", before=[replace(failed(), subtest="")]),
            "a.py::t (subtest)",
            "(0.00 s)",
            id="nameless subtest",
        ),
    ],
)
def test_a_failure_names_its_subtest_and_its_fixtures_stage(bad: Item, name: str, when: str) -> None:
    page = rendered(session(bad))
    assert page.code[0] == name
    assert when in page.prose


def test_a_collection_error_is_among_the_failures() -> None:
    page = rendered(session(collectors=[collector("tests/test_broken.py", "ImportError: x")]))
    assert page.code[:2] == ["tests/test_broken.py", "ImportError: x"]
    assert "(not collected)" in page.prose


def test_what_was_collected_in_vain_several_times_is_told_once() -> None:
    page = rendered(session(collectors=[collector("a.py"), collector("a.py"), collector("b.py")]))
    assert [name for name in page.code if name in ("a.py", "b.py")] == ["a.py", "b.py"]
    assert "Showing" not in page.prose


@pytest.mark.parametrize(
    ("places", "link"),
    [
        pytest.param([("tests/test_a.py", 7)], "tests/test_a.py#L7", id="where it was thrown"),
        pytest.param([("src/app.py", 3), ("/usr/lib/json.py", 9)], "src/app.py#L3", id="last place inside"),
        pytest.param([("/usr/lib/json.py", 9)], "tests/test_a.py#L5", id="the test where none is inside"),
        pytest.param([("tests/test_ü #1.py", 7)], "tests/test_%C3%BC%20%231.py#L7", id="a path to be quoted"),
    ],
)
def test_a_failure_links_to_its_line_at_this_commit(places: list[tuple[str, int]], link: str) -> None:
    page = rendered(session(item("tests/test_a.py::test_x", line=5, call=failed(places=places))))
    assert page.links == [f"https://github.com/octocat/hello/blob/c0ffee/{link}"]


@pytest.mark.parametrize("context", [Context(), replace(CONTEXT, head_sha="")], ids=["no workflow", "no commit"])
def test_nothing_is_linked_where_the_commit_has_no_page(context: Context) -> None:
    assert url_builder(context, REPOSITORY, "/repo")([Location(path="src/app.py", line=1)]) == ""


@rule("Characters: all of this in a whole summary")
@pytest.mark.parametrize("nasty", NASTY, ids=lambda nasty: ascii(nasty[:30]))
def test_whatever_tests_say_formats_nothing_and_pings_nobody(nasty: str) -> None:
    told = session(
        item(f"tests/test_a.py::test[{nasty}]", call=failed(nasty, traceback=nasty)),
        item(call=skipped(nasty)),
        item(f"{nasty}::test", call=passed(1.0)),
        begun(nasty),
        collectors=[collector(nasty, nasty)],
        stopped=nasty,
    )
    verdict = replace(VERDICT, remarks=(Remark(text="Stopped:", quoted=nasty),))
    for markdown in (summary(told, verdict, FRAME), live_summary(told, FRAME), text(told)):
        page = Page(markdown)
        assert page.is_balanced
        assert set(page.tags) <= ELEMENTS
        assert "@" not in page.prose
        assert "#" not in page.prose


@rule("Limits: failures in a summary")
def test_three_thousand_failures_are_told_in_part_with_one_sentence_on_the_rest() -> None:
    lines = "E   assert 1 == 2\n" * 200
    told = session(*[item(f"tests/test_a.py::test_{n}", call=failed(traceback=lines)) for n in range(3_000)])
    markdown = summary(told, VERDICT, FRAME)
    assert OUTPUT_TEXT_BYTES * 0.8 < len(markdown.encode()) <= OUTPUT_TEXT_BYTES
    shown = markdown.count("test_a.py#L7")
    bare = shown - markdown.count("E   assert 1 == 2\n```")
    assert f"Showing {shown} of 3,000 failures, {bare} without the traceback; all are annotated." in markdown
    assert "### Re-run locally" in markdown


@rule("Limits: the job summary")
def test_the_job_summary_has_room_for_more() -> None:
    told = session(*[item(f"tests/test_a.py::test_{n}", call=failed(traceback="x\n" * 500)) for n in range(3_000)])
    markdown = summary(told, VERDICT, FRAME, budget_bytes=JOB_SUMMARY_BYTES)
    assert JOB_SUMMARY_BYTES * 0.8 < len(markdown.encode()) <= JOB_SUMMARY_BYTES


def test_notes_come_last() -> None:
    frame = replace(FRAME, notes=(Remark(text="12 failures are not annotated."),))
    assert summary(session(item(call=failed())), VERDICT, frame).endswith("\n\n12 failures are not annotated.")


def test_a_live_summary_has_counts_what_runs_and_what_failed() -> None:
    told = session(item(), item("tests/test_a.py::test_x", call=failed()), begun("tests/test_a.py::test_runs"))
    page = Page(live_summary(told, FRAME))
    assert page.code[:2] == ["tests/test_a.py::test_runs", "tests/test_a.py::test_x"]
    assert "Running: " in page.prose


@rule("Limits: a live summary")
def test_a_live_summary_stays_short() -> None:
    told = session(*[item(f"tests/test_a.py::test_{n}", call=failed(traceback="x\n" * 9_000)) for n in range(500)])
    assert len(live_summary(told, FRAME).encode()) < 20_000


def test_the_text_lists_passed_tests_by_file() -> None:
    told = session(
        item("tests/test_a.py::test_x", call=passed(0.12)),
        item("tests/test_a.py::TestY::test_y"),
        item("tests/test_a.py::test_failed", call=failed()),
        item("tests/test_b.py::test_z"),
    )
    page = Page(text(told))
    assert page.code == [
        "tests/test_a.py",
        "   0.12 s  test_x\n   0.00 s  TestY::test_y\n",
        "tests/test_b.py",
        "   0.00 s  test_z\n",
    ]
    assert "2 passed in 0.12 s" in page.prose


@rule("Limits: passed tests in the text")
def test_a_text_that_is_cut_says_so() -> None:
    told = session(*[item(f"tests/test_{n % 50}.py::test_{n}") for n in range(10_000)])
    markdown = text(told)
    assert len(markdown.encode()) <= OUTPUT_TEXT_BYTES
    assert "Showing 50 of 50 files, " in markdown
    assert "without the list of passed tests." in markdown


@given(SESSIONS)
def test_any_session_makes_markdown_within_its_budget(told: Session) -> None:
    verdict = replace(VERDICT, remarks=(Remark(text="Stopped:", quoted=told.stop_reason),))
    for budget_bytes in (5_000, OUTPUT_TEXT_BYTES):
        assert len(summary(told, verdict, FRAME, budget_bytes=budget_bytes).encode()) <= budget_bytes
        assert len(text(told, budget_bytes=budget_bytes).encode()) <= budget_bytes
    page = Page(summary(told, verdict, FRAME))
    assert page.is_balanced
    assert set(page.tags) <= ELEMENTS
    assert Page(live_summary(told, FRAME)).is_balanced
