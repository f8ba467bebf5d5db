from __future__ import annotations

import json
from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from checks.core.model.item import PLAIN, Outcome, StageName
from checks.core.model.session import Collector, RecordedWarning, Session
from checks.core.redaction.redactor import Redactor
from checks.core.results import json_report, stream
from checks.core.results.session_builder import DETAILS_BYTES, SessionBuilder
from checks.core.results.stream import Finding
from tests.support.rules import rule


def untouched(entry: Any) -> Any:
    return entry


def lines(*entries: dict[str, Any]) -> list[bytes]:
    numbers = count()
    return [json.dumps({"seq": next(numbers), **entry}).encode() for entry in entries]


def begin(test: int = 0, nodeid: str = "a.py::t") -> dict[str, Any]:
    return {"event": "test", "test": test, "nodeid": nodeid, "lineno": 4}


def stage(when: str, outcome: str = "passed", test: int = 0, **more: Any) -> dict[str, Any]:
    return {"event": "stage", "test": test, "when": when, "outcome": outcome, "duration": 0.5, **more}


def fed(*entries: dict[str, Any]) -> tuple[SessionBuilder, list[stream.News]]:
    fold = SessionBuilder(untouched)
    return fold, fold.feed(lines(*entries))


PASSING = (begin(), stage("setup"), stage("call"), stage("teardown"))
FAILED: dict[str, Any] = {"category": "failed", "message": "E", "text": "traceback", "places": []}


def test_a_passed_test_is_news_when_its_teardown_has_passed() -> None:
    fold, news = fed(*PASSING)
    (item,) = fold.session().items
    assert news == [Finding(item=item)]
    assert item.passed
    assert (item.nodeid, item.line, item.duration_seconds) == ("a.py::t", 5, 1.5)


def test_an_inherited_test_is_known_with_the_file_of_its_line() -> None:
    fold, _ = fed({**begin(), "path": "base.py"})
    (item,) = fold.session().items
    assert (item.path, item.line, item.defined_in) == ("a.py", 5, "base.py")


def test_a_failed_stage_is_news_at_once_with_its_traceback() -> None:
    _, news = fed(begin(), stage("setup"), stage("call", "failed", **FAILED))
    (finding,) = news
    assert isinstance(finding, Finding)
    assert finding.stage is not None
    assert finding.stage.details is not None
    assert finding.stage.details.traceback == "traceback"


def test_a_rerun_is_no_news_until_the_test_has_passed() -> None:
    again = (stage("setup"), stage("call", "rerun", category="rerun", message="E"), stage("teardown"))
    fold, news = fed(begin(), *again, begin(), stage("setup"), stage("call"), stage("teardown"))
    (item,) = fold.session().items
    assert news == [Finding(item=item)]
    assert item.is_flaky
    assert fold.session().counts == {Outcome.RERUN: 1, Outcome.PASSED: 1}


def test_a_running_test_and_its_stage_are_known() -> None:
    for told, stage_name in [
        ((begin(),), StageName.SETUP),
        ((begin(), stage("setup")), StageName.CALL),
        ((begin(), stage("setup"), stage("call", "passed", category="x", subtest="(i=1)")), StageName.CALL),
        ((begin(), stage("setup"), stage("call")), StageName.TEARDOWN),
        ((begin(), stage("setup", "failed")), StageName.TEARDOWN),
    ]:
        fold, _ = fed(*told)
        (item,) = fold.session().running_items
        assert item.current_stage is stage_name


def test_the_session_s_facts_are_folded() -> None:
    fold, _ = fed(
        {"event": "session", "root": "/repo", "pytest": "9.0", "python": "3.13"},
        {"event": "collected", "number": 3, "deselected": 1},
        {"event": "missing", "titles": ["a.py::gone"]},
        {"event": "missing", "titles": ["b.py::gone", "b.py::lost (i=1)"]},
        {"event": "internal_error", "text": "INTERNALERROR"},
        {"event": "end", "exit_status": 3, "stopped": "why", "duration": 2},
    )
    assert fold.session() == Session(
        root="/repo",
        pytest_version="9.0",
        collected=3,
        deselected=1,
        internal_error="INTERNALERROR",
        exit_status=3,
        stop_reason="why",
        duration_seconds=2.0,
        not_collected=("a.py::gone", "b.py::gone", "b.py::lost (i=1)"),
    )


