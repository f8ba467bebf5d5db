"""What an annotation says about the base, and what its readers make of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks.core.github import payload
from checks.core.history.base_state import key_at_once, line, marked, split, state_of
from checks.core.model.check_run import Annotation, AnnotationLevel
from checks.core.model.history import Base, BaseState, NoBase
from checks.core.model.item import Outcome
from checks.core.model.limits import ANNOTATION_TEXT_BYTES
from checks.core.rerun.previous_run import parse_failure
from tests.support.bases import base_of
from tests.support.rerun.check_runs import OPEN
from tests.support.rules import rule
from tests.support.sessions import collector, error, failed, flaky, item, session, skipped, stage

NODEID = "tests/test_a.py::test_x"
OTHER = item("tests/test_a.py::test_other")
FAILURE = Annotation(
    path="tests/test_a.py", line=7, level=AnnotationLevel.FAILURE, title=NODEID, message="E: 1", key=key_at_once(NODEID)
)
PASSED, FAILING = base_of(session(OTHER, item(NODEID))), base_of(session(OTHER, item(NODEID, call=failed())))
XFAILED = item("tests/test_a.py::test_later", call=stage(Outcome.XFAILED))


@rule("Compare: a failing test passed on the base")
def test_annotation_says_that_the_test_passed_on_the_base() -> None:
    assert marked(FAILURE, PASSED).message == "E: 1\nNew: passed on main at c0ffee1."


def test_list_of_passed_tests_tells_them_from_expected_failures() -> None:
    base = base_of(session(item(NODEID), XFAILED))
    lines = [line(key_at_once(nodeid), nodeid, base) for nodeid in (NODEID, XFAILED.nodeid)]
    assert lines == ["New: passed on main at c0ffee1.", "New: did not fail on main at c0ffee1."]


def test_no_claim_about_a_test_that_ran_several_times_on_the_base() -> None:
    assert line(key_at_once(NODEID), NODEID, base_of(session(item(NODEID), item(NODEID)))) == ""


@rule("Compare: a failing test was skipped or not collected on the base")
@pytest.mark.parametrize(
    ("base", "text"),
    [
        (base_of(session(OTHER, item(NODEID, call=skipped()))), "New: skipped on main at c0ffee1."),
        (base_of(session(OTHER)), "New: not collected on main at c0ffee1."),
    ],
)
def test_annotation_says_why_the_test_has_no_result_on_the_base(base: Base, text: str) -> None:
    assert marked(FAILURE, base).message == f"E: 1\n{text}"


@rule("Compare: a failing test did not fail on the base, which does not say whether it passed")
@pytest.mark.parametrize(
    ("base", "nodeid"),
    [
        (base_of(session(item(NODEID)), collected=None), NODEID),
        (base_of(session(item(NODEID)), skipped=None), NODEID),
        (replace(base_of(session(item(NODEID), XFAILED)), text=""), NODEID),
        (base_of(session(item(NODEID))), "tests/test_a.py"),
    ],
    ids=["no list of tests", "no list of skipped tests", "maybe an expected failure", "module"],
)
def test_annotation_claims_no_more_than_the_base_says(base: Base, nodeid: str) -> None:
    assert line(key_at_once(nodeid), nodeid, base) == "New: did not fail on main at c0ffee1."


@rule("Compare: a failing test fails on the base, in this stage or another")
@pytest.mark.parametrize(
    ("base", "nodeid"),
    [
        (FAILING, NODEID),
        (base_of(session(item(NODEID, setup=error()))), NODEID),
        (base_of(session(item(NODEID)), quarantined=frozenset({key_at_once(NODEID)})), NODEID),
        (base_of(session(collectors=[collector("tests/test_a.py")])), "tests/test_a.py"),
    ],
    ids=["call", "setup", "quarantined", "module"],
)
def test_annotation_says_that_the_test_fails_on_the_base(base: Base, nodeid: str) -> None:
    assert line(key_at_once(nodeid), nodeid, base) == "Also fails on main at c0ffee1."


@rule("Compare: a failing test is flaky on the base")
def test_annotation_says_that_the_test_is_flaky_on_the_base() -> None:
    assert line(key_at_once(NODEID), NODEID, base_of(session(flaky(NODEID)))) == "Flaky on main at c0ffee1."


@pytest.mark.parametrize(
    "base",
    [
        None,
        NoBase(reason="x"),
        replace(PASSED, instead_of="x"),
        base_of(session(item(NODEID)), is_partial=True),
        base_of(session(item(NODEID)), failed=None),
    ],
    ids=["late", "no base", "ancestor", "partial", "no list of failures"],
)
def test_annotation_is_unchanged_if_nothing_is_known(base: Base | NoBase | None) -> None:
    assert marked(FAILURE, base) is FAILURE
    assert state_of(FAILURE.key, base) is None


def test_test_without_a_key_has_no_state() -> None:
    assert state_of(0, PASSED) is None


@pytest.mark.parametrize(
    ("branch", "text"),
    [
        ("", "New: passed at c0ffee1."),
        ("a\nb", "New: passed on a b at c0ffee1."),
        ("x" * 200, f"New: passed on {'x' * 59}… at c0ffee1."),
        ("\U0001f600", "New: passed on \\U0001f600 at c0ffee1."),
    ],
    ids=["none", "newline", "long", "rejected by GitHub"],
)
def test_line_is_read_whatever_the_branch_is_called(branch: str, text: str) -> None:
    message = marked(FAILURE, replace(PASSED, branch=branch)).message
    assert message == f"E: 1\n{text}"
    assert split(message) == ("E: 1", BaseState.NEW)


@rule("Compare: an annotation is read by failures, or by a re-run")
@pytest.mark.parametrize(
    ("base", "state"),
    [
        (PASSED, "new"),
        (base_of(session(OTHER)), "new"),
        (FAILING, "failing"),
        (base_of(session(flaky(NODEID))), "flaky"),
        (None, ""),
    ],
)
def test_readers_separate_the_message_from_the_base(base: Base | None, state: str) -> None:
    (sent,) = payload.update(OPEN, [marked(FAILURE, base)])["output"]["annotations"]
    returned = parse_failure(sent)
    assert returned is not None
    assert (returned.message, returned.base) == ("E: 1", state)


@pytest.mark.parametrize("message", ["", "New: passed on main at c0ffee1.", "E\nNew: passed", "E\nNew: x at c0ffee1."])
def test_other_messages_are_left_alone(message: str) -> None:
    assert split(message) == (message, None)


@rule("Compare: a message that is longer than GitHub allows")
@pytest.mark.parametrize("character", ["x", "ü", "\U0001f600"])
def test_line_follows_a_truncated_message(character: str) -> None:
    annotation = marked(replace(FAILURE, message=character * ANNOTATION_TEXT_BYTES), PASSED)
    (sent,) = payload.update(OPEN, [annotation])["output"]["annotations"]
    assert sent["message"].endswith(" more bytes\nNew: passed on main at c0ffee1.")
    assert len(sent["message"].encode()) <= ANNOTATION_TEXT_BYTES
