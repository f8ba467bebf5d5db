from __future__ import annotations

import json
import tracemalloc
from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from checks.core.model.item import PLAIN, Location, Outcome, StageName
from checks.core.model.session import Collector, RecordedWarning, Session
from checks.core.redaction.redactor import Redactor
from checks.core.results import json_report, stream
from checks.core.results.details_limit import DETAILS_CHARACTERS
from checks.core.results.session_builder import SessionBuilder
from checks.core.results.stream import Finding
from tests.support.rules import rule


def return_unchanged(entry: Any) -> Any:
    return entry


def lines(*entries: dict[str, Any]) -> list[bytes]:
    numbers = count()
    return [json.dumps({"seq": next(numbers), **entry}).encode() for entry in entries]


def begin(test: int = 0, nodeid: str = "a.py::t") -> dict[str, Any]:
    return {"event": "test", "test": test, "nodeid": nodeid, "lineno": 4}


def stage(when: str, outcome: str = "passed", test: int = 0, **more: Any) -> dict[str, Any]:
    return {"event": "stage", "test": test, "when": when, "outcome": outcome, "duration": 0.5, **more}


def feed_entries(*entries: dict[str, Any]) -> tuple[SessionBuilder, list[stream.News]]:
    builder = SessionBuilder(return_unchanged)
    return builder, builder.feed(lines(*entries))


PASSING = (begin(), stage("setup"), stage("call"), stage("teardown"))
FAILED: dict[str, Any] = {"category": "failed", "message": "E", "text": "traceback", "places": []}


def test_passed_test_is_news_after_its_teardown() -> None:
    builder, news = feed_entries(*PASSING)
    (item,) = builder.session().items
    assert news == [Finding(item=item)]
    assert item.passed
    assert (item.nodeid, item.line, item.duration_seconds) == ("a.py::t", 5, 1.5)


def test_inherited_test_has_the_file_that_defines_it() -> None:
    builder, _ = feed_entries({**begin(), "path": "base.py"})
    (item,) = builder.session().items
    assert (item.path, item.line, item.defined_in) == ("a.py", 5, "base.py")


@rule("Annotations: a newline in a subtest's message")
def test_newline_of_a_subtest_is_a_space_in_the_title() -> None:
    builder, _ = feed_entries(begin(), stage("call", "failed", **FAILED, subtest="[two\n  lines] (i=1)\n"))
    (item,) = builder.session().items
    assert item.title(item.stages[0]) == "a.py::t [two lines] (i=1)"


def test_failed_stage_is_news_at_once_with_its_traceback() -> None:
    _, news = feed_entries(begin(), stage("setup"), stage("call", "failed", **FAILED))
    (finding,) = news
    assert isinstance(finding, Finding)
    assert finding.stage is not None
    assert finding.stage.details is not None
    assert finding.stage.details.traceback == "traceback"


def test_rerun_is_no_news_until_the_test_has_passed() -> None:
    rerun_stages = (stage("setup"), stage("call", "rerun", category="rerun", message="E"), stage("teardown"))
    builder, news = feed_entries(begin(), *rerun_stages, begin(), stage("setup"), stage("call"), stage("teardown"))
    (item,) = builder.session().items
    assert news == [Finding(item=item)]
    assert item.is_flaky
    assert builder.session().counts == {Outcome.RERUN: 1, Outcome.PASSED: 1}


def test_session_names_the_running_test_and_its_stage() -> None:
    for entries, stage_name in [
        ((begin(),), StageName.SETUP),
        ((begin(), stage("setup")), StageName.CALL),
        ((begin(), stage("setup"), stage("call", "passed", category="x", subtest="(i=1)")), StageName.CALL),
        ((begin(), stage("setup"), stage("call")), StageName.TEARDOWN),
        ((begin(), stage("setup", "failed")), StageName.TEARDOWN),
    ]:
        builder, _ = feed_entries(*entries)
        (item,) = builder.session().running_items
        assert item.current_stage is stage_name


def test_session_has_the_facts_of_all_its_events() -> None:
    builder, _ = feed_entries(
        {"event": "session", "root": "/repo", "pytest": "9.0", "python": "3.13"},
        {"event": "collected", "number": 3, "deselected": 1},
        {"event": "missing", "titles": ["a.py::gone"]},
        {"event": "missing", "titles": ["b.py::gone", "b.py::lost (i=1)"]},
        {"event": "internal_error", "text": "INTERNALERROR"},
        {"event": "end", "exit_status": 3, "stopped": "why", "duration": 2},
    )
    assert builder.session() == Session(
        root="/repo",
        pytest_version="9.0",
        python_version="3.13",
        collected=3,
        deselected=1,
        internal_error="INTERNALERROR",
        exit_status=3,
        stop_reason="why",
        duration_seconds=2.0,
        not_collected=("a.py::gone", "b.py::gone", "b.py::lost (i=1)"),
    )


