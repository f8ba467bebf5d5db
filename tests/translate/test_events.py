from __future__ import annotations

import json
from itertools import count
from typing import Any

import pytest

from checks.translate import events
from checks.translate.events import Finding, Fold
from checks.translate.redact import Redactor
from checks.words.session import Collector, Item, Outcome, Session, StageName, Warned


def untouched(entry: Any) -> Any:
    return entry


def lines(*entries: dict[str, Any]) -> list[bytes]:
    numbers = count()
    return [json.dumps({"seq": next(numbers), **entry}).encode() for entry in entries]


def begin(test: int = 0, nodeid: str = "a.py::t") -> dict[str, Any]:
    return {"event": "test", "test": test, "nodeid": nodeid, "lineno": 4}


def stage(when: str, outcome: str = "passed", test: int = 0, **more: Any) -> dict[str, Any]:
    return {"event": "stage", "test": test, "when": when, "outcome": outcome, "duration": 0.5, **more}


def fed(*entries: dict[str, Any]) -> tuple[Fold, list[events.News]]:
    fold = Fold(untouched)
    return fold, [news for line in lines(*entries) for news in fold.feed(line)]


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
        (item,) = fold.session().running
        assert item.running is stage_name


def test_the_session_s_facts_are_folded() -> None:
    fold, _ = fed(
        {"event": "session", "root": "/repo", "pytest": "9.0", "python": "3.13"},
        {"event": "collected", "number": 3, "deselected": 1},
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
        stopped="why",
        duration_seconds=2.0,
    )


def test_a_collector_is_news_once_and_a_warning_each_time() -> None:
    error = {"event": "collector", "nodeid": "a.py", "outcome": "failed", "message": "E"}
    warning = {"event": "warning", "category": "UserWarning", "message": "m", "filename": "/a.py", "lineno": 2}
    fold, news = fed(error, error, warning, warning)
    assert [type(each) for each in news] == [Collector, Warned, Warned]
    assert len(fold.session().collectors) == 2


@pytest.mark.parametrize(
    "junk",
    [
        *(b"", b"\n", b"{", b"[]", b"null", b"3", b'"seq"', b"{}", b'{"seq": 0}', b"\xff\xfe", b"[" * 100_000),
        *(b'{"seq": 0, "event": "stage", "test": 7}', b'{"seq": "x", "event": "end"}', b'{"seq": 0, "event": "end"}'),
    ],
    ids=lambda junk: repr(junk[:20]),
)
def test_junk_on_the_channel_is_counted_at_most(junk: bytes) -> None:
    fold = Fold(untouched)
    assert fold.feed(junk) == ()
    assert fold.session().items == ()
    assert fold.session().lost == (1 if junk.strip() else 0)


def test_an_unknown_event_is_ignored() -> None:
    fold, news = fed({"event": "lunch"}, *PASSING)
    assert len(news) == 1
    assert fold.session().lost == 0


def test_missing_records_are_counted() -> None:
    fold = Fold(untouched)
    for line in [json.dumps({"seq": seq, "event": "lunch"}).encode() for seq in (0, 1, 4)]:
        fold.feed(line)
    assert fold.session().lost == 2


def test_tracebacks_beyond_the_budget_are_kept_by_their_message_alone() -> None:
    big = {**FAILED, "text": "x" * (events.DETAILS_BYTES // 2)}
    tests = [entry for n in range(3) for entry in (begin(n, f"a.py::t{n}"), stage("call", "failed", n, **big))]
    fold, news = fed(*tests)
    kept = [item.stages[0].details for item in fold.session().items]
    assert [len(details.traceback) for details in kept if details] == [len(big["text"])] * 2 + [0]
    assert [details.message for details in kept if details] == ["E"] * 3
    told = [each.stage.details for each in news if isinstance(each, Finding) and each.stage]
    assert [len(details.traceback) for details in told if details] == [len(big["text"])] * 3


def test_the_findings_of_a_whole_session_are_those_of_its_stream() -> None:
    fold, news = fed(
        {"event": "collector", "nodeid": "x.py", "outcome": "failed", "message": "E"},
        begin(0, "a.py::ok"), stage("setup"), stage("call"), stage("teardown"),
        begin(1, "a.py::bad"), stage("setup", test=1), stage("call", "failed", 1, **FAILED),
        stage("teardown", "failed", 1),
        begin(2, "a.py::skip"), stage("setup", "skipped", 2, category="skipped"), stage("teardown", test=2),
        {"event": "warning", "category": "UserWarning", "message": "m", "filename": "/a.py", "lineno": 2},
    )  # fmt: skip
    assert [described(each) for each in events.findings(fold.session())] == [described(each) for each in news]


def described(news: events.News) -> tuple[str, str]:
    match news:
        case Finding(item=Item(nodeid=nodeid), stage=stage):
            return nodeid, str(stage and (stage.name, stage.outcome))
        case Collector(nodeid=nodeid):
            return nodeid, "collector"
        case Warned(message=message):
            return message, "warning"


def test_whatever_the_tests_have_a_say_in_is_cleaned_first() -> None:
    redact = Redactor(["hunter2-hunter2"])
    secret = "hunter2-hunter2"
    fold = Fold(redact.redact_json)
    told = [
        begin(0, f"a.py::t[{secret}]"),
        stage("call", "failed", **{**FAILED, "text": secret, "message": secret, "sections": [["out", secret]]}),
        {"event": "collector", "nodeid": "x.py", "outcome": "failed", "message": secret},
        {"event": "warning", "category": "UserWarning", "message": secret, "filename": "/a.py", "lineno": 2},
        {"event": "internal_error", "text": secret},
        {"event": "end", "exit_status": 1, "stopped": secret, "duration": 1},
    ]
    news = [each for line in lines(*told) for each in fold.feed(line)]
    assert len(news) == 3
    assert secret not in repr(news) + repr(fold.session())
    assert repr(fold.session()).count("***") == 8
