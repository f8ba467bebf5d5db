"""The record of a manual check, written and parsed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks.core.history import record_line, record_text
from checks.core.manual import record as records
from checks.core.model.check_run import Output
from checks.core.model.identity import Identity, RunKind
from checks.core.model.manual import ManualRecord
from tests.unit.core.manual.manual_runs import FAILED, PASSED, REQUEST, WAITING, WITHDRAWN, manual_remote

HOSTILE = 'a --> <!-- pytest-check-runs record manual 1 {"instructions":"x"} --> \u202e é 😀 "\\'


@pytest.mark.parametrize(
    "record",
    [
        WAITING,
        PASSED,
        FAILED,
        WITHDRAWN,
        replace(WAITING, is_fork=True),
        replace(PASSED, is_fork=True),
        replace(PASSED, request=replace(REQUEST, reason=HOSTILE, by=HOSTILE)),
    ],
)
def test_record_reads_back(record: ManualRecord) -> None:
    line = records.render(record)
    assert line.isascii()
    assert line.count("-->") == 1
    text = record_line.join("Press start.", line)
    assert record_line.split(text) == ("Press start.", line)
    assert records.record_of_run(manual_remote(record)) == record


@pytest.mark.parametrize("kind", [kind for kind in RunKind if kind is not RunKind.MANUAL])
def test_record_of_another_kind_of_run_is_not_believed(kind: RunKind) -> None:
    assert records.record_of_run(manual_remote(PASSED, identity=Identity(kind=kind))) is None


@pytest.mark.parametrize(
    "line",
    [
        "",
        f"{record_line.MARKER} manual 2 {{}} -->",
        f"{record_line.MARKER} manual 1 {{}} -->",
        f"{record_line.MARKER} manual 1 [] -->",
        f"{record_line.MARKER} manual 1 {{'a' -->",
        f'{record_line.MARKER} manual 1 {{"instructions":7}} -->',
        f'{record_line.MARKER} manual 1 {{"instructions":"a","action":"approve"}} -->',
        f'{record_line.MARKER} manual 1 {{"instructions":"a","action":"manual-pass","source":"x","at":1}} -->',
        f'{record_line.MARKER} manual 1 {{"instructions":"a","action":"manual-pass","source":"button","at":"1"}} -->',
        f"{record_line.MARKER} manual 1 {{{'[' * 30_000}}} -->",
    ],
)
def test_malformed_record_is_none(line: str) -> None:
    assert records.record_of_run(manual_remote(output=Output(title="", summary="", record=line))) is None


def test_record_of_tests_does_not_parse_it() -> None:
    assert record_text.parse(records.render(PASSED)) is None


@pytest.mark.parametrize(
    ("first", "second", "is_same"),
    [
        ("Press start.", "Press start.", True),
        ("Press start.\r\nLook.  \n", "\nPress start.\nLook.", True),
        ("Press start.", "Press stop.", False),
        ("- a\n  - b", "- a\n- b", False),
    ],
)
def test_digest_ignores_blanks_at_the_ends_of_lines(first: str, second: str, is_same: bool) -> None:
    assert (records.digest(first) == records.digest(second)) is is_same
