from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from checks.core.history.test_key import key
from checks.core.model.check_run import Annotation, AnnotationLevel
from checks.core.model.item import Details, Item, Location, Outcome, Section, Stage, StageName
from checks.core.model.job import ExitReason, ProcessExit, Repository
from checks.core.model.session import Collector, RecordedWarning
from checks.core.report.annotations import Annotator
from checks.core.results.causes import CauseNumbers
from checks.core.results.stream import Finding
from tests.support.rules import rule
from tests.support.sessions import collector, error, failed, flaky, item, passed, running_item, session, skipped, stage

NODEID = "tests/test_a.py::test_x"
TRACKED = frozenset({"tests/test_a.py", "tests/test_broken.py", "src/cart.py", "pyproject.toml"})
REPOSITORY = Repository(root="/repo", tracked=TRACKED, fallback="pyproject.toml")
ANNOTATOR = Annotator(repository=REPOSITORY, root="/repo")


def fresh_annotator() -> Annotator:
    """Return one that numbers causes from 1 on."""
    return replace(ANNOTATOR, cause_numbers=CauseNumbers())


def annotation_of(test: Item, name: StageName = StageName.CALL) -> Annotation:
    """Return the annotation of the test's stage of that name."""
    (chosen,) = [candidate for candidate in test.stages if candidate.name is name]
    annotation = fresh_annotator().annotate(Finding(item=test, stage=chosen))
    assert annotation is not None
    return annotation


def location_of(annotation: Annotation | None) -> tuple[str, int]:
    assert annotation is not None
    return annotation.path, annotation.line


@rule("Annotations: passed")
def test_passed_test_is_a_notice_at_its_def() -> None:
    annotation = ANNOTATOR.annotate(Finding(item=item(line=4, call=passed(seconds=0.12))))
    assert annotation == Annotation(
        path="tests/test_a.py", line=4, level=AnnotationLevel.NOTICE, title=NODEID, message="Passed in 0.12 s"
    )


@rule("Annotations: failed")
def test_failed_test_has_traceback_and_captured_output() -> None:
    output = [("Captured stdout call", "out\n"), ("Captured stderr call", ""), ("Captured log call", "log\n")]
    assert annotation_of(
        item(call=failed("AssertionError: assert 1 == 2", traceback="trace", captured=output))
    ) == Annotation(
        path="tests/test_a.py",
        line=7,
        level=AnnotationLevel.FAILURE,
        title=NODEID,
        message="AssertionError: assert 1 == 2",
        raw_details=f"{NODEID}\n\nCause 1\n\ntrace\n\n"
        "----- Captured stdout call -----\nout\n\n----- Captured log call -----\nlog",
        cause=1,
        key=key(NODEID),
    )


@rule("Annotations: failed or flaky, with properties that the test recorded (record_property, user_properties)")
def test_recorded_properties_are_between_traceback_and_output() -> None:
    call = failed(traceback="trace", captured=[("Captured stdout call", "out\n")])
    assert call.details is not None
    properties = (("page", "https://ci.test"), ("build", "4711"))
    annotation = annotation_of(item(call=replace(call, details=replace(call.details, properties=properties))))
    assert annotation.raw_details.endswith(
        "\n\ntrace\n\n----- Recorded properties -----\npage   https://ci.test\nbuild  4711\n\n"
        "----- Captured stdout call -----\nout"
    )


@rule("Annotations: failed outside the repository, or in a generated file")
@pytest.mark.parametrize(
    ("locations", "expected"),
    [
        pytest.param([("tests/test_a.py", 7), ("/repo/src/cart.py", 3)], ("src/cart.py", 3), id="where it was thrown"),
        pytest.param(
            [("/repo/src/cart.py", 3), ("/usr/lib/python3/json.py", 9)],
            ("src/cart.py", 3),
            id="the last inside the repository",
        ),
        pytest.param([("/usr/lib/python3/json.py", 9)], ("tests/test_a.py", 4), id="the test, when none is inside"),
        pytest.param([], ("tests/test_a.py", 4), id="the test, when there is none"),
        pytest.param([("/repo/build/made.py", 3)], ("tests/test_a.py", 4), id="a generated file counts as outside"),
        pytest.param(
            [("../etc/passwd", 1), ("/repo/../etc/passwd", 1)], ("tests/test_a.py", 4), id="a path that leaves"
        ),
        pytest.param([("/repo/src/../src/cart.py", 3)], ("src/cart.py", 3), id="a path with dots"),
        pytest.param([("/reposrc/cart.py", 3)], ("tests/test_a.py", 4), id="a sibling with a longer name"),
        pytest.param([("src/cart.py", 0)], ("src/cart.py", 1), id="lines begin at 1"),
        pytest.param([("", 3), ("<string>", 1), ("\0", 2)], ("tests/test_a.py", 4), id="no path at all"),
    ],
)
def test_failure_is_at_the_last_location_in_the_repository(
    locations: Sequence[tuple[str, int]], expected: tuple[str, int]
) -> None:
    assert location_of(annotation_of(item(line=4, call=failed(locations=locations)))) == expected