def test_a_collector_is_news_once_and_a_warning_each_time() -> None:
    error = {"event": "collector", "nodeid": "a.py", "outcome": "failed", "message": "E"}
    warning = {"event": "warning", "category": "UserWarning", "message": "m", "filename": "/a.py", "lineno": 2}
    fold, news = fed(error, error, warning, warning)
    assert [type(each) for each in news] == [Collector, RecordedWarning, RecordedWarning]
    assert len(fold.session().collectors) == 2


@pytest.mark.parametrize(
    "junk",
    [
        *(b"", b"{", b"[]", b"null", b"3", b'"seq"', b"{}", b'{"seq": 0}', b"\xff\xfe", b"[" * 100_000),
        *(b'{"seq": 0, "event": "stage", "test": 7}', b'{"seq": "x", "event": "end"}', b'{"seq": 0, "event": "end"}'),
    ],
    ids=lambda junk: repr(junk[:20]),
)
def test_junk_on_the_channel_is_counted_at_most(junk: bytes) -> None:
    fold = SessionBuilder(untouched)
    assert fold.feed([junk]) == []
    assert fold.session().items == ()
    assert fold.session().lost_records == 1


def test_an_unknown_event_is_ignored() -> None:
    fold, news = fed({"event": "lunch"}, *PASSING)
    assert len(news) == 1
    assert fold.session().lost_records == 0


def test_missing_records_are_counted() -> None:
    fold = SessionBuilder(untouched)
    fold.feed(json.dumps({"seq": seq, "event": "lunch"}).encode() for seq in (0, 1, 4))
    assert fold.session().lost_records == 2


