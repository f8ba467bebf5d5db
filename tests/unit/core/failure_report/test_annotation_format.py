"""docs/coding-agents.md describes annotations and documents as they are sent and saved."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

from checks.core.failure_report.document import pieces
from checks.core.failure_report.entry import Entry
from checks.core.failure_report.report import ReportedCheck
from checks.core.github import payload
from checks.core.model.check_run import Annotation
from checks.core.model.item import Section
from checks.core.model.job import Repository
from checks.core.report.annotations import Annotator
from checks.core.rerun.previous_run import parse_failure
from checks.core.results.stream import Finding
from tests.support.failure_reports import SOURCE, command_of, entry, recorder_of
from tests.support.rerun.check_runs import OPEN
from tests.support.sessions import error, item

PAGE = (Path(__file__).parents[4] / "docs" / "coding-agents.md").read_text()
(EXAMPLE,) = re.findall(r"```text\n(.*?)\n```", PAGE, re.DOTALL)
TRACEBACK = """tests/conftest.py:12: in cart
    def cart():
  >     return Cart(price=None)
E   ValueError: a price is missing"""
CAPTURED = (Section(title="Captured stdout setup", text="loading prices\n"),)
REPOSITORY = Repository(root="/repo", tracked=frozenset({"tests/cart.py", "tests/conftest.py"}))


def third_failure() -> Annotation:
    """Return the annotation of a session's third failure."""
    annotator = Annotator(repository=REPOSITORY, root="/repo", owners_of=lambda _: ("@octo/shop",))
    annotation = None
    for message in ("KeyError: x", "OSError: y", "ValueError: a price is missing"):
        stage = error(message)
        assert stage.details is not None
        stage = replace(stage, details=replace(stage.details, traceback=TRACEBACK, captured=CAPTURED))
        failed = item("tests/cart.py::test_total", setup=stage)
        annotation = annotator.annotate(Finding(item=failed, stage=failed.stages[0]))
    assert annotation is not None
    return annotation


def names(heading: str) -> list[str]:
    """Return the names in the first column of the table below a line of the page."""
    table = PAGE.partition(f"\n{heading}\n")[2].partition("|---|---|\n")[2].partition("\n\n")[0]
    return [name for row in table.splitlines() for name in re.findall(r"`(\w+)`", row.split("|")[1])]


def test_example_is_what_is_sent_and_what_is_read() -> None:
    (sent,) = payload.update(OPEN, [third_failure()])["output"]["annotations"]
    assert sent["raw_details"] == EXAMPLE
    assert (sent["title"], sent["message"]) == ("tests/cart.py::test_total", "ValueError: a price is missing")
    returned = parse_failure(sent)
    assert returned is not None
    read = Entry.of_annotation(returned)
    assert (read.title, read.stage, read.cause, read.owners) == (sent["title"], "setup", 3, ("@octo/shop",))
    assert (read.traceback, read.captured) == (TRACEBACK, (replace(CAPTURED[0], text="loading prices"),))


def test_page_names_each_field_of_an_annotation() -> None:
    (sent,) = payload.update(OPEN, [third_failure()])["output"]["annotations"]
    (table,) = re.findall(r"\| field \| value \|\n\|---\|---\|\n(.*?)\n\n", PAGE, re.DOTALL)
    named = [name for row in table.splitlines() for name in re.findall(r"`(\w+)`", row.split("|")[1])]
    assert {*named} == sent.keys() - {"end_line", "annotation_level"}


def test_page_names_each_member_of_the_document() -> None:
    recorder = recorder_of([entry()])
    causes = recorder.causes(lambda _: SOURCE, command_of)
    written = json.loads(b"".join(pieces(ReportedCheck(name="pytest"), causes, recorder.blocks())))
    assert sorted(names("## failures.json")) == sorted(written)
    assert sorted(names("A cause:")) == sorted(written["causes"][0])
    assert sorted(names("A failure:")) == sorted(written["failures"][0])
