"""Reading the previous run: test names survive the truncation and escaping of annotations."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from checks.core.github import payload
from checks.core.github.external_id import canonical, compose, parse
from checks.core.model import limits
from checks.core.model.check_run import Annotation, AnnotationLevel
from checks.core.model.identity import Identity, RunKind
from checks.core.model.item import PLAIN, Details, Item, Location, Outcome, Stage, StageName
from checks.core.model.job import Repository
from checks.core.model.limits import EXTERNAL_ID_CHARACTERS, TITLE_CHARACTERS
from checks.core.model.session import CarriedOverCounts, Collector, Session
from checks.core.report.annotations import Annotator
from checks.core.rerun.previous_run import (
    carried_over_remark,
    carry_over,
    complete_identity,
    failures_by_test,
    mark_flaky,
    parse_failure,
    previous_details,
)
from checks.core.results.stream import Finding
from tests.support.any_session import SESSIONS, TEXTS
from tests.support.rerun.check_runs import OPEN

ANNOTATOR = Annotator(repository=Repository(root="/repo", tracked=frozenset(["a.py"]), fallback="a.py"), root="/repo")
FAILURE = Annotation(
    path="sub/a.py",
    line=7,
    level=AnnotationLevel.FAILURE,
    title="a.py::t",
    message="AssertionError: assert 0",
    raw_details="a.py::t\n\n>   assert 0",
)


def stage(outcome: Outcome, name: StageName = StageName.CALL, subtest: str | None = None) -> Stage:
    return Stage(name=name, outcome=outcome, subtest=subtest, details=Details(message="m", traceback="E   assert 0"))


def item(*stages: Stage, nodeid: str = "a.py::t") -> Item:
    return Item(nodeid=nodeid, line=1, stages=stages or PLAIN)


def as_listed_by_github(annotation: Annotation) -> dict[str, Any]:
    """Return the annotation as GitHub lists it after it was sent."""
    (body,) = payload.update(OPEN, [annotation])["output"]["annotations"]
    return {"raw_details": None, "title": None, "blob_href": "https://github.test/x", **body}


def title_of(nodeid: str, of: Stage) -> str:
    """Return the title that a re-run reads from the annotation."""
    annotated = ANNOTATOR.annotate(Finding(item=item(of, nodeid=nodeid), stage=of))
    assert annotated is not None
    read = parse_failure(as_listed_by_github(annotated))
    assert read is not None
    return read.title


@pytest.mark.parametrize("length", [*range(TITLE_CHARACTERS - 1, TITLE_CHARACTERS + 2), 5_000])
@pytest.mark.parametrize("name", [StageName.SETUP, StageName.CALL, StageName.TEARDOWN])
@pytest.mark.parametrize("subtest", [None, "", "[i] (i=1)", "x" * 300, "(in setup) "])
@pytest.mark.parametrize("letter", ["x", "…"])
def test_truncated_title_is_restored(length: int, name: StageName, subtest: str | None, letter: str) -> None:
    nodeid = "a.py::t[".ljust(length - 1, letter) + "]"
    title = nodeid if subtest is None else f"{nodeid} {subtest or '(subtest)'}"
    assert title_of(nodeid, stage(Outcome.FAILED, name, subtest)) == title


@pytest.mark.parametrize("name", [StageName.SETUP, StageName.CALL])
def test_escaped_characters_in_title_stay_escaped(name: StageName) -> None:
    nodeid = "a.py::t[" + "🙂\x07" * 200 + "]"
    assert title_of(nodeid, stage(Outcome.ERROR, name)) == r"a.py::t[" + r"\U0001f642\x07" * 200 + "]"


@given(TEXTS, TEXTS | st.none(), st.sampled_from(StageName), st.integers(1, 12))
@example(nodeid="x" * 32_764, subtest=" ", name=StageName.CALL, times=1)
def test_any_title_round_trips_through_the_annotation(
    nodeid: str, subtest: str | None, name: StageName, times: int
) -> None:
    whole = nodeid * times
    title = payload.shown(whole if subtest is None else f"{whole} {subtest or '(subtest)'}")
    assume(
        title.strip()
        and len(title.encode()) < limits.ANNOTATION_TEXT_BYTES - 1_000
        and not title.endswith("\n")
        and "\n\n" not in title
        and not title.endswith((" (in setup)", " (in teardown)"))
    )
    assert title_of(whole, stage(Outcome.FAILED, name, subtest)) == title


def test_title_with_empty_line_stays_truncated() -> None:
    subtest = f"one\n\n{'x' * 300}"
    assert title_of("a.py::t", stage(Outcome.FAILED, subtest=subtest)) == f"a.py::t {subtest}"[:254] + "…"


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        pytest.param({"annotation_level": "notice"}, None, id="a notice"),
        pytest.param({"annotation_level": "warning"}, None, id="a warning"),
        pytest.param({}, None, id="nothing"),
        pytest.param(
            {"annotation_level": "failure"},
            replace(FAILURE, path="", line=1, title="", message="", raw_details=""),
            id="a failure of nothing",
        ),
        pytest.param(
            {
                "annotation_level": "failure",
                "path": "a.py",
                "start_line": 7,
                "title": "short…",
                "raw_details": "another text",
                "message": "assert 0",
            },
            replace(FAILURE, path="a.py", title="short…", message="assert 0", raw_details="another text"),
            id="a title that ends like a cut one",
        ),
    ],
)
def test_only_failures_are_parsed_with_defaults(annotation: dict[str, Any], expected: Annotation | None) -> None:
    assert parse_failure(annotation) == expected


def test_failure_is_found_by_every_possible_node_id() -> None:
    titles = ["a.py::t[b c] (i=1)", "a.py::u"]
    found = failures_by_test({title: lambda title=title: replace(FAILURE, title=title) for title in titles})  # type: ignore[misc]
    assert {end: failure().title for end, failure in found.items()} == {
        "a.py::t[b c] (i=1)": titles[0],
        "a.py::t[b c]": titles[0],
        "a.py::t[b": titles[0],
        "a.py::u": titles[1],
    }


def test_first_of_several_failures_of_a_test_is_found() -> None:
    titles = ["a.py::t (i=1)", "a.py::t (i=2)", "a.py::t"]
    found = failures_by_test({title: lambda title=title: replace(FAILURE, title=title) for title in titles})  # type: ignore[misc]
    assert found["a.py::t"]().title == "a.py::t (i=1)"


def test_previous_details_name_location_and_check_run() -> None:
    details = previous_details(FAILURE, run_id="4811", root="/repo")
    assert details == Details(
        message="In check run 4811 on this commit: AssertionError: assert 0",
        locations=(Location(path="/repo/sub/a.py", line=7),),
        traceback=">   assert 0",
    )


@pytest.mark.parametrize(
    ("stages", "is_flaky"),
    [
        pytest.param((), True, id="passed"),
        pytest.param((stage(Outcome.PASSED, StageName.SETUP), stage(Outcome.FAILED)), False, id="failed again"),
        pytest.param((stage(Outcome.SKIPPED, StageName.SETUP),), False, id="skipped now"),
    ],
)
def test_earlier_failure_is_flaky_if_it_passes_now(stages: tuple[Stage, ...], is_flaky: bool) -> None:
    before = item(*stages)
    after = mark_flaky(before)
    assert after.is_flaky is is_flaky
    assert after.is_failure is before.is_failure
    assert (
        Session(items=(after,)).counts
        == Session(items=(before,)).counts + Session(items=(item(stage(Outcome.RERUN)),)).counts
    )


COUNTED = {
    "nothing": ((), CarriedOverCounts()),
    "passed": ((item(),), CarriedOverCounts(passed=1)),
    "failed": ((item(stage(Outcome.FAILED)),), CarriedOverCounts(failed=1)),
    "failed and erred in teardown, which have one title": (
        (item(stage(Outcome.FAILED), stage(Outcome.ERROR, StageName.TEARDOWN)),),
        CarriedOverCounts(failed=1),
    ),
    "two subtests failed, and with them the test": (
        (item(stage(Outcome.FAILED, subtest="i=1"), stage(Outcome.FAILED, subtest="i=2"), stage(Outcome.FAILED)),),
        CarriedOverCounts(failed=3),
    ),
    "subtests of one name failed": (
        (item(stage(Outcome.FAILED, subtest=""), stage(Outcome.FAILED, subtest="")),),
        CarriedOverCounts(failed=1),
    ),
    "a subtest without a name, and one that is called as such are": (
        (item(stage(Outcome.FAILED, subtest=""), stage(Outcome.FAILED, subtest="(subtest)")),),
        CarriedOverCounts(failed=1),
    ),
    "what a failed test did besides does not stand": (
        (item(stage(Outcome.SKIPPED, subtest="i=1"), stage(Outcome.FAILED), stage(Outcome.XFAILED)),),
        CarriedOverCounts(failed=1),
    ),
    "skipped, xfailed, xpassed": (
        (
            item(stage(Outcome.SKIPPED, StageName.SETUP)),
            item(stage(Outcome.XFAILED), nodeid="a.py::u"),
            item(stage(Outcome.XPASSED), nodeid="a.py::v"),
        ),
        CarriedOverCounts(skipped=1, xfailed=1, xpassed=1),
    ),
    "flaky stands as passed": ((mark_flaky(item()),), CarriedOverCounts(passed=1)),
}


@pytest.mark.parametrize(("items", "expected"), COUNTED.values(), ids=COUNTED)
def test_counts_of_passing_tests_are_carried_over(items: tuple[Item, ...], expected: CarriedOverCounts) -> None:
    assert carry_over(Session(items=items)) == expected


def test_carried_over_counts_are_carried_over_again() -> None:
    before = CarriedOverCounts(failed=7, passed=900, skipped=4, page="https://github.test/1")
    items = (item(), item(stage(Outcome.FAILED), nodeid="a.py::u"))
    assert carry_over(Session(items=items, carried_over=before)) == CarriedOverCounts(failed=1, passed=901, skipped=4)


def test_collectors_are_not_carried_over() -> None:
    skipped = Collector(nodeid="b.py", outcome=Outcome.SKIPPED, details=Details(message="Skipped: x"))
    assert carry_over(Session(items=(item(),), collectors=(skipped,))) == CarriedOverCounts(passed=1)


@given(SESSIONS)
def test_each_failure_title_is_counted(session: Session) -> None:
    titles = {
        title_of(entry.nodeid, of)
        for entry in session.items
        for of in entry.stages
        if of.outcome.is_failure and of.details is not None
    }
    assert len(titles) <= carry_over(session).failed


@pytest.mark.parametrize(
    ("carried_over", "counts"),
    [
        (CarriedOverCounts(), "nothing"),
        (CarriedOverCounts(failed=3, passed=940), "940 passed"),
        (
            CarriedOverCounts(passed=1_234, skipped=2, xfailed=3, xpassed=4),
            "1,234 passed, 2 skipped, 3 xfailed, 4 xpassed",
        ),
    ],
)
def test_remark_lists_carried_over_counts(carried_over: CarriedOverCounts, counts: str) -> None:
    result = carried_over_remark(replace(carried_over, page="https://github.test/1"))
    assert result.text.endswith(f"Carried over from the previous run: {counts}.")
    assert result.page == "https://github.test/1"


OWN = Identity(workflow="tests.yml", run_id="17", job="pytest", category="unit")
ONE_FAILED = Session(items=(item(), item(stage(Outcome.FAILED), nodeid="a.py::u")))


@pytest.mark.parametrize(
    ("before", "is_whole", "expected"),
    [
        pytest.param(OWN, True, "complete;;cc;1.1", id="whole"),
        pytest.param(OWN, False, "tests;;cc", id="not whole"),
        pytest.param(replace(OWN, earlier="4811"), True, "complete;4811;cc;1.1", id="a re-run"),
        pytest.param(replace(OWN, kind=RunKind.PUBLISHED), True, "published;;cc", id="published"),
    ],
)
def test_complete_identity_has_kind_commit_and_counts(before: Identity, is_whole: bool, expected: str) -> None:
    result = complete_identity(before, ONE_FAILED, tested="cc", is_whole=is_whole)
    assert compose(result) == f"pcr/2;tests.yml;17;1;pytest;unit;{expected}"


def test_tested_commit_is_kept_if_no_other_was_tested() -> None:
    before = replace(OWN, tested="dd")
    assert complete_identity(before, ONE_FAILED, tested="", is_whole=False) == before


LONG_TEXTS = st.builds(lambda text, times: text * times, st.text(st.characters(), max_size=10), st.integers(0, 60))


@given(
    st.builds(
        Identity,
        workflow=LONG_TEXTS,
        run_id=st.from_regex(r"\d{0,20}", fullmatch=True),
        attempt=st.integers(0, 10**9),
        job=LONG_TEXTS,
        category=LONG_TEXTS,
        kind=st.sampled_from(RunKind),
        earlier=st.from_regex(r"\d{0,20}", fullmatch=True),
    ),
    SESSIONS,
    st.builds(CarriedOverCounts, **dict.fromkeys(["passed", "skipped", "xfailed", "xpassed"], st.integers(0, 10**12))),
    st.booleans(),
)
def test_completed_external_id_keeps_limit_and_parses(
    before: Identity, session: Session, carried_over: CarriedOverCounts, is_whole: bool
) -> None:
    result = complete_identity(
        canonical(before), replace(session, carried_over=carried_over), tested="c" * 40, is_whole=is_whole
    )
    assert len(compose(result)) <= EXTERNAL_ID_CHARACTERS
    parts = parse(compose(result))
    assert parts is not None
    assert parts.tested == "c" * 40
    assert (parts.kind is RunKind.COMPLETE) is (
        before.kind is RunKind.COMPLETE or (is_whole and before.kind is RunKind.TESTS)
    )
    assert complete_identity(result, session, tested="c" * 40, is_whole=False) == result
