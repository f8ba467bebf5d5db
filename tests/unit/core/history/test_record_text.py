"""A record survives its text, in any size; anything else in its place is no record."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.core.history.record_line import MARKER, MAX_BYTES
from checks.core.history.record_text import parse, render
from checks.core.model.history import Record
from checks.core.model.session import CarriedOverCounts
from tests.support.any_session import TEXTS
from tests.support.records import large_record, records, some_keys
from tests.support.rules import rule

LARGE = large_record(3_000, failures=20, skips=10)


@given(records())
def test_record_survives_its_text(record: Record) -> None:
    assert parse(f"### Passed\n\n{render(record)}") == record


@given(records(), st.integers(300, 2_000))
def test_record_fits_any_size_and_stays_true(record: Record, max_bytes: int) -> None:
    line = render(record, max_bytes)
    read = parse(line)
    assert len(line.encode()) <= max_bytes
    assert read is not None
    assert (read.counts, read.total, read.is_partial) == (record.counts, record.total, record.is_partial)
    assert read.failed in (None, record.failed)
    assert (read.flaky, read.quarantined) == (
        (frozenset(), frozenset()) if read.failed is None else (record.flaky, record.quarantined)
    )
    assert read.skipped in (None, record.skipped)
    assert read.collected in (None, record.collected)
    assert read.file_seconds.items() <= record.file_seconds.items()
    assert read.test_seconds.items() <= record.test_seconds.items()


KNOWN = {
    "no failures": (large_record(900), {"failed", "skipped", "collected", "file_seconds", "test_seconds"}),
    "5,000 failures": (large_record(5_000, failures=5_000), {"failed", "skipped", "file_seconds", "test_seconds"}),
    "5,700 failures": (large_record(5_700, failures=5_700), {"skipped", "file_seconds", "test_seconds"}),
    "5,000 tests": (large_record(5_000), {"failed", "skipped", "collected", "file_seconds", "test_seconds"}),
    "50,000 tests": (
        large_record(50_000, failures=100, skips=1_000, files=2_000),
        {"failed", "skipped", "file_seconds", "test_seconds"},
    ),
    "50,000 failures": (large_record(50_000, failures=50_000), {"skipped", "file_seconds", "test_seconds"}),
    "50,000 skips": (large_record(50_000, skips=50_000), {"failed", "file_seconds", "test_seconds"}),
    "1,500 skips of 5,000 tests": (
        large_record(5_000, skips=1_500),
        {"failed", "skipped", "file_seconds", "test_seconds"},
    ),
}


@rule("Record: 5,000 failures, or 50,000 tests")
@pytest.mark.parametrize(("record", "known"), KNOWN.values(), ids=KNOWN)
def test_what_has_no_room_is_absent(record: Record, known: set[str]) -> None:
    line = render(record)
    read = parse(line)
    assert len(line.encode()) <= MAX_BYTES
    assert read is not None
    optional = {"failed": read.failed, "skipped": read.skipped, "collected": read.collected}
    durations = {"file_seconds": read.file_seconds, "test_seconds": read.test_seconds}
    present = {name for name, value in optional.items() if value is not None}
    assert present | {name for name, value in durations.items() if value} == known


def test_slowest_files_have_room_first() -> None:
    read = parse(render(large_record(5_000, files=5_000)))
    assert read is not None
    assert 100 < len(read.file_seconds) < 5_000
    assert min(read.file_seconds.values()) == 0.5 + 5_000 - len(read.file_seconds)


def test_durations_below_a_millisecond_are_left_out() -> None:
    record = Record(total=1, test_seconds={1: 0.0004, 2: 0.0016, 3: 1e12})
    read = parse(render(record))
    assert read is not None
    assert read.test_seconds == {2: 0.002, 3: 4294967.295}


def test_counts_are_as_large_as_in_an_external_id() -> None:
    read = parse(render(Record(counts=CarriedOverCounts(passed=1_000_000))))
    assert read is not None
    assert read.counts.passed == 999_999


def test_flaky_tests_without_room_leave_no_failure_known() -> None:
    record = replace(LARGE, flaky=some_keys(5_600, "flaky"))
    read = parse(render(record))
    assert read is not None
    assert (read.failed, read.flaky) == (None, frozenset())


def fields(**changes: Any) -> str:
    """Return the line of a record with other JSON."""
    own = {"counts": "1.2", "total": 3, "selection": "", "failed": {}, "flaky": "", "quarantined": ""} | changes
    return f"{MARKER} 1 {json.dumps({name: value for name, value in own.items() if value is not None})} -->"


MALFORMED = {
    "nothing": "",
    "another text": "### Passed\n\n</details>",
    "another version": render(LARGE).replace("record 1", "record 2"),
    "no version": render(LARGE).replace("record 1 ", "record "),
    "something behind it": render(LARGE) + " x",
    "a line behind it": render(LARGE) + "\n\nx",
    "something before it": "x " + render(LARGE),
    "no end": render(LARGE).removesuffix(" -->"),
    "no JSON": f"{MARKER} 1 {{x}} -->",
    "deep JSON": f"{MARKER} 1 {{{'[' * 60_000}}} -->",
    "a long number": f'{MARKER} 1 {{"total":{"9" * 60_000}}} -->',
    "no total": fields(total=None),
    "a negative total": fields(total=-1),
    "a total that is a truth value": fields(total=True),
    "no counts": fields(counts=None),
    "other counts": fields(counts="1.x"),
    "counts that are a list": fields(counts=[1]),
    "another selection": fields(selection="-->"),
    "a list of failures": fields(failed=["call"]),
    "an unknown stage": fields(failed={"x": ""}),
    "failures without the flaky ones": fields(flaky=None),
    "half a key": fields(skipped="AAAA"),
    "a letter that is not base64": fields(skipped="AAAAAAA*"),
    "a key that is a number": fields(skipped=1),
    "keys in another order": fields(skipped="AAAAAAAB" + "AAAAAAAA"),
    "a key twice": fields(skipped="AAAAAAAA" + "AAAAAAAA"),
    "another number of tests": fields(collected="AAAAAAAA"),
    "durations without keys": fields(files=["", "AAAAAA=="]),
    "a duration too few": fields(files=["AAAAAAAAAAAAAAAB", "AAAAAA=="]),
    "half a duration": fields(tests=["AAAAAAAA", "AAA="]),
    "one column": fields(tests=["AAAAAAAA"]),
    "durations that are null": fields().replace("}, ", '}, "tests": null, '),
}


@rule("Record: a malformed record, or one of another version")
@pytest.mark.parametrize("text", MALFORMED.values(), ids=MALFORMED)
def test_malformed_record_is_none(text: str) -> None:
    assert parse(text) is None


def test_unknown_fields_are_ignored() -> None:
    assert (
        parse(fields(later={"x": [1]}))
        == parse(fields())
        == replace(Record(failed={}), counts=CarriedOverCounts(failed=1, passed=2), total=3)
    )


@given(st.integers(0, len(render(LARGE)) - 1))
def test_truncated_record_is_none(length: int) -> None:
    assert parse(render(LARGE)[:length]) is None


@given(TEXTS | st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
def test_any_value_of_any_field_raises_nothing(value: Any) -> None:
    parse(str(value))
    for name in (
        "counts",
        "total",
        "selection",
        "failed",
        "flaky",
        "skipped",
        "collected",
        "files",
        "tests",
        "partial",
    ):
        parse(fields(**{name: value}))
        parse(fields(failed={"call": value}))
    parse(f"{MARKER} 1 {value} -->")