def test_tracebacks_beyond_the_budget_are_kept_by_their_message_alone() -> None:
    big = {**FAILED, "text": "x" * (DETAILS_BYTES // 2)}
    tests = [entry for n in range(3) for entry in (begin(n, f"a.py::t{n}"), stage("call", "failed", n, **big))]
    fold, news = fed(*tests)
    kept = [item.stages[0].details for item in fold.session().items]
    assert [len(details.traceback) for details in kept if details] == [len(big["text"])] * 2 + [0]
    assert [details.message for details in kept if details] == ["E"] * 3
    told = [each.stage.details for each in news if isinstance(each, Finding) and each.stage]
    assert [len(details.traceback) for details in told if details] == [len(big["text"])] * 3


def test_whatever_the_tests_have_a_say_in_is_cleaned_first() -> None:
    redact = Redactor(["hunter2-hunter2"])
    secret = "hunter2-hunter2"
    fold = SessionBuilder(redact.redact_json)
    told = [
        begin(0, f"a.py::t[{secret}]"),
        stage("call", "failed", **{**FAILED, "text": secret, "message": secret, "sections": [["out", secret]]}),
        {"event": "collector", "nodeid": "x.py", "outcome": "failed", "message": secret},
        {"event": "warning", "category": "UserWarning", "message": secret, "filename": "/a.py", "lineno": 2},
        {"event": "internal_error", "text": secret},
        {"event": "end", "exit_status": 1, "stopped": secret, "duration": 1},
    ]
    news = fold.feed(lines(*told))
    assert len(news) == 3
    assert secret not in repr(news) + repr(fold.session())
    assert repr(fold.session()).count("***") == 8


def test_a_session_keeps_its_id_whatever_is_redacted() -> None:
    fold = SessionBuilder(Redactor((), (r"[0-9a-f]{16}",)).redact_json)
    fold.feed(lines({"event": "session", "id": "9f3c52d1a0b4e687", "root": "/r", "pytest": "9f3c52d1a0b4e687"}))
    assert (fold.session().id, fold.session().pytest_version) == ("9f3c52d1a0b4e687", "***")


def test_junk_among_lines_spoils_itself_alone() -> None:
    whole = lines(*PASSING)
    for junk in (b"{", b"1, 2", b"}, {", b"\xff", b"[" * 100_000):
        fold = SessionBuilder(untouched)
        assert len(fold.feed([whole[0], junk, *whole[1:]])) == 1
        assert fold.session().lost_records == 1


def test_a_test_that_is_run_again_keeps_all_its_stages() -> None:
    again = lines(*PASSING, *PASSING)
    fold = SessionBuilder(untouched)
    assert len(fold.feed(again)) == 2
    (item,) = fold.session().items
    assert [stage.name for stage in item.stages] == ["setup", "call", "teardown"] * 2
    assert (item.duration_seconds, item.passed) == (3.0, True)


def test_a_hole_in_the_numbers_of_tests_is_bridged_and_an_abyss_is_junk() -> None:
    fold, _ = fed(begin(3, "a.py::later"), begin(2_000_000, "a.py::nowhere"), begin(-1, "a.py::before"))
    assert [item.nodeid for item in fold.session().items] == ["a.py::later"]
    assert fold.session().lost_records == 2


def test_what_passed_plainly_is_the_same_in_lines_and_report() -> None:
    fold, _ = fed(*PASSING)
    plain = {name: {"outcome": "passed", "duration": 0.5} for name in ("setup", "call", "teardown")}
    assert fold.session().items == (json_report.parse_item({"nodeid": "a.py::t", "lineno": 4, **plain}),)
    assert fold.session().items[0].stages is PLAIN


# -- what the report has and the lines had not


def in_report(nodeid: str, **stages: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    plain = {"outcome": "passed", "duration": 0.5}
    return "tests", {"nodeid": nodeid, "lineno": 4, "outcome": "passed", "setup": plain, **stages}


WHOLE = {"call": {"outcome": "passed"}, "teardown": {"outcome": "passed"}}
BAD = {"call": {"outcome": "failed", "longrepr": "E   boom", "message": "boom"}, "teardown": {"outcome": "passed"}}


def added(fold: SessionBuilder, *members: tuple[str, Any]) -> list[stream.News]:
    return fold.add([(name, value, "") for name, value in members])


def test_a_test_that_no_line_told_of_is_taken_from_the_report() -> None:
    fold, _ = fed(*PASSING)
    (failed, passed) = added(fold, in_report("a.py::lost", **BAD), in_report("a.py::other", **WHOLE))
    assert isinstance(failed, Finding)
    assert (failed.item.nodeid, failed.stage and failed.stage.outcome) == ("a.py::lost", Outcome.FAILED)
    assert isinstance(passed, Finding)
    assert (passed.item.nodeid, passed.stage) == ("a.py::other", None)
    assert [item.nodeid for item in fold.session().items] == ["a.py::t", "a.py::lost", "a.py::other"]


@rule("The tests' side: the stream lost lines")
def test_a_test_whose_last_lines_were_lost_is_completed_by_the_report() -> None:
    fold, _ = fed(begin(), stage("setup"))
    (finding,) = added(fold, in_report("a.py::t", **WHOLE))
    assert finding == Finding(item=fold.session().items[0])
    assert fold.session().items[0].passed


def test_a_failure_that_a_line_told_is_not_told_again() -> None:
    fold, _ = fed(begin(), stage("setup"), stage("call", "failed", **FAILED))
    assert added(fold, in_report("a.py::t", **BAD)) == []
    assert fold.session().items[0].is_finished


def test_a_report_that_says_no_more_changes_nothing() -> None:
    fold, _ = fed(
        *PASSING,
        {"event": "collector", "nodeid": "x.py", "outcome": "failed", "message": "E"},
        {"event": "warning", "category": "UserWarning", "message": "m", "filename": "/a.py", "lineno": 2},
        {"event": "end", "exit_status": 1, "stopped": "", "duration": 1},
    )
    before = fold.session()
    news = added(
        fold,
        ("root", "/elsewhere"),
        ("exitcode", 0),
        ("collectors", {"nodeid": "x.py", "outcome": "failed"}),
        ("collectors", {"nodeid": "y.py", "outcome": "passed"}),
        ("warnings", {"category": "UserWarning", "message": "m", "filename": "/a.py", "lineno": 2}),
        in_report("a.py::t", **WHOLE),
    )
    assert news == []
    assert fold.session() == replace(before, root="/elsewhere")


def test_of_the_session_itself_the_report_says_what_no_line_has() -> None:
    fold, _ = fed()
    warning = {"category": "UserWarning", "message": "m", "filename": "/a.py", "lineno": 2}
    news = added(
        fold,
        ("duration", 2.5),
        ("exitcode", 2),
        ("root", "/repo"),
        ("summary", {"collected": 9, "deselected": 4}),
        ("collectors", {"nodeid": "x.py", "outcome": "failed", "longrepr": "E"}),
        ("warnings", warning),
    )
    told = fold.session()
    assert (told.exit_status, told.root, told.collected, told.deselected) == (2, "/repo", 5, 4)
    assert told.duration_seconds == 2.5
    assert [type(each) for each in news] == [Collector, RecordedWarning]


@pytest.mark.parametrize("value", [None, 3, "x", [], {}, {"summary": 1}, {"collected": "x"}])
@pytest.mark.parametrize("name", ["tests", "collectors", "warnings", "summary", "exitcode", "duration", "root", "x"])
def test_a_member_of_another_shape_never_fails(name: str, value: object) -> None:
    fold, _ = fed(*PASSING)
    added(fold, (name, value))
    assert fold.session().items[0].passed


# -- numbers that cannot be


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
def test_a_line_with_an_impossible_number_is_lost(event: dict[str, Any], name: str, number: object) -> None:
    fold, _ = fed(begin(0, "a.py::t"), begin(1, "a.py::u"), {**event, name: number})
    assert fold.session().lost_records == 1
    assert (fold.session().collected, fold.session().deselected) == (None, 0)
    assert [item.stages for item in fold.session().items] == [(), ()]


@pytest.mark.parametrize("number", IMPOSSIBLE, ids=IMPOSSIBLE_IDS)
def test_an_impossible_exit_status_is_lost_with_its_line(number: object) -> None:
    fold, _ = fed({"event": "end", "exit_status": number, "stopped": "", "duration": 1})
    assert (fold.session().exit_status, fold.session().lost_records) == (None, 1)


def test_an_exit_status_may_be_negative() -> None:
    fold, _ = fed({"event": "end", "exit_status": -1, "stopped": "", "duration": 1})
    assert fold.session().exit_status == -1


@pytest.mark.parametrize("number", [*IMPOSSIBLE, -1], ids=[*IMPOSSIBLE_IDS, "-1"])
def test_an_impossible_line_number_is_unknown(number: object) -> None:
    warning = {"event": "warning", "category": "W", "message": "m", "filename": "/a.py", "lineno": number}
    places = [["/a.py", number], ["/a.py", 3]]
    fold, _ = fed({**begin(), "lineno": number}, stage("call", "failed", **{**FAILED, "places": places}), warning)
    (item,) = fold.session().items
    assert item.line is None
    assert item.stages[0].details is not None
    assert [place.line for place in item.stages[0].details.locations] == [3]
    assert fold.session().warnings[0].location.line == 1


@pytest.mark.parametrize("number", [*IMPOSSIBLE, -1], ids=[*IMPOSSIBLE_IDS, "-1"])
def test_of_a_report_an_impossible_number_is_left_out(number: object) -> None:
    fold, _ = fed()
    added(
        fold,
        ("summary", {"collected": number, "deselected": 1}),
        ("duration", None if number == 1.5 else number),
        ("tests", {"nodeid": "a.py::t", "outcome": "failed", "lineno": number, "call": {"outcome": "failed"}}),
    )
    session = fold.session()
    assert (session.collected, session.deselected, session.items[0].line) == (None, 0, None)
    assert 0 <= session.duration_seconds < 1e9 + 2


@pytest.mark.parametrize("number", IMPOSSIBLE, ids=IMPOSSIBLE_IDS)
def test_of_a_report_an_impossible_exit_status_is_left_out(number: object) -> None:
    fold, _ = fed()
    added(fold, ("exitcode", number))
    assert fold.session().exit_status is None
