"""The answers of the program `history`, as text and as JSON."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from checks.core.history.past_runs import LookBack, PastCommit
from checks.core.history.test_key import key
from checks.core.history_report import export, flaky_tests, one_test, slow_tests
from checks.core.history_report.columns import columns
from checks.core.history_report.found import Found, as_json, names_of_lines
from tests.support.look_backs import FILE, KEY, OTHER, RECORDS, TEST, commit_id, look_back, past_run
from tests.support.rules import rule

NAMES = {KEY: TEST, key(OTHER): OTHER}


def found(*commits: str, names: dict[int, str] = NAMES) -> Found:
    return Found(repository="octo/demo", check="pytest (unit)", look_back=look_back(*commits), names=names)


def with_durations(*runs: dict[int, float], rerun: int | None = None) -> Found:
    """Return runs with these durations, the newest first, each on a commit of its own; one may be a re-run."""
    commits = [
        PastCommit(
            commit=commit_id(number),
            runs=(past_run(commit_id(number), replace(RECORDS["P"], test_seconds=seconds), is_rerun=number == rerun),),
        )
        for number, seconds in enumerate(runs)
    ]
    return replace(found(), look_back=LookBack(commits=tuple(commits), branch="main"))


def text_of(one: Found, nodeid: str, message: str = "") -> str:
    return one_test.render(one, nodeid, one_test.results(one, nodeid), message)


def test_text_has_a_row_for_each_result() -> None:
    message = "AssertionError: assert 3 == 4"
    assert text_of(found("P>F", ".", "-", "R", "S"), TEST, message).splitlines() == [
        TEST,
        "pytest (unit) in octo/demo, last 5 commits of main: 4 with complete results",
        "",
        "commit   started (UTC)     outcome              duration  check run",
        "0000000  1970-01-01 00:00  failed                         https://github.com/octo/demo/runs/00000001",
        "0000000  1970-01-01 00:00  passed                         https://github.com/octo/demo/runs/00000000",
        "0000002  1970-01-01 00:00  not collected                  https://github.com/octo/demo/runs/00000020",
        "0000003  1970-01-01 00:00  failed, then passed            https://github.com/octo/demo/runs/00000030",
        "0000004  1970-01-01 00:00  skipped                        https://github.com/octo/demo/runs/00000040",
        "",
        f"Message at 0000000: {message}",
    ]


@pytest.mark.parametrize(
    ("commits", "outcomes"), [(("-", "?"), []), (("-", "P"), ["not_collected", "passed"]), ((), [])]
)
def test_test_that_no_record_knows_has_no_results(commits: tuple[str, ...], outcomes: list[str]) -> None:
    assert [result.outcome.name.lower() for result in one_test.results(found(*commits), TEST)] == outcomes


def test_module_is_found_by_its_path() -> None:
    assert "  failed  " in text_of(found("C"), FILE)


@pytest.mark.parametrize(
    ("part", "names"), [("test_it", [TEST]), ("::", [TEST, OTHER]), ("none", [])], ids=["one", "both", "none"]
)
def test_similar_names_contain_the_text(part: str, names: list[str]) -> None:
    assert one_test.similar_names(found("P"), part) == names


def test_hostile_texts_stay_on_their_line() -> None:
    hostile = "test_a.py::test_it[\x1b[31m\n::error::x\u202e]"
    one = found("P>F", "F", "P", "F", names={KEY: hostile})
    texts = [
        text_of(found("F"), TEST, "a\n::error::b\x1b[2J"),
        flaky_tests.render(one, flaky_tests.entries(one)),
    ]
    for text in texts:
        assert "\n::" not in text
        assert not {"\x1b", "\u202e"} & {*text}


def test_json_has_every_result_and_the_newest_message() -> None:
    one = found("F", "P")
    document = one_test.document(one, TEST, one_test.results(one, TEST), "no")
    newest = {
        "commit": commit_id(0),
        "check_run": 1,
        "url": "https://github.com/octo/demo/runs/00000000",
        "started_at": "1970-01-01T00:00:00Z",
        "outcome": "failed",
        "seconds": None,
        "message": "no",
    }
    head = {"schema": 1, "repository": "octo/demo", "branch": "main", "check": "pytest (unit)", "commits": 2, "runs": 2}
    assert document == {**head, "test": TEST, "results": [newest, document["results"][1]]}
    assert (document["results"][1]["outcome"], document["results"][1]["message"]) == ("passed", None)


def test_printed_json_has_no_workflow_command() -> None:
    text = as_json({"test": "##[error]x"})
    assert ("##[" in text, json.loads(text)) == (False, {"test": "##[error]x"})


def test_flaky_tests_have_their_figures_and_newest_failure() -> None:
    one = found("P", "F", "P", "F")
    assert flaky_tests.render(one, flaky_tests.entries(one)).splitlines()[2:] == [
        "failed  of the last runs  newest failure                              test",
        f"     2                 4  https://github.com/octo/demo/runs/00000010  {TEST}",
    ]
    (entry,) = flaky_tests.document(one, flaky_tests.entries(one))["tests"]
    assert (entry["test"], entry["failed"], entry["of"]) == (TEST, 2, 4)
    assert entry["newest_failure"]["commit"] == commit_id(1)
    steady = found("P", "F", "F")
    assert flaky_tests.render(steady, flaky_tests.entries(steady)).endswith("\n\nNo test is flaky.\n")


@rule("History: a test whose name no check run has")
def test_test_without_a_name_has_its_key() -> None:
    one = found("P", "F", "P", names={})
    assert flaky_tests.render(one, flaky_tests.entries(one)).endswith(f"  (unknown name, key {KEY:012x})\n")
    (entry,) = flaky_tests.document(one, flaky_tests.entries(one))["tests"]
    assert (entry["test"], entry["key"]) == (None, f"{KEY:012x}")


def test_slowest_tests_come_first_by_their_median() -> None:
    one = with_durations({key(OTHER): 3.0}, {KEY: 9.0, key(OTHER): 9.0}, {KEY: 1.0, key(OTHER): 2.0})
    assert slow_tests.render(one, slow_tests.entries(one)).splitlines()[2:] == [
        "newest  median  longest  runs  test",
        f"        5.00 s   9.00 s     2  {TEST}",
        f"3.00 s  3.00 s   9.00 s     3  {OTHER}",
    ]
    entries = slow_tests.document(one, slow_tests.entries(one))["tests"]
    assert [(entry["newest"], entry["median"], entry["longest"], entry["of"]) for entry in entries] == [
        (None, 5.0, 9.0, 2),
        (3.0, 3.0, 9.0, 3),
    ]


def test_durations_of_a_rerun_do_not_count() -> None:
    one = with_durations({KEY: 1.0}, {KEY: 7.0}, rerun=0)
    assert [entry.seconds for entry in slow_tests.entries(one)] == [[7.0]]
    assert [result.seconds for result in one_test.results(one, TEST)] == [None, 7.0]


def test_more_than_thirty_slow_tests_are_a_number() -> None:
    one = with_durations(dict.fromkeys(range(32), 1.0))
    text = slow_tests.render(one, slow_tests.entries(one))
    assert (text.count("unknown name"), text.endswith("\n… and 2 more, with --json\n")) == (30, True)
    assert slow_tests.render(found("P"), []).endswith("\n\nNo record has durations.\n")


def exported(one: Found) -> list[tuple[Any, ...]]:
    lines = [json.loads(line) for line in export.lines(one)]
    return sorted((line["test"] or "", line["commit"], line["outcome"]) for line in lines)


def test_export_has_what_records_say_of_each_test() -> None:
    variant = ("", commit_id(3), "passed")  # of two tests whose ids differ in an address, the second
    others = [(OTHER, commit_id(number), "passed") for number in (0, 1, 3)]
    assert exported(found("F", "-", "?", "2")) == [variant, (TEST, commit_id(0), "failed"), *others]


def test_export_has_modules_that_could_not_be_collected() -> None:
    tests = [("", commit_id(1), "passed")] * 2
    modules = [(FILE, commit_id(0), "failed"), (FILE, commit_id(1), "passed")]
    assert exported(found("C", "P", names={key(FILE): FILE})) == [*tests, *modules]


def test_names_are_those_of_lines_with_node_ids() -> None:
    text = f"{TEST}\ntest_b.py::test[a::b c]\n\n2 tests collected in 0.01s\n"
    assert {*names_of_lines(text).values()} == {TEST, FILE, "test_b.py", "test_b.py::test[a::b c]"}
    assert names_of_lines(text)[KEY] == TEST


def test_columns_are_as_wide_as_their_longest_cell() -> None:
    assert columns(("a", "number"), [("long", "1"), ("", "22")], right={"number"}) == (
        "a     number\nlong       1\n          22\n"
    )