@rule("Annotations: relative paths")
def test_relative_locations_are_relative_to_the_rootdir() -> None:
    in_subfolder = replace(ANNOTATOR, root="/repo/src")
    test = item("../tests/test_a.py::test_x", line=4, call=failed(locations=[("cart.py", 2)]))
    assert location_of(in_subfolder.annotate(Finding(item=test, stage=test.stages[1]))) == ("src/cart.py", 2)
    assert location_of(in_subfolder.annotate(Finding(item=item("../tests/test_a.py::test_x", line=4)))) == (
        "tests/test_a.py",
        4,
    )


@rule("Annotations: anything without a place")
def test_failure_without_location_is_at_the_configuration_file() -> None:
    assert location_of(annotation_of(item("generated.py::test_x", line=4, call=failed(locations=[])))) == (
        "pyproject.toml",
        1,
    )


@rule("Annotations: error in setup or teardown")
@pytest.mark.parametrize("name", [StageName.SETUP, StageName.TEARDOWN])
def test_setup_or_teardown_error_names_the_stage(name: StageName) -> None:
    annotation = annotation_of(item(setup=error()) if name is StageName.SETUP else item(teardown=error()), name)
    assert annotation.level is AnnotationLevel.FAILURE
    assert annotation.message == "RuntimeError: no database"
    assert annotation.raw_details.startswith(f"{NODEID} (in {name})\n")


@rule("Annotations: failed in call and in teardown")
def test_failures_in_call_and_teardown_have_two_annotations() -> None:
    item_with_both = item(call=failed("ValueError: a"), teardown=error("ValueError: b"))
    assert [annotation_of(item_with_both, name).message for name in (StageName.CALL, StageName.TEARDOWN)] == [
        "ValueError: a",
        "ValueError: b",
    ]


@rule("Annotations: a collection error")
def test_collection_error_is_a_failure_at_its_line() -> None:
    details = Details(
        message="ImportError: no", locations=(Location(path="/repo/tests/test_broken.py", line=3),), traceback="trace"
    )
    failed_collector = Collector(nodeid="tests/test_broken.py", outcome=Outcome.ERROR, details=details)
    annotation = fresh_annotator().annotate(failed_collector)
    assert annotation == Annotation(
        path="tests/test_broken.py",
        line=3,
        level=AnnotationLevel.FAILURE,
        title="tests/test_broken.py",
        message="ImportError: no",
        raw_details="tests/test_broken.py\n\nCause 1\n\ntrace",
        cause=1,
        key=key("tests/test_broken.py"),
    )


def test_unstable_id_has_no_key_while_others_may_have_the_same() -> None:
    assert annotation_of(item("tests/test_a.py::test_x[<a at 0x7f0123456789>]", call=failed())).key == 0


@rule("Annotations: a collection error without a line")
def test_collection_error_without_location_is_at_its_module() -> None:
    assert location_of(ANNOTATOR.annotate(collector("tests/test_broken.py"))) == ("tests/test_broken.py", 1)


@rule("Annotations: a skipped module")
def test_skipped_module_is_a_notice() -> None:
    annotation = ANNOTATOR.annotate(replace(collector("tests/test_broken.py", "no numpy"), outcome=Outcome.SKIPPED))
    assert annotation is not None
    assert (annotation.level, annotation.message) == (AnnotationLevel.NOTICE, "Skipped: no numpy")


