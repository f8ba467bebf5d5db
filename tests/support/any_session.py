"""Hypothesis strategies for arbitrary sessions."""

from __future__ import annotations

from hypothesis import strategies as st

from checks.core.model.item import Details, Item, Location, Outcome, Section, Stage, StageName
from checks.core.model.job import ExitReason, ProcessExit
from checks.core.model.session import Collector, RecordedWarning, Session

#: Includes lone surrogates and control characters.
TEXTS = st.text(st.characters(codec=None), max_size=20) | st.sampled_from(
    [
        "",
        "```",
        "`",
        "</details>",
        "<details>",
        "@octocat #12",
        "a|b",
        "\x1b[31m",
        "\x00",
        "\ud800",
        "x" * 3_000,
        "\n\n",
    ]
)
PLACES = st.builds(Location, path=TEXTS, line=st.integers(0, 10))
SECONDS = st.floats(0, 1e6)
DETAILS = st.builds(
    Details,
    message=TEXTS,
    locations=st.lists(PLACES, max_size=2).map(tuple),
    traceback=TEXTS,
    captured=st.lists(st.builds(Section, title=TEXTS, text=TEXTS), max_size=1).map(tuple),
    properties=st.lists(st.tuples(TEXTS, TEXTS), max_size=2).map(tuple),
)
STAGES = st.builds(
    Stage,
    name=st.sampled_from(StageName),
    outcome=st.sampled_from(Outcome),
    duration_seconds=SECONDS,
    subtest=st.none() | TEXTS,
    details=st.none() | DETAILS,
)
ITEMS = st.builds(
    Item,
    nodeid=TEXTS,
    line=st.none() | st.integers(1, 10),
    defined_in=TEXTS,
    stages=st.lists(STAGES, max_size=4).map(tuple),
)
COLLECTORS = st.builds(
    Collector, nodeid=TEXTS, outcome=st.sampled_from([Outcome.ERROR, Outcome.SKIPPED]), details=DETAILS
)
WARNINGS = st.builds(RecordedWarning, category=TEXTS, message=TEXTS, location=PLACES, nodeid=TEXTS)
SESSIONS = st.builds(
    Session,
    root=st.just("/repo"),
    pytest_version=st.sampled_from(["", "9.2.0"]),
    items=st.lists(ITEMS, max_size=4).map(tuple),
    collectors=st.lists(COLLECTORS, max_size=2).map(tuple),
    warnings=st.lists(WARNINGS, max_size=2).map(tuple),
    collected=st.none() | st.integers(0, 6),
    deselected=st.integers(0, 2),
    duration_seconds=SECONDS,
    exit_status=st.none() | st.integers(0, 7),
    stop_reason=TEXTS,
    internal_error=TEXTS,
    lost_records=st.integers(0, 2),
    reports_without_tests=st.integers(0, 2),
)
PROCESS_EXITS = st.builds(
    ProcessExit,
    reason=st.sampled_from(ExitReason),
    exit_status=st.none() | st.integers(0, 7),
    signal=st.sampled_from(["", "SIGSEGV", "SIGKILL"]),
    output=TEXTS,
    phase=st.sampled_from(["", "install", "collection", "tests"]),
)
