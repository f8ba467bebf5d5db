from __future__ import annotations

import json
from dataclasses import replace

from checks.core.failure_report.recorder import FailureRecorder
from checks.core.failure_report.report import Source
from checks.core.model.history import BaseState
from tests.support.failure_reports import SOURCE, command_of, entry, recorder_of
from tests.support.fakes import MemoryRecords
from tests.support.rules import rule


def written_by(recorder: FailureRecorder) -> list[bytes]:
    return b"".join(recorder.blocks()).splitlines()


def test_causes_are_sorted_by_tests_then_by_number() -> None:
    recorder = recorder_of([entry(1, 1), entry(2, 2), entry(3, 3), entry(4, 3), entry(5, 2)])
    causes = recorder.causes(lambda _: SOURCE, command_of)
    assert [(cause.number, cause.failures) for cause in causes] == [(2, 2), (3, 2), (1, 1)]


def test_test_that_fails_twice_for_one_cause_counts_once() -> None:
    failure = entry()
    (cause,) = recorder_of([failure, replace(failure, stage="teardown")]).causes(lambda _: SOURCE, command_of)
    assert (cause.failures, cause.nodeids) == (2, (failure.nodeid,))


def test_tests_that_did_not_finish_are_on_their_own() -> None:
    causes = recorder_of([entry(1, 0), entry(2, 0)]).causes(lambda _: SOURCE, command_of)
    assert [cause.nodeids for cause in causes] == [("tests/test_cart.py::test_1",), ("tests/test_cart.py::test_2",)]


def test_largest_causes_have_texts_and_source() -> None:
    causes = recorder_of(entry(n, n) for n in range(1, 30)).causes(lambda _: SOURCE, command_of)
    assert [bool(cause.first.traceback) for cause in causes] == [*[True] * 20, *[False] * 9]
    assert [cause.source == Source() for cause in causes] == [*[False] * 20, *[True] * 9]


@rule("The tests' side: the disk for temporary files is full while failures are recorded")
def test_failures_without_room_are_counted_and_keep_their_message() -> None:
    recorder = FailureRecorder(MemoryRecords(limit=1))
    for number in (1, 2, 3):
        recorder.add(entry(number, number))
    causes = recorder.causes(lambda _: SOURCE, command_of)
    assert (recorder.count, recorder.missing, len(b"".join(recorder.blocks()).splitlines())) == (3, 2, 1)
    assert [bool(cause.first.traceback) for cause in causes] == [True, False, False]
    assert {cause.first.message for cause in causes} == {"AssertionError: assert 3 == 4"}


def test_what_the_base_says_is_added_to_failures_and_causes() -> None:
    entries = [entry(1, 1), entry(2, 1), entry(3, 1), entry(4, 2), entry(5, 3)]
    keyed = [replace(failure, key=number) for number, failure in enumerate(entries, start=1)]
    recorder = recorder_of([keyed[0], *keyed, replace(entry(6, 4), base="new")])
    states = {1: BaseState.NEW, 2: BaseState.FAILING, 3: BaseState.FLAKY, 4: BaseState.NEW}
    recorder.state_of = states.get
    written = [json.loads(record)["base"] for record in written_by(recorder)]
    assert written == ["new", "new", "failing", "flaky", "new", None, "new"]
    causes = recorder.causes(lambda _: SOURCE, command_of)
    assert {cause.number: cause.new for cause in causes} == {1: 1, 2: 1, 3: 0, 4: 1}


def test_text_that_ends_like_the_member_of_the_base_is_left_alone() -> None:
    recorder = recorder_of([replace(entry(1), key=1, owners=('"base": null}',))])
    recorder.state_of = lambda _: BaseState.NEW
    (record,) = written_by(recorder)
    assert (json.loads(record)["base"], json.loads(record)["owners"]) == ("new", ['"base": null}'])


def test_full_disk_leaves_the_states_of_what_is_stored() -> None:
    recorder = FailureRecorder(MemoryRecords(limit=1))
    for number in (1, 2):
        recorder.add(replace(entry(number), key=number))
    recorder.state_of = {1: BaseState.FAILING, 2: BaseState.NEW}.get
    assert [json.loads(record)["base"] for record in written_by(recorder)] == ["failing"]
