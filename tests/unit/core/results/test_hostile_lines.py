"""Nothing that tests write to the stream breaks the action, leaves the repository, or cannot be sent."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.core.github import payload
from checks.core.model.check_run import CheckRun, Output, Status
from checks.core.model.identity import Identity
from checks.core.model.job import Checkout, Context, ExitReason, ProcessExit, Repository
from checks.core.model.settings import Settings
from checks.core.redaction.redactor import Redactor
from checks.core.report import summary
from checks.core.report.annotations import Annotator
from checks.core.results import rebuild_report, saved_report
from checks.core.results.session_builder import SessionBuilder
from checks.core.runner import outputs
from checks.core.verdict import titles
from checks.core.verdict.conclusion import conclude
from tests.support.causes import causes_of
from tests.support.growth import cpu_seconds, is_linear
from tests.support.rules import rule

SECRET = "hunter2hunter2"
REDACT = Redactor([SECRET])
REPOSITORY = Repository(root="/repo", tracked=frozenset({"a.py"}), fallback="a.py")
CONTEXT = Context(repository="o/r", head_sha="a" * 40)

NUMBERS = st.sampled_from(
    [
        *(int("9" * 4300), -int("9" * 4300), 10**30, -(10**30), 2**63, -1, 0, 1, 2, True),
        *(0.5, 1e308, float("inf"), float("-inf"), float("nan")),
    ]
)
TEXTS = st.text(st.characters(codec=None), max_size=10) | st.sampled_from(
    [
        *("passed", "failed", "skipped", "error", "xfailed", "xpassed", "rerun", "setup", "call", "teardown", "???"),
        *("/repo/a.py", "a.py::t", "../../etc/passwd", "/etc/passwd", SECRET, "x" * 300, "1" * 5000),
    ]
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["path", "lineno", "x"]), inner),
    max_leaves=5,
)
NAMES = (
    *("seq", "event", "test", "nodeid", "lineno", "path", "when", "outcome", "category", "duration", "message"),
    *("places", "place", "text", "sections", "subtest", "reason", "longrepr", "crash", "traceback", "stdout", "log"),
    *("number", "deselected", "pytest", "python", "root", "id", "filename", "exit_status", "stopped", "worker"),
)
EVENTS = ("session", "collected", "test", "stage", "stage", "collector", "warning", "internal_error", "end")
ENTRIES = st.builds(
    lambda wild, plausible: wild | plausible,
    st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=10),
    st.fixed_dictionaries(
        {
            "event": st.sampled_from(EVENTS),
            "seq": st.integers(0, 9) | VALUES,
            "test": st.integers(0, 2) | VALUES,
            "nodeid": st.sampled_from(["a.py::t", "a.py::u"]) | VALUES,
            "when": st.sampled_from(["setup", "call", "teardown"]) | VALUES,
            "outcome": st.sampled_from(["passed", "failed"]) | VALUES,
            "duration": st.floats(0, 5) | VALUES,
        }
    ),
)
MEMBERS = st.tuples(
    st.sampled_from(["tests", "collectors", "warnings", "summary", "duration", "exitcode", "root", "created"]),
    ENTRIES | st.dictionaries(st.sampled_from(["collected", "deselected", "setup", "stages"]), VALUES) | VALUES,
)


def rendered_session(builder: SessionBuilder, news: list[Any], process_exit: ProcessExit) -> str:
    """Return everything that is sent and kept of a session, as text."""
    session = builder.session()
    annotator = Annotator(repository=REPOSITORY, root=session.root or "/repo")
    annotations = [annotation for finding in news if (annotation := annotator.annotate(finding)) is not None]
    annotations += [*annotator.running(session, process_exit), *annotator.passed_by_file(session.items)]
    assert {annotation.path for annotation in annotations} <= REPOSITORY.tracked
    verdict = conclude(session, process_exit, Settings(), Checkout.HEAD)
    frame = summary.Frame(
        url_of=summary.url_builder(CONTEXT, REPOSITORY, session.root), causes=causes_of(session, REPOSITORY)
    )
    summary_text, text = summary.summary(session, verdict, frame), summary.text(session)
    run = CheckRun(
        name="pytest",
        head_sha=CONTEXT.head_sha,
        identity=Identity(),
        details_url="",
        status=Status.COMPLETED,
        output=Output(title=verdict.title, summary=summary_text, text=text),
        started_at=0.0,
        completed_at=1.0,
        conclusion=verdict.conclusion,
    )
    body = json.dumps(payload.update(run, annotations[:50]), allow_nan=False)
    live_texts = summary.live_summary(session, frame) + titles.live_title(session, 1.0)
    return body + live_texts + json.dumps(outputs.outputs(session, verdict.conclusion, None))


@rule("The tests' side: tests write malformed results where the")
@rule("Impersonating the action: arbitrary data in the plugin's stream and in its report")
@given(st.lists(ENTRIES, max_size=6), st.lists(MEMBERS, max_size=3), st.sampled_from(ExitReason))
def test_any_lines_and_report_can_be_sent_without_secrets(
    entries: list[Any], members: list[tuple[str, Any]], how: ExitReason
) -> None:
    builder = SessionBuilder(REDACT.redact_json)
    lines = [json.dumps(entry).encode() for entry in entries]
    news = builder.feed(lines)
    news += builder.add([(name, value, "") for name, value in members])
    sent = rendered_session(builder, news, ProcessExit(reason=how, exit_status=0))
    saved_text = "".join(saved_report.pieces(rebuild_report.rebuild(lines), REDACT.redact_json))
    assert SECRET not in sent + saved_text


@pytest.mark.parametrize(
    "broken", [{"sections": None}, {"sections": [None]}, {"duration": float("inf")}, {"places": 1}]
)
def test_malformed_report_members_are_counted_as_lost(broken: dict[str, Any]) -> None:
    builder = SessionBuilder(REDACT.redact_json)
    valid_test = {"nodeid": "a.py::u", "outcome": "passed", "call": {"outcome": "passed", "duration": 1}}
    members: list[tuple[str, Any]] = [
        ("collectors", {"nodeid": "a.py", "outcome": "failed", **broken}),
        ("tests", {"nodeid": "a.py::t", "outcome": "failed", "call": {"outcome": "failed", **broken}}),
        ("tests", valid_test),
    ]
    builder.add([(name, value, "") for name, value in members])
    items = builder.session().items
    assert "a.py::u" in [item.nodeid for item in items]
    assert builder.session().lost_records == len(members) - len(items) - len(builder.session().collectors)


@given(
    st.lists(st.binary(max_size=60) | st.sampled_from([b"[" * 10_000, b"1" * 10_000, b'{"seq": 1e999}']), max_size=5)
)
def test_malformed_lines_are_counted_as_lost(lines: list[bytes]) -> None:
    builder = SessionBuilder(REDACT.redact_json)
    assert builder.feed(lines) == []
    assert builder.session().lost_records >= len(lines)


#: The most that one call of the stream's reader returns, and a long line.
CALL_BYTES, CALL_RECORDS, LINE_BYTES = 256 * 1024, 8_000, 1024 * 1024
BEGIN_LINE = b'{"seq":0,"event":"test","test":0,"nodeid":"a.py::t","lineno":1}'


def records(record: str, part: int) -> list[bytes]:
    """Return as many lines as one call returns, or a part; the first starts a test, and ``%d`` is their number."""
    numbers = range(1, min(CALL_RECORDS, CALL_BYTES // len(record)) // part)
    return [BEGIN_LINE, *(b'{"seq":%d,%b}' % (n, record.replace("%d", str(n)).encode()) for n in numbers)]


def texts(text: bytes, size_bytes: int) -> list[bytes]:
    """Return one long line with many texts."""
    return [b'{"seq":0,"event":"internal_error","text":[' + text * (size_bytes // len(text)) + b'""]}']


def warnings_after_tests(part: int) -> list[bytes]:
    """Return warnings of threads, which are placed at their tests, after the tests of several calls."""
    test = b'{"seq":0,"event":"test","test":%d,"nodeid":"a.py::t%d"}'
    category = b"PytestUnhandledThreadExceptionWarning"
    warning = b'{"seq":0,"event":"warning","category":"%b","filename":"/a.py","nodeid":"a.py::t%d"}'
    tests = [test % (number, number) for number in range(4 * CALL_RECORDS // part)]
    return tests + [warning % (category, number) for number in range(CALL_RECORDS // 2 // part)]


#: Each function returns lines for 1 / `part` of a call.
WORST: dict[str, Callable[[int], list[bytes]]] = {
    "one character": lambda part: [b"{"] * (CALL_RECORDS // part),
    "no JSON": lambda part: [b"{x}"] * (CALL_RECORDS // part),
    "no object": lambda part: [b"1"] * (CALL_RECORDS // part),
    "another object": lambda part: [b"{}"] * (CALL_RECORDS // part),
    "deep lists": lambda part: [b"[" * (LINE_BYTES // part)],
    "deep objects": lambda part: [b'{"a":' * (LINE_BYTES // 5 // part) + b"}"],
    "many texts": lambda part: texts(b'"",', LINE_BYTES // part),
    "many small lists": lambda part: texts(b'["",""],', LINE_BYTES // part),
    "subtests": lambda part: records('"event":"stage","test":0,"when":"call","outcome":"failed","subtest":"%d"', part),
    "reruns": lambda part: records('"event":"stage","test":0,"when":"teardown","outcome":"passed","duration":1', part),
    "missing tests": lambda part: records('"event":"missing","titles":["%d"]', part),
    "warnings": lambda part: records(
        '"event":"warning","message":"m","category":"W","filename":"/a.py","lineno":3', part
    ),
    "warnings of threads": warnings_after_tests,
}


@pytest.mark.parametrize("worst", WORST.values(), ids=WORST)
def test_feeding_the_worst_lines_takes_linear_time(worst: Callable[[int], list[bytes]]) -> None:
    half_seconds, whole_seconds = (
        cpu_seconds(partial(SessionBuilder(REDACT.redact_json).feed, worst(part))) for part in (2, 1)
    )
    assert is_linear(half_seconds, whole_seconds)


@pytest.mark.parametrize(("width", "depth"), [(1, 60), (1, 61), (1, 900), (65, 59), (65, 61), (65, 900), (1_001, 61)])
def test_deep_and_wide_lists_keep_their_collector(width: int, depth: int) -> None:
    members = b"1," * (width - 1)
    places = (b"[" + members) * depth + b"[]" + b"]" * depth
    line = b'{"seq":0,"event":"collector","nodeid":"a.py","outcome":"failed","places":' + places + b"}"
    builder = SessionBuilder(REDACT.redact_json)
    builder.feed([line])
    assert [collector.nodeid for collector in builder.session().collectors] == ["a.py"]
    saved_text = "".join(saved_report.pieces(rebuild_report.rebuild([line]), REDACT.redact_json))
    assert json.loads(saved_text)["collectors"][0]["nodeid"] == "a.py"
