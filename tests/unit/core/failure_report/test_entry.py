from __future__ import annotations

import json
from dataclasses import replace

import pytest

from checks.core.failure_report.entry import Entry
from checks.core.model.check_run import AnnotationLevel
from checks.core.model.item import Details, Item, Outcome, Section, Stage, StageName
from checks.core.model.job import Repository
from checks.core.report.annotations import Annotator
from checks.core.rerun.previous_run import parse_failure
from checks.core.results.causes import Failure
from checks.core.results.stream import Finding
from tests.support.rules import rule
from tests.support.sessions import collector, failed, item, stage

REPOSITORY = Repository(root="/repo", tracked=frozenset({"tests/test_a.py"}), fallback="setup.cfg")
CAPTURED = (("Captured stdout setup", "one\n\ntwo"), ("Captured log call", "three"))
SUBTEST = stage(Outcome.FAILED, "ValueError: 3", traceback="E   ValueError: 3", subtest="[iron pot] (pence=36)")
_FAILED = failed()
RECORDED = replace(_FAILED, details=replace(_FAILED.details or Details(), properties=(("order", "81"), ("build", "7"))))
STAGES = {
    "recorded properties": RECORDED,
    "call": failed(captured=CAPTURED),
    "output without a traceback": failed(traceback="", captured=CAPTURED),
    "neither": failed(traceback=""),
    "subtest": SUBTEST,
    "setup": stage(Outcome.ERROR, "RuntimeError: x", name=StageName.SETUP, traceback="E   RuntimeError: x"),
    "teardown": stage(Outcome.ERROR, "RuntimeError: x", name=StageName.TEARDOWN, traceback="E   RuntimeError: x"),
}


def entries_of(failed_item: Item, failed_stage: Stage) -> tuple[Entry, Entry]:
    """Return the entry of a failure, and that of its annotation as GitHub returns it."""
    annotator = Annotator(repository=REPOSITORY, root="/repo", owners_of=lambda _: ("@org/tests", "@a"))
    annotation = annotator.annotate(Finding(item=failed_item, stage=failed_stage))
    assert annotation is not None
    returned = parse_failure(
        {
            "annotation_level": annotation.level.value,
            "path": annotation.path,
            "start_line": annotation.line,
            "title": annotation.title,
            "message": annotation.message,
            "raw_details": annotation.raw_details,
        }
    )
    assert returned is not None
    return Entry.of_failure(Failure.of_stage(failed_item, failed_stage), annotation), Entry.of_annotation(returned)


@rule("The failure report: the annotations")
@pytest.mark.parametrize("failed_stage", STAGES.values(), ids=STAGES)
def test_annotation_has_all_but_duration_and_the_name_of_the_call(failed_stage: Stage) -> None:
    own, returned = entries_of(item("tests/test_a.py::TestX::test_x[a b-(1)]"), failed_stage)
    names = ("title", "nodeid", "cause", "path", "line", "message", "traceback", "captured")
    own = replace(own, captured=own.sections)
    assert [getattr(own, name) for name in names] == [getattr(returned, name) for name in names]
    assert own.owners == returned.owners == ("@org/tests", "@a")
    assert returned.seconds is None
    assert returned.stage == (own.stage if own.stage != "call" else "")


def test_entry_has_no_ansi_sequences_and_control_characters() -> None:
    coloured = failed("\x1b[31mE: x\x1b[0m", traceback="\x1b[1mE\x00", captured=(("stdout", "\x1b[32mok\x1b[0m"),))
    own, _ = entries_of(item("tests/test_a.py::test_x"), coloured)
    assert (own.message, own.traceback, own.captured[0].text) == ("E: x", "E\\x00", "ok")


@pytest.mark.parametrize("failed_stage", STAGES.values(), ids=STAGES)
def test_entry_is_read_as_it_was_written(failed_stage: Stage) -> None:
    own, _ = entries_of(item("tests/test_a.py::test_x"), failed_stage)
    assert Entry.of_json(json.loads(json.dumps(own.as_json()))) == replace(own, key=0)


def test_text_of_a_test_is_not_taken_for_an_owner() -> None:
    claim = "Owners: @evil\n\nspec failed"
    annotator = Annotator(repository=REPOSITORY, root="/repo")
    failure = collector("tests/test_a.py", claim)
    annotation = annotator.annotate(failure)
    assert annotation is not None
    assert Entry.of_failure(Failure.of_collector(failure), annotation).owners == ()


def test_entry_of_a_module_has_the_stage_collection() -> None:
    failure = collector("tests/test_a.py")
    annotation = Annotator(repository=REPOSITORY, root="/repo").annotate(failure)
    assert annotation is not None
    assert annotation.level is AnnotationLevel.FAILURE
    entry = Entry.of_failure(Failure.of_collector(failure), annotation)
    assert (entry.nodeid, entry.stage, entry.seconds) == ("tests/test_a.py", "collection", None)


@pytest.mark.parametrize("value", [None, 3, "text", [], {}, {"title": 3}])
def test_anything_else_is_no_entry(value: object) -> None:
    assert Entry.of_json(value) is None


def test_wrong_types_in_an_entry_are_empty() -> None:
    value = {"title": "t", "nodeid": 3, "cause": "1", "line": -1, "seconds": "x", "captured": [3, {"title": "o"}]}
    assert Entry.of_json(value) == Entry(
        title="t", nodeid="", path="", line=0, message="", captured=(Section(title="o", text=""),)
    )


@pytest.mark.parametrize(
    ("title", "nodeid"),
    [
        ("tests/test_a.py::test_x", "tests/test_a.py::test_x"),
        ("tests/test_a.py::test_x[a b]", "tests/test_a.py::test_x[a b]"),
        ("tests/test_a.py::test_x[a] [pot]", "tests/test_a.py::test_x[a]"),
        ("tests/test_a.py::test_x (n=1)", "tests/test_a.py::test_x"),
        ("tests/test_a.py::TestX::test_x [pot] (n=1)", "tests/test_a.py::TestX::test_x"),
        ("docs/a guide.md::a guide.md", "docs/a guide.md::a guide.md"),
    ],
)
def test_node_id_is_the_title_without_a_subtest(title: str, nodeid: str) -> None:
    annotation = parse_failure({"annotation_level": "failure", "title": title})
    assert annotation is not None
    assert Entry.of_annotation(annotation).nodeid == nodeid
