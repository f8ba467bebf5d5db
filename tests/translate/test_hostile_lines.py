"""Whatever the tests write where our plugin writes, nothing breaks, leaves the repository or cannot be sent."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.translate import kept_report, markdown, outputs, payload, rebuilt_report, titles
from checks.translate.annotations import Annotator
from checks.translate.conclusion import conclude
from checks.translate.fold import Fold
from checks.translate.redact import Redactor
from checks.words.check_run import CheckRun, Output, Status
from checks.words.job import Checkout, Context, Ended, Ending, Repository
from checks.words.settings import Settings

SECRET = "hunter2hunter2"
REDACT = Redactor([SECRET])
REPOSITORY = Repository(root="/repo", tracked=frozenset({"a.py"}), fallback="a.py")
CONTEXT = Context(repository="o/r", head_sha="a" * 40)

NUMBERS = st.sampled_from(
    [10**30, -(10**30), 2**63, -1, 0, 1, 2, 0.5, 1e308, float("inf"), float("-inf"), float("nan")]
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


def told(fold: Fold, news: list[Any], ended: Ended) -> str:
    """All that is sent and kept of a session, as text."""
    session = fold.session()
    annotator = Annotator(repository=REPOSITORY, root=session.root or "/repo")
    annotations = [annotation for each in news if (annotation := annotator.annotate(each)) is not None]
    annotations += [*annotator.running(session, ended), *annotator.passed_in_files(session.items)]
    assert {annotation.path for annotation in annotations} <= REPOSITORY.tracked
    verdict = conclude(session, ended, Settings(), Checkout.HEAD)
    frame = markdown.Frame(url_of=markdown.links(CONTEXT, REPOSITORY, session.root))
    summary, text = markdown.summary(session, verdict, frame), markdown.text(session)
    run = CheckRun(
        name="pytest",
        head_sha=CONTEXT.head_sha,
        external_id="x",
        details_url="",
        status=Status.COMPLETED,
        output=Output(title=verdict.title, summary=summary, text=text),
        started_at=0.0,
        completed_at=1.0,
        conclusion=verdict.conclusion,
    )
    body = json.dumps(payload.update(run, annotations[:50]), allow_nan=False)
    live = markdown.live_summary(session, frame) + titles.live_title(session, 1.0)
    return body + live + json.dumps(outputs.outputs(session, verdict.conclusion, None, ""))


@settings(max_examples=60)
@given(st.lists(ENTRIES, max_size=6), st.lists(MEMBERS, max_size=3), st.sampled_from(Ending))
def test_whatever_lines_and_report_say_all_can_be_sent(
    entries: list[Any], members: list[tuple[str, Any]], how: Ending
) -> None:
    fold = Fold(REDACT.redact_json)
    lines = [json.dumps(entry).encode() for entry in entries]
    news = fold.feed(lines)
    news += fold.add([(name, value, "") for name, value in members])
    sent = told(fold, news, Ended(how=how, exit_status=0))
    kept = "".join(kept_report.pieces(rebuilt_report.rebuild(lines), REDACT.redact_json))
    assert SECRET not in sent + kept


@pytest.mark.parametrize(
    "broken", [{"sections": None}, {"sections": [None]}, {"duration": float("inf")}, {"places": 1}]
)
def test_what_is_no_member_of_a_report_of_ours_is_left_out(broken: dict[str, Any]) -> None:
    fold = Fold(REDACT.redact_json)
    whole = {"nodeid": "a.py::u", "outcome": "passed", "call": {"outcome": "passed", "duration": 1}}
    members: list[tuple[str, Any]] = [
        ("collectors", {"nodeid": "a.py", "outcome": "failed", **broken}),
        ("tests", {"nodeid": "a.py::t", "outcome": "failed", "call": {"outcome": "failed", **broken}}),
        ("tests", whole),
    ]
    fold.add([(name, value, "") for name, value in members])
    assert "a.py::u" in [item.nodeid for item in fold.session().items]


@given(
    st.lists(st.binary(max_size=60) | st.sampled_from([b"[" * 10_000, b"1" * 10_000, b'{"seq": 1e999}']), max_size=5)
)
def test_what_is_no_line_of_ours_is_counted(lines: list[bytes]) -> None:
    fold = Fold(REDACT.redact_json)
    assert fold.feed(lines) == []
    assert fold.session().lost >= len(lines)