@rule("Annotations: a pytest warning about an exception in a thread or in __del__")
@pytest.mark.parametrize("category", ["PytestUnhandledThreadExceptionWarning", "PytestUnraisableExceptionWarning"])
def test_warning_of_a_thread_has_the_place_of_its_test(category: str) -> None:
    warning = {"event": "warning", "category": category, "message": "m", "filename": "/_pytest/thread.py", "lineno": 2}
    builder, _ = feed_entries(
        {**begin(), "nodeid": "a.py::test_a", "lineno": 6},
        {**warning, "nodeid": "a.py::test_a"},
        {**warning, "nodeid": "a.py::test_b"},
        {**warning, "category": "UserWarning", "nodeid": "a.py::test_a"},
    )
    places = [warning.location for warning in builder.session().warnings]
    other = Location(path="/_pytest/thread.py", line=2)
    assert places == [Location(path="a.py", line=7), other, other]


def test_collector_is_news_once_and_warning_every_time() -> None:
    error = {"event": "collector", "nodeid": "a.py", "outcome": "failed", "message": "E"}
    warning = {"event": "warning", "category": "UserWarning", "message": "m", "filename": "/a.py", "lineno": 2}
    builder, news = feed_entries(error, error, warning, warning)
    assert [type(finding) for finding in news] == [Collector, RecordedWarning, RecordedWarning]
    assert len(builder.session().collectors) == 2


@pytest.mark.parametrize(
    "malformed",
    [
        *(b"", b"{", b"[]", b"null", b"3", b'"seq"', b"{}", b'{"seq": 0}', b"\xff\xfe", b"[" * 100_000),
        *(b'{"seq": 0, "event": "stage", "test": 7}', b'{"seq": "x", "event": "end"}', b'{"seq": 0, "event": "end"}'),
    ],
    ids=lambda malformed: repr(malformed[:20]),
)
def test_malformed_line_counts_as_one_lost_record(malformed: bytes) -> None:
    builder = SessionBuilder(return_unchanged)
    assert builder.feed([malformed]) == []
    assert builder.session().items == ()
    assert builder.session().lost_records == 1


def test_unknown_event_is_ignored() -> None:
    builder, news = feed_entries({"event": "lunch"}, *PASSING)
    assert len(news) == 1
    assert builder.session().lost_records == 0


def test_gaps_in_sequence_numbers_count_as_lost_records() -> None:
    builder = SessionBuilder(return_unchanged)
    builder.feed(json.dumps({"seq": seq, "event": "lunch"}).encode() for seq in (0, 1, 4))
    assert builder.session().lost_records == 2


