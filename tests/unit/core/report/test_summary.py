from dataclasses import replace

import pytest
from hypothesis import given

from checks.core.model.check_run import Conclusion
from checks.core.model.item import Item, Location, Outcome
from checks.core.model.job import Context, Repository
from checks.core.model.limits import JOB_SUMMARY_BYTES, OUTPUT_TEXT_BYTES
from checks.core.model.session import Session
from checks.core.model.verdict import Remark, Verdict
from checks.core.report.summary import Frame, live_summary, place_finder, summary, text, url_builder
from tests.support.any_session import SESSIONS
from tests.support.causes import causes_of
from tests.support.rendered import Page
from tests.support.rules import rule
from tests.support.sessions import collector, error, failed, flaky, item, passed, running_item, session, skipped, stage
from tests.unit.core.text.test_escape import NASTY

CONTEXT = Context(repository="octocat/hello", head_sha="c0ffee")
REPOSITORY = Repository(root="/repo", tracked=frozenset({"tests/test_a.py", "tests/test_ü #1.py", "src/app.py"}))
FRAME = Frame(
    url_of=url_builder(CONTEXT, REPOSITORY, "/repo"),
    place_of=place_finder(REPOSITORY, "/repo"),
    omission_note="all are annotated",
)
VERDICT = Verdict(conclusion=Conclusion.FAILURE, title="")
#: The only elements that a summary may have.
ELEMENTS = {
    *("p", "a", "code", "pre", "details", "summary", "h3", "ul", "li"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}


def frame_of(results: Session) -> Frame:
    return replace(FRAME, causes=causes_of(results, REPOSITORY))


def rendered(results: Session, verdict: Verdict = VERDICT) -> Page:
    return Page(summary(results, verdict, frame_of(results)))


def test_summary_starts_with_the_counts_that_are_not_zero() -> None:
    results = session(*[item()] * 1_200, item(call=failed()), flaky(), item(call=stage(Outcome.XPASSED)), seconds=72)
    assert summary(results, VERDICT, frame_of(results)).splitlines()[:3] == [
        "| passed | failed | xpassed | rerun | flaky |",
        "| ---: | ---: | ---: | ---: | ---: |",
        "| 1,201 | 1 | 1 | 1 | 1 |",
    ]


def test_no_table_without_results() -> None:
    assert summary(Session(), VERDICT, FRAME) == ""


def test_remarks_quote_one_line_inline_and_many_as_a_block() -> None:
    remarks = (
        Remark(text="Set `x` & try *again*."),
        Remark(text="This test was running:", quoted="tests/test_a.py::test_x[@octocat]"),
        Remark(text="Its output:", quoted="one\ntwo\n"),
    )
    page = rendered(Session(), replace(VERDICT, remarks=remarks))
    assert page.prose.split("\n")[:3] == ["Set  & try *again*.", "This test was running: ", "Its output:"]
    assert page.code == ["x", "tests/test_a.py::test_x[@octocat]", "one\ntwo\n"]
    assert page.tags == ["p", "code", "p", "code", "p", "pre", "code"]


def test_failure_shows_id_message_time_and_traceback() -> None:
    results = session(item("tests/test_a.py::test_x", call=failed("AssertionError: assert 1 == 2", seconds=0.12)))
    page = rendered(results)
    assert page.code[:3] == [
        "tests/test_a.py::test_x",
        "AssertionError: assert 1 == 2",
        "!>   assert 1 == 2\n-E   assert 1 == 2\n",
    ]
    assert " — " in page.prose
    assert " (0.12 s)" in page.prose


@pytest.mark.parametrize(
    ("failed_item", "name", "stage_text"),
    [
        pytest.param(item("a.py::t", setup=error()), "a.py::t", "(in setup)", id="setup"),
        pytest.param(item("a.py::t", teardown=error()), "a.py::t", "(in teardown)", id="teardown"),
        pytest.param(
            item("a.py::t", earlier_attempts=[replace(failed(), subtest="i=1")]),
            "a.py::t i=1",
            "",
            id="subtest",
        ),
        pytest.param(
            item("a.py::t", earlier_attempts=[replace(failed(), subtest="")]),
            "a.py::t (subtest)",
            "",
            id="nameless subtest",
        ),
    ],
)
def test_failure_names_its_subtest_and_its_stage(failed_item: Item, name: str, stage_text: str) -> None:
    page = rendered(session(failed_item))
    assert page.code[0] == name
    assert stage_text in page.prose


def test_collection_error_is_among_the_failures() -> None:
    page = rendered(session(collectors=[collector("tests/test_broken.py", "ImportError: x")]))
    assert page.code[:2] == ["tests/test_broken.py", "ImportError: x"]
    assert "(not collected)" in page.prose


def test_repeated_collection_error_is_listed_once() -> None:
    page = rendered(session(collectors=[collector("a.py"), collector("a.py"), collector("b.py")]))
    assert "Cause 1: 2 tests" in page.prose
    assert [name for name in page.code if name in ("a.py", "b.py")] == ["a.py", "a.py", "b.py"]
    assert "Showing" not in page.prose


@pytest.mark.parametrize(
    ("locations", "target"),
    [
        pytest.param([("tests/test_a.py", 7)], "tests/test_a.py#L7", id="where it was thrown"),
        pytest.param([("src/app.py", 3), ("/usr/lib/json.py", 9)], "src/app.py#L3", id="last place inside"),
        pytest.param([("/usr/lib/json.py", 9)], "tests/test_a.py#L5", id="the test where none is inside"),
        pytest.param([("tests/test_ü #1.py", 7)], "tests/test_%C3%BC%20%231.py#L7", id="a path to be quoted"),
    ],
)
def test_failure_links_to_its_line_at_the_reported_commit(locations: list[tuple[str, int]], target: str) -> None:
    page = rendered(session(item("tests/test_a.py::test_x", line=5, call=failed(locations=locations))))
    assert page.links == [f"https://github.com/octocat/hello/blob/c0ffee/{target}"]


@pytest.mark.parametrize("context", [Context(), replace(CONTEXT, head_sha="")], ids=["no workflow", "no commit"])
def test_no_link_without_a_commit_page(context: Context) -> None:
    assert url_builder(context, REPOSITORY, "/repo")([Location(path="src/app.py", line=1)]) == ""


@rule("Characters: all of this in a whole summary")
@pytest.mark.parametrize("nasty", NASTY, ids=lambda nasty: ascii(nasty[:30]))
def test_text_of_tests_adds_no_formatting_and_no_mention(nasty: str) -> None:
    results = session(
        item(f"tests/test_a.py::test[{nasty}]", call=failed(nasty, traceback=nasty)),
        item(call=skipped(nasty)),
        item(f"{nasty}::test", call=passed(1.0)),
        running_item(nasty),
        collectors=[collector(nasty, nasty)],
        stopped=nasty,
    )
    verdict = replace(VERDICT, remarks=(Remark(text="Stopped:", quoted=nasty),))
    for markdown in (
        summary(results, verdict, frame_of(results)),
        live_summary(results, frame_of(results)),
        text(results),
    ):
        page = Page(markdown)
        assert page.is_balanced
        assert set(page.tags) <= ELEMENTS
        assert "@" not in page.prose
        assert "#" not in page.prose


@rule("Limits: failures in a summary")
def test_summary_of_many_failures_says_how_many_are_omitted() -> None:
    lines = "E   assert 1 == 2\n" * 200
    results = session(*[item(f"tests/test_a.py::test_{n}", call=failed(traceback=lines)) for n in range(3_000)])
    markdown = summary(results, VERDICT, frame_of(results))
    assert OUTPUT_TEXT_BYTES * 0.8 < len(markdown.encode()) <= OUTPUT_TEXT_BYTES
    failures = markdown.partition("### Failures")[2]
    shown = failures.count("test_a.py#L7")
    with_text = failures.count("E   assert 1 == 2\n```") + 1  # the first has it above, with the cause
    without_text = shown - with_text
    assert f"Showing {shown} of 3,000 failures, {without_text} without the traceback; all are annotated." in markdown
    assert "### Reproduce" in markdown


@rule("Limits: the job summary")
def test_job_summary_uses_its_larger_budget() -> None:
    results = session(*[item(f"tests/test_a.py::test_{n}", call=failed(traceback="x\n" * 500)) for n in range(3_000)])
    markdown = summary(results, VERDICT, frame_of(results), budget_bytes=JOB_SUMMARY_BYTES)
    assert JOB_SUMMARY_BYTES * 0.8 < len(markdown.encode()) <= JOB_SUMMARY_BYTES


def test_notes_come_last() -> None:
    frame = replace(FRAME, notes=(Remark(text="12 failures are not annotated."),))
    assert summary(session(item(call=failed())), VERDICT, frame).endswith("\n\n12 failures are not annotated.")


def test_live_summary_lists_running_and_failed_tests() -> None:
    results = session(
        item(), item("tests/test_a.py::test_x", call=failed()), running_item("tests/test_a.py::test_runs")
    )
    page = Page(live_summary(results, frame_of(results)))
    assert page.code[:2] == ["tests/test_a.py::test_runs", "tests/test_a.py::test_x"]
    assert "Running: " in page.prose


def test_live_summary_counts_running_tests_that_are_not_listed() -> None:
    results = session(*[running_item(f"tests/test_a.py::test_{n}") for n in range(8)])
    assert "tests/test_a.py::test_4\n… and 3 more\n" in live_summary(results, frame_of(results))


@rule("Limits: a live summary")
def test_live_summary_stays_short() -> None:
    results = session(*[item(f"tests/test_a.py::test_{n}", call=failed(traceback="x\n" * 9_000)) for n in range(500)])
    assert len(live_summary(results, frame_of(results)).encode()) < 20_000


def test_text_lists_passed_tests_by_file() -> None:
    results = session(
        item("tests/test_a.py::test_x", call=passed(0.12)),
        item("tests/test_a.py::TestY::test_y"),
        item("tests/test_a.py::test_failed", call=failed()),
        item("tests/test_b.py::test_z"),
    )
    page = Page(text(results))
    assert page.code == [
        "tests/test_a.py",
        "test_x  0.12 s\nTestY::test_y\n",
        "tests/test_b.py",
        "test_z\n",
    ]
    assert ": 2 passed in 0.12 s" in page.prose
    assert page.prose.endswith(": 1 passed\n\n")


def test_text_begins_with_a_heading_if_a_test_passed() -> None:
    assert text(session(item())).startswith("### Passed\n\n")
    assert text(session(item(call=failed()))) == ""


@rule("Limits: passed tests in the text")
def test_truncated_text_says_what_is_omitted() -> None:
    results = session(*[item(f"tests/test_{n % 50}.py::test_{n}") for n in range(10_000)])
    markdown = text(results)
    assert len(markdown.encode()) <= OUTPUT_TEXT_BYTES
    assert "Showing 50 of 50 files, " in markdown
    assert "without the list of passed tests." in markdown


@given(SESSIONS)
def test_markdown_of_any_session_stays_within_its_budget(results: Session) -> None:
    verdict = replace(VERDICT, remarks=(Remark(text="Stopped:", quoted=results.stop_reason),))
    for budget_bytes in (5_000, OUTPUT_TEXT_BYTES):
        assert len(summary(results, verdict, frame_of(results), budget_bytes=budget_bytes).encode()) <= budget_bytes
        assert len(text(results, budget_bytes=budget_bytes).encode()) <= budget_bytes
    page = Page(summary(results, verdict, frame_of(results)))
    assert page.is_balanced
    assert set(page.tags) <= ELEMENTS
    assert Page(live_summary(results, frame_of(results))).is_balanced


def test_skips_link_to_their_places() -> None:
    inside, outside = (
        stage(Outcome.SKIPPED, reason, locations=((path, 3),))
        for reason, path in [("no printer", "/repo/src/app.py"), ("elsewhere", "/usr/x.py")]
    )
    results = session(item(call=inside), item("gone.py::test_x", call=outside))
    markdown = summary(results, VERDICT, FRAME)
    assert (
        "× `no printer` at [`src/app.py:3`](https://github.com/octocat/hello/blob/c0ffee/src/app.py#L3)\n" in markdown
    )
    assert "× `elsewhere`\n" in markdown
    assert "× `no printer` at `src/app.py:3`\n" in summary(results, VERDICT, replace(FRAME, url_of=lambda _: ""))