@rule("Annotations: skipped")
def test_skipped_test_is_a_notice_with_reason_at_the_skip() -> None:
    annotation = annotation_of(item(line=1, setup=skipped("not today")), StageName.SETUP)
    assert annotation == Annotation(
        path="tests/test_a.py", line=3, level=AnnotationLevel.NOTICE, title=NODEID, message="Skipped: not today"
    )


@rule("Annotations: xfailed")
def test_expected_failure_is_a_notice_with_its_reason() -> None:
    annotation = annotation_of(item(line=5, call=stage(Outcome.XFAILED, "known")))
    assert (annotation.level, annotation.message) == (AnnotationLevel.NOTICE, "Expected failure: known")
    assert location_of(annotation) == ("tests/test_a.py", 5)


@rule("Annotations: xpassed")
def test_unexpected_pass_is_a_warning_at_the_test() -> None:
    annotation = annotation_of(item(line=5, call=stage(Outcome.XPASSED, "known")))
    assert (annotation.level, location_of(annotation)) == (AnnotationLevel.WARNING, ("tests/test_a.py", 5))
    assert annotation.message == "Unexpected pass (marked xfail): known"


@rule("Annotations: a strict xpass")
def test_strict_unexpected_pass_is_a_failure() -> None:
    test = item(call=failed("", traceback="[XPASS(strict)] known", locations=[]))
    assert annotation_of(test).message == "[XPASS(strict)] known"


@rule("Annotations: passed after reruns")
def test_flaky_test_is_a_warning_with_the_failed_traceback() -> None:
    annotation = ANNOTATOR.annotate(Finding(item=flaky()))
    assert annotation is not None
    assert annotation.level is AnnotationLevel.WARNING
    assert annotation.message.startswith("Flaky: failed once, then passed. ")
    assert annotation.message.endswith("AssertionError: too slow")
    assert "E   too slow" in annotation.raw_details


@rule("Annotations: a failed subtest")
def test_failed_subtest_title_has_test_and_subtest() -> None:
    test = item(call=stage(Outcome.FAILED, "E", subtest="[even] (n=3)"))
    assert annotation_of(test).title == f"{NODEID} [even] (n=3)"


@rule("Annotations: a pytest warning")
@pytest.mark.parametrize(
    ("path", "expected"),
    [("/repo/src/cart.py", ("src/cart.py", 8)), ("/usr/lib/python3/json.py", None), ("", None)],
)
def test_pytest_warning_is_annotated_only_in_the_repository(path: str, expected: tuple[str, int] | None) -> None:
    warning = RecordedWarning(
        category="UserWarning", message="careful", location=Location(path=path, line=8), nodeid=NODEID
    )
    annotation = ANNOTATOR.annotate(warning)
    assert (annotation and (annotation.path, annotation.line)) == expected
    assert annotation is None or annotation.message == "UserWarning: careful"


def test_warning_of_a_thread_is_at_the_def_of_its_test() -> None:
    category = "PytestUnhandledThreadExceptionWarning"
    warning = RecordedWarning(category=category, message="W", location=Location(path="tests/test_a.py", line=4))
    annotator = replace(ANNOTATOR, definition=lambda _, line: line + 1)
    assert location_of(annotator.annotate(warning)) == ("tests/test_a.py", 5)
    assert location_of(annotator.annotate(replace(warning, category="UserWarning"))) == ("tests/test_a.py", 4)


@rule("Annotations: running when its process ended")
@pytest.mark.parametrize(
    ("process_exit", "level", "message"),
    [
        (
            ProcessExit(reason=ExitReason.KILLED, signal="SIGSEGV"),
            AnnotationLevel.FAILURE,
            "The interpreter died (SIGSEGV) during this test's call",
        ),
        (
            ProcessExit(reason=ExitReason.EXITED, exit_status=1),
            AnnotationLevel.FAILURE,
            "The interpreter died during this test's call",
        ),
        (
            ProcessExit(reason=ExitReason.EXITED),  # unknown, since only the report is
            AnnotationLevel.FAILURE,
            "pytest did not finish: its report ends during this test's call",
        ),
        (
            ProcessExit(reason=ExitReason.TIMED_OUT),
            AnnotationLevel.FAILURE,
            "Timed out during this test's call",
        ),
        (
            ProcessExit(reason=ExitReason.CANCELLED),
            AnnotationLevel.WARNING,
            "The job was cancelled during this test's call",
        ),
    ],
    ids=lambda value: value.reason if isinstance(value, ProcessExit) else "",
)
def test_running_test_is_annotated_when_its_process_ends(
    process_exit: ProcessExit, level: AnnotationLevel, message: str
) -> None:
    (annotation,) = ANNOTATOR.running(
        session(item(), running_item(), exit_status=None), replace(process_exit, output="last words")
    )
    assert (annotation.level, annotation.message) == (level, message)
    assert annotation.title == "tests/test_a.py::test_running"
    assert annotation.raw_details.endswith("----- Last output of the process -----\nlast words")