def test_tracebacks_over_the_budget_keep_their_message_only() -> None:
    large_failure = {**FAILED, "text": "x" * (DETAILS_CHARACTERS // 4)}
    tests = [
        entry for n in range(3) for entry in (begin(n, f"a.py::t{n}"), stage("call", "failed", n, **large_failure))
    ]
    builder, news = feed_entries(*tests)
    stored_details = [item.stages[0].details for item in builder.session().items]
    assert [len(details.traceback) for details in stored_details if details] == [len(large_failure["text"])] * 2 + [0]
    assert [details.message for details in stored_details if details] == ["E"] * 3
    reported = [finding.stage.details for finding in news if isinstance(finding, Finding) and finding.stage]
    assert [len(details.traceback) for details in reported if details] == [len(large_failure["text"])] * 3


def test_frequent_message_leaves_room_for_the_texts_of_others() -> None:
    texts = {"text": "x" * (DETAILS_CHARACTERS // 5)}
    messages = ["E 1", "E 2", "E 3", "E 4", "other"]
    builder, _ = feed_entries(
        *[
            entry
            for n, message in enumerate(messages)
            for entry in (
                begin(n, f"a.py::t{n}"),
                stage("call", "failed", n, **{**FAILED, **texts, "message": message}),
            )
        ]
    )
    stored = [item.stages[0].details for item in builder.session().items]
    assert [bool(details.traceback) for details in stored if details] == [True, True, False, False, True]


def test_every_text_from_the_tests_is_redacted() -> None:
    redact = Redactor(["hunter2-hunter2"])
    secret = "hunter2-hunter2"
    builder = SessionBuilder(redact.redact_json)
    entries = [
        begin(0, f"a.py::t[{secret}]"),
        stage("call", "failed", **{**FAILED, "text": secret, "message": secret, "sections": [["out", secret]]}),
        {"event": "collector", "nodeid": "x.py", "outcome": "failed", "message": secret},
        {"event": "warning", "category": "UserWarning", "message": secret, "filename": "/a.py", "lineno": 2},
        {"event": "internal_error", "text": secret},
        {"event": "end", "exit_status": 1, "stopped": secret, "duration": 1},
    ]
    news = builder.feed(lines(*entries))
    assert len(news) == 3
    assert secret not in repr(news) + repr(builder.session())
    assert repr(builder.session()).count("***") == 8


def test_session_id_is_never_redacted() -> None:
    builder = SessionBuilder(Redactor((), (r"[0-9a-f]{16}",)).redact_json)
    builder.feed(lines({"event": "session", "id": "9f3c52d1a0b4e687", "root": "/r", "pytest": "9f3c52d1a0b4e687"}))
    assert (builder.session().id, builder.session().pytest_version) == ("9f3c52d1a0b4e687", "***")


def test_malformed_line_does_not_affect_other_lines() -> None:
    valid_lines = lines(*PASSING)
    for malformed in (b"{", b"1, 2", b"}, {", b"\xff", b"[" * 100_000):
        builder = SessionBuilder(return_unchanged)
        assert len(builder.feed([valid_lines[0], malformed, *valid_lines[1:]])) == 1
        assert builder.session().lost_records == 1


def test_test_that_runs_twice_keeps_all_its_stages() -> None:
    lines_twice = lines(*PASSING, *PASSING)
    builder = SessionBuilder(return_unchanged)
    assert len(builder.feed(lines_twice)) == 2
    (item,) = builder.session().items
    assert [stage.name for stage in item.stages] == ["setup", "call", "teardown"] * 2
    assert (item.duration_seconds, item.passed) == (3.0, True)


def test_small_gap_in_test_numbers_is_accepted_a_huge_one_lost() -> None:
    builder, _ = feed_entries(begin(3, "a.py::later"), begin(2_000_000, "a.py::nowhere"), begin(-1, "a.py::before"))
    assert [item.nodeid for item in builder.session().items] == ["a.py::later"]
    assert builder.session().lost_records == 2


def test_plain_pass_is_equal_in_stream_and_report() -> None:
    builder, _ = feed_entries(*PASSING)
    plain = {name: {"outcome": "passed", "duration": 0.5} for name in ("setup", "call", "teardown")}
    assert builder.session().items == (json_report.parse_item({"nodeid": "a.py::t", "lineno": 4, **plain}),)
    assert builder.session().items[0].stages is PLAIN


def test_passed_test_takes_little_memory() -> None:
    tests = 2_000
    received = lines(
        *(
            entry
            for test in range(tests)
            for entry in (
                {**begin(test, f"tests/test_orders.py::test_{test:05}"), "lineno": 1_000 + test},
                *(stage(when, test=test) for when in ("setup", "call", "teardown")),
            )
        )
    )
    builder = SessionBuilder(return_unchanged)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for start in range(0, len(received), 100):
            builder.feed(received[start : start + 100])
        size = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert builder.session().total == tests
    assert size < 150 * tests  # an `Item` with its node id takes 200


def test_failed_test_shares_its_passed_stages_and_has_the_duration_of_all() -> None:
    builder, _ = feed_entries(begin(), stage("setup"), stage("call", "failed", **FAILED), stage("teardown"))
    (item,) = builder.session().items
    assert (item.stages[0], item.stages[-1]) == (PLAIN[0], PLAIN[-1])
    assert (item.stages[1].duration_seconds, item.duration_seconds) == (0.5, 1.5)


def test_failed_test_that_runs_again_has_the_duration_of_all_its_stages() -> None:
    failed = (begin(), stage("setup"), stage("call", "failed", **FAILED), stage("teardown"))
    builder, _ = feed_entries(*failed, *failed)
    (item,) = builder.session().items
    assert (len(item.stages), item.duration_seconds) == (6, 3.0)


def test_subtest_of_a_fixture_takes_no_duration_from_a_test_that_runs_again() -> None:
    subtest = stage("setup", category="subtests passed", subtest="[a]")
    attempt = (begin(), subtest, stage("setup"), stage("call"), stage("teardown"))
    builder, _ = feed_entries(*attempt, *attempt)
    (item,) = builder.session().items
    assert (len(item.stages), item.duration_seconds) == (8, 3.0)


FAILED_SUBTEST = stage("call", "failed", **FAILED, subtest="[a]")


def failure_titles(news: list[stream.News]) -> list[str]:
    return [finding.item.title(finding.stage) for finding in news if isinstance(finding, Finding) and finding.stage]


def test_failed_subtest_waits_for_the_result_of_its_attempt() -> None:
    builder, news = feed_entries(begin(), stage("setup"), FAILED_SUBTEST)
    assert news == []
    assert builder.session().counts == {Outcome.FAILED: 1}
    for last in (stage("call", "failed", **FAILED), stage("teardown")):
        builder, _ = feed_entries(begin(), stage("setup"), FAILED_SUBTEST)
        assert failure_titles(builder.feed(lines(last)))[0] == "a.py::t [a]"
        assert builder.release_held() == []


def test_failed_subtest_is_released_if_its_call_never_ends() -> None:
    builder, _ = feed_entries(begin(), stage("setup"), FAILED_SUBTEST)
    assert failure_titles(builder.release_held()) == ["a.py::t [a]"]


@rule("Conclusions: a subtest failed in an attempt that was rerun")
@pytest.mark.parametrize("repeated", ["call", "teardown"])
def test_failed_subtest_of_a_repeated_attempt_does_not_count(repeated: str) -> None:
    attempt = (stage(name, "rerun" if name == repeated else "passed") for name in ("setup", "call", "teardown"))
    builder, news = feed_entries(begin(), FAILED_SUBTEST, *attempt, *PASSING)
    (item,) = builder.session().items
    assert news == [Finding(item=item)]
    assert (item.is_flaky, builder.session().counts[Outcome.RERUN]) == (True, 1)
    assert not item.is_failure


@rule("Conclusions: a test whose last result is an attempt that was not repeated")
def test_last_attempt_that_was_not_repeated_is_an_error() -> None:
    attempt = (begin(), stage("setup"), stage("call", "retried"), stage("teardown"))
    end = {"event": "end", "exit_status": 0, "stopped": "", "duration": 1}
    builder, news = feed_entries(*attempt, end)
    assert failure_titles(news) == ["a.py::t"]
    assert builder.session().counts == {Outcome.RERUN: 1, Outcome.ERROR: 1}


def test_tests_that_share_a_node_id_are_matched_in_their_order() -> None:
    builder, _ = feed_entries(*PASSING, begin(1), stage("setup", test=1))
    news = add_members(builder, *[report_test("a.py::t", **PASSED_STAGES)] * 3)
    assert [type(finding) for finding in news] == [Finding, Finding]
    assert [item.passed for item in builder.session().items] == [True] * 3


# -- what only the report has


def report_test(nodeid: str, **stages: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    plain = {"outcome": "passed", "duration": 0.5}
    return "tests", {"nodeid": nodeid, "lineno": 4, "outcome": "passed", "setup": plain, **stages}


PASSED_STAGES = {"call": {"outcome": "passed"}, "teardown": {"outcome": "passed"}}
FAILED_STAGES = {
    "call": {"outcome": "failed", "longrepr": "E   boom", "message": "boom"},
    "teardown": {"outcome": "passed"},
}


def add_members(builder: SessionBuilder, *members: tuple[str, Any]) -> list[stream.News]:
    return builder.add([(name, value, "") for name, value in members])


def test_report_adds_tests_missing_from_the_stream() -> None:
    builder, _ = feed_entries(*PASSING)
    (failed, passed) = add_members(
        builder, report_test("a.py::lost", **FAILED_STAGES), report_test("a.py::other", **PASSED_STAGES)
    )
    assert isinstance(failed, Finding)
    assert (failed.item.nodeid, failed.stage and failed.stage.outcome) == ("a.py::lost", Outcome.FAILED)
    assert isinstance(passed, Finding)
    assert (passed.item.nodeid, passed.stage) == ("a.py::other", None)
    assert [item.nodeid for item in builder.session().items] == ["a.py::t", "a.py::lost", "a.py::other"]


@rule("The tests' side: the stream lost lines")
def test_report_completes_a_test_with_lost_lines() -> None:
    builder, _ = feed_entries(begin(), stage("setup"))
    (finding,) = add_members(builder, report_test("a.py::t", **PASSED_STAGES))
    assert finding == Finding(item=builder.session().items[0])
    assert builder.session().items[0].passed


@pytest.mark.parametrize(("failures", "titles"), [(0, []), (1, []), (2, ["a.py::t [a]"])])
def test_subtest_of_a_report_fails_after_all_if_pytest_counts_it(failures: int, titles: list[str]) -> None:
    stages = [FAILED_SUBTEST, stage("setup"), stage("call", "rerun"), stage("teardown"), *PASSING[1:]]
    builder, counts = SessionBuilder(return_unchanged), ("check_runs_counts", {"failures": failures})
    for number in (1, 2):  # as several reports, each is compared with its own counts
        builder.begin_report()
        collector = {"nodeid": "x.py", "outcome": "failed"}
        news = add_members(
            builder, ("tests", {"nodeid": "a.py::t", "stages": stages}), ("collectors", collector), counts
        )
        assert failure_titles(news) == titles
        assert builder.session().counts[Outcome.FAILED] == number * len(titles)


def test_report_does_not_repeat_a_failure_of_the_stream() -> None:
    builder, _ = feed_entries(begin(), stage("setup"), stage("call", "failed", **FAILED))
    assert add_members(builder, report_test("a.py::t", **FAILED_STAGES)) == []
    assert builder.session().items[0].is_finished


@rule("The tests' side: the stream lost lines")
@pytest.mark.parametrize("lost", [0, 1, 2])
@pytest.mark.parametrize(
    ("event", "name", "values"),
    [
        ("collector", "nodeid", ["x.py", "y.py", "x.py"]),
        ("warning", "message", ["one", "two", "one"]),
    ],
)
def test_report_adds_exactly_what_the_lost_line_had(event: str, name: str, values: list[str], lost: int) -> None:
    entries = [
        {"category": "UserWarning", "filename": "/a.py", "lineno": 2, "outcome": "failed", name: value}
        for value in values
    ]
    builder, _ = feed_entries(*({"event": event} | entry for entry in entries[:lost] + entries[lost + 1 :]))
    news = add_members(builder, *((f"{event}s", entry) for entry in entries))
    session = builder.session()
    found = [getattr(record, name) for record in (*session.collectors, *session.warnings)]
    assert sorted(found) == sorted(values)
    is_known = event == "collector" and values[lost] == "x.py"  # reported once
    assert [getattr(record, name) for record in news] == ([] if is_known else [values[lost]])


def test_report_adds_a_subtest_that_failed_again_under_the_same_description() -> None:
    builder, _ = feed_entries(begin(), stage("setup"), FAILED_SUBTEST)
    stages = [stage("setup"), FAILED_SUBTEST, FAILED_SUBTEST, *PASSING[2:]]
    news = add_members(builder, ("tests", {"nodeid": "a.py::t", "outcome": "failed", "stages": stages}))
    assert failure_titles(news) == ["a.py::t [a]"]


def test_report_without_new_facts_changes_no_results() -> None:
    builder, _ = feed_entries(
        *PASSING,
        {"event": "collector", "nodeid": "x.py", "outcome": "failed", "message": "E"},
        {"event": "warning", "category": "UserWarning", "message": "m", "filename": "/a.py", "lineno": 2},
        {"event": "end", "exit_status": 1, "stopped": "", "duration": 1},
    )
    session_before = builder.session()
    news = add_members(
        builder,
        ("root", "/elsewhere"),
        ("exitcode", 0),
        ("collectors", {"nodeid": "x.py", "outcome": "failed"}),
        ("collectors", {"nodeid": "y.py", "outcome": "passed"}),
        ("warnings", {"category": "UserWarning", "message": "m", "filename": "/a.py", "lineno": 2}),
        report_test("a.py::t", **PASSED_STAGES),
    )
    assert news == []
    assert builder.session() == replace(session_before, root="/elsewhere")


def test_report_fills_session_facts_missing_from_the_stream() -> None:
    builder, _ = feed_entries()
    warning = {"category": "UserWarning", "message": "m", "filename": "/a.py", "lineno": 2}
    news = add_members(
        builder,
        ("duration", 2.5),
        ("exitcode", 2),
        ("root", "/repo"),
        ("summary", {"collected": 9, "deselected": 4}),
        ("collectors", {"nodeid": "x.py", "outcome": "failed", "longrepr": "E"}),
        ("warnings", warning),
    )
    session = builder.session()
    assert (session.exit_status, session.root, session.collected, session.deselected) == (2, "/repo", 5, 4)
    assert session.duration_seconds == 2.5
    assert [type(finding) for finding in news] == [Collector, RecordedWarning]


@pytest.mark.parametrize("value", [None, 3, "x", [], {}, {"summary": 1}, {"collected": "x"}])
@pytest.mark.parametrize("name", ["tests", "collectors", "warnings", "summary", "exitcode", "duration", "root", "x"])
def test_report_member_of_another_shape_never_raises(name: str, value: object) -> None:
    builder, _ = feed_entries(*PASSING)
    add_members(builder, (name, value))
    assert builder.session().items[0].passed


@pytest.mark.parametrize("value", [None, 3, "x", []])
@pytest.mark.parametrize("name", ["tests", "collectors", "warnings"])
def test_report_element_that_is_no_object_counts_as_one_lost_record(name: str, value: object) -> None:
    builder, _ = feed_entries(*PASSING)
    assert add_members(builder, (name, value)) == []
    assert builder.session().lost_records == 1


# -- invalid numbers


IMPOSSIBLE = [int("9" * 4300), -int("9" * 4300), 1_000_000_001, float("inf"), float("nan"), 1e308, 1.5, "1", True, None]
IMPOSSIBLE_IDS = ["4300 digits", "as many below 0", "a billion", "inf", "nan", "1e308", "1.5", "text", "true", "null"]


@pytest.mark.parametrize("number", [*IMPOSSIBLE, -1], ids=[*IMPOSSIBLE_IDS, "-1"])
@pytest.mark.parametrize(
    ("event", "name"),
    [
        ({"event": "lunch"}, "seq"),
        (begin(), "test"),
        (stage("call"), "test"),
        (stage("call", "failed", **FAILED), "test"),
        ({"event": "collected", "number": 3, "deselected": 1}, "number"),
        ({"event": "collected", "number": 3, "deselected": 1}, "deselected"),
    ],
)
def test_line_with_an_impossible_number_is_lost(event: dict[str, Any], name: str, number: object) -> None:
    builder, _ = feed_entries(begin(0, "a.py::t"), begin(1, "a.py::u"), {**event, name: number})
    assert builder.session().lost_records == 1
    assert (builder.session().collected, builder.session().deselected) == (None, 0)
    assert [item.stages for item in builder.session().items] == [(), ()]


@pytest.mark.parametrize("number", IMPOSSIBLE, ids=IMPOSSIBLE_IDS)
def test_line_with_an_impossible_exit_status_is_lost(number: object) -> None:
    builder, _ = feed_entries({"event": "end", "exit_status": number, "stopped": "", "duration": 1})
    assert (builder.session().exit_status, builder.session().lost_records) == (None, 1)


def test_exit_status_may_be_negative() -> None:
    builder, _ = feed_entries({"event": "end", "exit_status": -1, "stopped": "", "duration": 1})
    assert builder.session().exit_status == -1


@pytest.mark.parametrize("number", [*IMPOSSIBLE, -1], ids=[*IMPOSSIBLE_IDS, "-1"])
def test_impossible_line_number_is_ignored(number: object) -> None:
    warning = {"event": "warning", "category": "W", "message": "m", "filename": "/a.py", "lineno": number}
    places = [["/a.py", number], ["/a.py", 3]]
    builder, _ = feed_entries(
        {**begin(), "lineno": number}, stage("call", "failed", **{**FAILED, "places": places}), warning
    )
    (item,) = builder.session().items
    assert item.line is None
    assert item.stages[0].details is not None
    assert [place.line for place in item.stages[0].details.locations] == [3]
    assert builder.session().warnings[0].location.line == 1


@pytest.mark.parametrize("number", [*IMPOSSIBLE, -1], ids=[*IMPOSSIBLE_IDS, "-1"])
def test_impossible_number_in_a_report_is_ignored(number: object) -> None:
    builder, _ = feed_entries()
    add_members(
        builder,
        ("summary", {"collected": number, "deselected": 1}),
        ("duration", None if number == 1.5 else number),
        ("tests", {"nodeid": "a.py::t", "outcome": "failed", "lineno": number, "call": {"outcome": "failed"}}),
    )
    session = builder.session()
    assert (session.collected, session.deselected, session.items[0].line) == (None, 0, None)
    assert 0 <= session.duration_seconds < 1e9 + 2


@pytest.mark.parametrize("number", IMPOSSIBLE, ids=IMPOSSIBLE_IDS)
def test_impossible_exit_status_in_a_report_is_ignored(number: object) -> None:
    builder, _ = feed_entries()
    add_members(builder, ("exitcode", number))
    assert builder.session().exit_status is None
