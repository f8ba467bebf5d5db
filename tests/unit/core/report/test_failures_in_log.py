import pytest

from checks.core.model.item import Details, Outcome, StageName
from checks.core.model.job import Repository
from checks.core.model.session import Collector, Session
from checks.core.model.verdict import Remark
from checks.core.report.annotations import Annotator
from checks.core.report.failures_in_log import failures_in_log
from checks.core.runner import workflow_commands
from tests.support.causes import causes_of
from tests.support.rules import rule
from tests.support.sessions import collector, failed, item, session, skipped, stage

REPOSITORY = Repository(root="/repo", tracked=frozenset({"tests/test_a.py", "setup.cfg"}), fallback="setup.cfg")
PAGE = "https://github.test/o/r/runs/17"


def log_of(results: Session, *remarks: Remark) -> str:
    annotator = Annotator(repository=REPOSITORY, root="/repo")
    return failures_in_log(causes_of(results, REPOSITORY), remarks, annotator.annotate, PAGE)


def test_failure_has_place_title_message_and_traceback() -> None:
    assert log_of(session(item(), item("tests/test_a.py::test_y", call=failed(traceback="one\n\n  two")))) == (
        "tests/test_a.py:7: tests/test_a.py::test_y\n    AssertionError: assert 1 == 2\n    one\n\n      two"
    )


def test_what_has_not_failed_is_not_in_the_log() -> None:
    assert log_of(session(item(), item(call=skipped()), item(call=stage(Outcome.XPASSED)))) == ""


def test_collection_errors_and_subtests_are_failures() -> None:
    subtest = stage(Outcome.FAILED, "AssertionError", name=StageName.CALL, subtest="[i=1]")
    details = Details(message="ImportError: no module", traceback="E   ImportError")
    results = session(
        item("tests/test_a.py::test_x", earlier_attempts=[subtest]),
        collectors=[Collector(nodeid="tests/test_b.py", outcome=Outcome.ERROR, details=details)] * 2,
    )
    first, second = log_of(results).split("\n\n")
    assert first == "setup.cfg:1: tests/test_b.py\n    ImportError: no module\n    E   ImportError"
    assert second.splitlines()[0] == "tests/test_a.py:1: tests/test_a.py::test_x [i=1]"


def test_remarks_and_their_quotations_come_first() -> None:
    remarks = Remark(text="`install` failed.", quoted="a\nb", page=PAGE), Remark(text="")
    first, second = log_of(session(collectors=[collector("b.py")]), *remarks).split("\n\n")[:2]
    assert first == f"`install` failed. {PAGE}\n    a\n    b"
    assert second.startswith("setup.cfg:1: b.py\n")


@rule("Limits: failures in the job log")
@pytest.mark.parametrize(
    ("failures", "traceback_lines", "shown", "tracebacks"),
    [(20, 1, 20, 0), (21, 1, 20, 0), (20, 40, 20, 3), (3_000, 5, 20, 20), (1, 10_000, 1, 1)],
)
def test_log_has_twenty_failures_and_two_hundred_lines(
    failures: int, traceback_lines: int, shown: int, tracebacks: int
) -> None:
    results = session(
        *[
            item(f"tests/test_a.py::test_{number}", call=failed(traceback=f"{number}\n" + "line\n" * traceback_lines))
            for number in range(failures)
        ]
    )
    lines = log_of(results).splitlines()
    assert len(lines) <= 200
    assert sum(line.startswith("tests/test_a.py:7: ") for line in lines) == shown
    more = f"… and {failures - shown:,} more in the check run: {PAGE}"
    assert lines[-1:] == [more] if failures > shown else more not in lines
    assert sum(line.strip().isdigit() for line in lines) >= tracebacks


def test_long_traceback_keeps_both_ends() -> None:
    traceback = "\n".join(f"line {number}" for number in range(1, 1_001))
    lines = log_of(session(item(call=failed(traceback=traceback)))).splitlines()[2:]
    assert (len(lines), lines[0], lines[19], lines[-1]) == (40, "    line 1", "    … 961 more lines …", "    line 1000")


def test_equal_tracebacks_are_shown_once() -> None:
    text = log_of(session(*[item(f"tests/test_a.py::test_{number}", call=failed()) for number in range(5)]))
    assert (text.count("AssertionError"), text.count(">   assert")) == (5, 1)


def test_long_lines_are_truncated() -> None:
    long = "x" * 100_000
    text = log_of(session(item(f"tests/test_a.py::{long}", call=failed(long, traceback=long))), Remark(text=long))
    assert max(map(len, text.splitlines())) <= 304


@pytest.mark.parametrize(
    "hostile", ["::error::evil", "##[error]evil", "a\r::add-mask::a", "\x1b[31m::error::", "\ud800"]
)
def test_untrusted_text_is_no_workflow_command(hostile: str) -> None:
    results = session(item(f"tests/test_a.py::{hostile}", call=failed(hostile, traceback=f"{hostile}\n{hostile}")))
    text = workflow_commands.inert(log_of(results, Remark(text=hostile, quoted=hostile)))
    text.encode()
    assert "##[" not in text
    assert not any(line.lstrip().startswith("::") for line in text.splitlines())
    assert "\x1b" not in text


def test_log_begins_with_a_failure_of_each_cause() -> None:
    many = [item(f"tests/test_a.py::test_{number}", call=failed()) for number in range(30)]
    rare = item("tests/test_a.py::test_rare", call=failed("KeyError: 'rare'"))
    titles = [block.splitlines()[0] for block in log_of(session(*many, rare)).split("\n\n")]
    assert titles[:2] == ["tests/test_a.py:7: tests/test_a.py::test_0", "tests/test_a.py:7: tests/test_a.py::test_rare"]