def test_running_test_has_stacks_and_captured_output() -> None:
    stacks = 'Current thread 0x1 (most recent call first):\n  File "/repo/a.py", line 3 in wait\n'
    captured = (Section(title="Captured stdout before exit", text="printed"),)
    process_exit = ProcessExit(reason=ExitReason.TIMED_OUT, output="last words", stacks=stacks, captured=captured)
    (annotation,) = ANNOTATOR.running(session(running_item(), exit_status=None), process_exit)
    assert annotation.raw_details == (
        f"tests/test_a.py::test_running\n\n{stacks}\n----- Captured stdout before exit -----\nprinted\n\n"
        "----- Last output of the process -----\nlast words"
    )


@rule("Annotations: running when pytest was stopped (pytest.exit, an interrupt)")
def test_test_in_which_pytest_stopped_is_a_warning() -> None:
    results = session(item(), running_item(), exit_status=2, stopped="pytest.exit: enough")
    (annotation,) = ANNOTATOR.running(results, ProcessExit(reason=ExitReason.EXITED, exit_status=2))
    assert annotation.level is AnnotationLevel.WARNING
    assert annotation.message == "pytest stopped early during this test's call"


@rule("Annotations: passed, with passing: file or too many for max-annotations")
def test_passed_by_file_lists_a_files_tests_in_one_notice() -> None:
    tests = [item(f"tests/test_a.py::test_{n}") for n in range(3)] + [item("tests/test_broken.py::test_y")]
    first, second = ANNOTATOR.passed_by_file(tests)
    assert (first.path, first.line, first.level) == ("tests/test_a.py", 1, AnnotationLevel.NOTICE)
    assert first.message == "3 passed"
    assert first.raw_details.splitlines() == ["test_0", "test_1", "test_2"]
    assert (second.path, second.raw_details) == ("tests/test_broken.py", "test_y")


def test_passed_by_file_counts_tests_beyond_the_limit() -> None:
    (notice,) = ANNOTATOR.passed_by_file(item(f"tests/test_a.py::test_{n}") for n in range(1_501))
    assert notice.raw_details.endswith("… and 1,001 more")


@rule("Annotations: passed, and inherited from a class of another file")
@pytest.mark.parametrize(
    ("defined_in", "expected"),
    [
        pytest.param("src/cart.py", ("src/cart.py", 40), id="in a tracked file"),
        pytest.param("/usr/lib/python3/site-packages/suite.py", ("tests/test_a.py", 1), id="outside the repository"),
    ],
)
def test_inherited_test_is_at_its_def(defined_in: str, expected: tuple[str, int]) -> None:
    inherited = replace(item(line=40), defined_in=defined_in)
    assert location_of(ANNOTATOR.annotate(Finding(item=inherited))) == expected
    (notice,) = ANNOTATOR.passed_by_file([inherited])
    assert (notice.path, notice.line) == ("tests/test_a.py", 1)


def test_passed_stage_cannot_be_annotated() -> None:
    with pytest.raises(ValueError, match="passed"):
        annotation_of(item())


@rule("Annotations: a test in which an xdist worker crashed")
def test_test_of_a_crashed_worker_is_a_failure() -> None:
    crash = Stage(name=StageName.CRASHED, outcome=Outcome.FAILED, details=Details(traceback="worker 'gw0' crashed"))
    annotation = annotation_of(Item(nodeid=NODEID, line=2, stages=(crash,)), StageName.CRASHED)
    assert annotation.message == "worker 'gw0' crashed"
