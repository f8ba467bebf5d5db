"""The step's outputs: the counts of pytest's last line, and failed tests within the limit."""

from __future__ import annotations

import json

import pytest

from checks.core.model.check_run import Conclusion, Published
from checks.core.model.history import Base, NoBase
from checks.core.model.item import Outcome
from checks.core.model.limits import JOB_OUTPUT_BYTES
from checks.core.model.session import Session
from checks.core.report.code_owners import owners_by_file
from checks.core.runner.outputs import LIST_CHARACTERS, SavedFiles, outputs, outputs_without_results
from tests.support.bases import base_of, compared
from tests.support.causes import causes_of
from tests.support.rules import rule
from tests.support.sessions import collector, error, failed, flaky, item, running_item, session, skipped, stage

EVERYTHING = session(
    item("t.py::test_passed"),
    item("t.py::test_failed", call=failed()),
    item("t.py::test_both", call=failed(), teardown=error()),
    item("t.py::test_setup", setup=error()),
    item("t.py::test_skipped", call=skipped()),
    item("t.py::test_xfailed", call=stage(Outcome.XFAILED)),
    item("t.py::test_xpassed", call=stage(Outcome.XPASSED)),
    flaky("t.py::test_flaky"),
    running_item("t.py::test_begun"),
    collectors=[collector()],
    seconds=72.4123,
)
SAVED = SavedFiles(report="report.json", failures="failures.md", failures_json="failures.json")


def test_outputs_match_the_counts_of_pytests_last_line() -> None:
    published = Published(id="17", page="https://github.com/octo/repo/runs/17")
    assert outputs(EVERYTHING, Conclusion.FAILURE, published, SAVED) == {
        "conclusion": "failure",
        "check-run-id": "17",
        "check-run-url": "https://github.com/octo/repo/runs/17",
        "total": "9",
        "passed": "2",
        "failed": "2",
        "errors": "3",
        "skipped": "1",
        "xfailed": "1",
        "xpassed": "1",
        "quarantined": "0",
        "flaky": "1",
        "duration": "72.41",
        "new-failures": "",
        "fixed": "",
        "removed-tests": "",
        "failed-tests": '["t.py::test_failed", "t.py::test_both", "t.py::test_setup"]',
        "owners": "{}",
        "failures": "failures.md",
        "failures-json": "failures.json",
        "report": "report.json",
    }


def test_all_outputs_are_set_without_check_run_or_tests() -> None:
    values = outputs(Session(), Conclusion.ACTION_REQUIRED, None)
    assert values.keys() == outputs(EVERYTHING, Conclusion.FAILURE, None).keys()
    assert (values["check-run-id"], values["check-run-url"], values["total"], values["failed-tests"]) == (
        "",
        "",
        "0",
        "[]",
    )


@pytest.mark.parametrize("name", ["test_x['\"\\]", "test_é🙂", "test_\ud800", "test_\n", "test[" + "x" * 400 + "]"])
def test_failed_tests_output_is_one_line_of_ascii_json(name: str) -> None:
    text = outputs(session(item(name, call=failed())), Conclusion.FAILURE, None)["failed-tests"]
    assert json.loads(text) == [name]
    assert text.isascii()
    assert "\n" not in text


def failed_tests(characters: int) -> str:
    """Return the output for two ids whose complete list has so many characters."""
    second = "y" * (characters - len('["x", ""]'))
    values = session(item("x", call=failed()), item(second, call=failed()))
    return outputs(values, Conclusion.FAILURE, None)["failed-tests"]


def test_failed_tests_output_drops_ids_beyond_the_limit() -> None:
    assert len(failed_tests(LIST_CHARACTERS - 2)) == LIST_CHARACTERS - 2
    assert failed_tests(LIST_CHARACTERS + 1) == '["x"]'


def with_owners(values: Session, code_owners: str) -> dict[str, str]:
    causes = causes_of(values, owners_of=owners_by_file(code_owners))
    return outputs(values, Conclusion.FAILURE, None, causes=causes)


def test_lists_use_at_most_half_of_the_output_limit() -> None:
    values = session(*(item(f"tests/test_a.py::test_x[{n}{'é' * 300}]", call=failed()) for n in range(5000)))
    written = with_owners(values, "* @a @b\n")
    assert len((written["failed-tests"] + written["owners"]).encode("utf-16-le")) <= JOB_OUTPUT_BYTES / 2
    assert json.loads(written["failed-tests"])[0].startswith("tests/test_a.py::test_x[0é")
    assert len(json.loads(written["owners"])["@b"]) > 30


@rule("Owners: the output owners")
def test_owners_have_their_failed_node_ids() -> None:
    two_stages = item("tests/test_a.py::test_both", call=failed(), teardown=failed("E", locations=[("src/app.py", 1)]))
    values = session(
        item("tests/test_a.py::test_a", call=failed()),
        two_stages,
        item("tests/test_a.py::test_ok"),
        collectors=[collector("tests/test_b.py")],
    )
    written = json.loads(with_owners(values, "/tests/ @org/tests @a\n/src/ @org/app\ntests/test_b.py\n")["owners"])
    nodeids = ["tests/test_a.py::test_a", "tests/test_a.py::test_both"]
    assert {owner: sorted(names) for owner, names in written.items()} == {
        "@org/tests": nodeids,
        "@a": nodeids,
        "@org/app": ["tests/test_a.py::test_both"],
    }


@pytest.mark.parametrize(("characters", "owners"), [(-100, ["@a", "@b"]), (0, ["@a"])])
def test_owners_beyond_the_limit_are_dropped(characters: int, owners: list[str]) -> None:
    nodeid = "tests/test_a.py::".ljust(LIST_CHARACTERS // 2 + characters, "x")
    assert [*json.loads(with_owners(session(item(nodeid, call=failed())), "* @a @b\n")["owners"])] == owners


def test_same_outputs_are_set_without_results() -> None:
    names = outputs_without_results(Conclusion.FAILURE, None).keys()
    assert names == outputs(Session(), Conclusion.FAILURE, None).keys()


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        (base_of(session(item("a.py::ok"), item("a.py::x"), item("a.py::gone"))), ["1", "0", "1"]),
        (base_of(session(item("a.py::ok"), item("a.py::x", call=failed()))), ["0", "0", "0"]),
        (base_of(session(item("a.py::ok", call=failed()), item("a.py::x"))), ["1", "1", "0"]),
        (base_of(session(item("a.py::ok"), item("a.py::x")), selection="another"), ["1", "0", ""]),
        (base_of(session(item("a.py::ok"), item("a.py::x")), is_exact=False), ["", "", ""]),
        (NoBase(reason="the API is slow"), ["", "", ""]),
        (None, ["", "", ""]),
    ],
    ids=["new", "failing", "fixed", "other selection", "ancestor", "no base", "late"],
)
def test_numbers_of_a_comparison_are_empty_if_unknown(base: Base | NoBase | None, expected: list[str]) -> None:
    results = session(item("a.py::ok"), item("a.py::x", call=failed()), exit_status=1)
    values = outputs(results, Conclusion.FAILURE, None, comparison=compared(results, base))
    assert [values[name] for name in ("new-failures", "fixed", "removed-tests")] == expected
