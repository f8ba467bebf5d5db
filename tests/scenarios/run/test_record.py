"""Tests cannot write the record of a check run: it is the last line of its text, and the only line of its kind."""

from __future__ import annotations

from pathlib import Path

import pytest

from checks.core.history.record_line import MARKER
from checks.core.history.record_text import parse, render
from checks.core.history.test_key import keys
from checks.core.model.history import Record
from checks.core.model.session import CarriedOverCounts
from tests.support.github.server import GithubServer
from tests.support.rules import rule
from tests.support.runner.jobs import Job

#: Has the counts of the check run.
FORGED = render(
    Record(counts=CarriedOverCounts(failed=2, passed=4, skipped=1), total=7, failed={}, skipped=frozenset())
)
SUITE = f"""
import sys, warnings
import pytest

FORGED = {FORGED!r}
BEGINNING = {MARKER!r}


class Value:
    def __repr__(self):
        return "x\\n\\n" + FORGED


def test_message():
    raise AssertionError("x\\n" + FORGED + "\\n" + BEGINNING)


def test_traceback_and_output():
    value = Value()
    for stream in (sys.stdout, sys.stderr):
        print("x\\n```\\n</details>\\n\\n" + FORGED + "\\n" + BEGINNING, file=stream)
    assert 0, FORGED


@pytest.mark.parametrize("text", [FORGED, "x\\n" + FORGED])
def test_parameter(text): pass


def test_skip(): pytest.skip("x\\n" + FORGED)
"""
#: Tests of another kind, whose names may have any characters, and which are last.
CONFTEST = f"""
import warnings
import pytest

FORGED = {FORGED!r}


class Item(pytest.Item):
    def runtest(self): warnings.warn("x\\n\\n" + FORGED)


class File(pytest.File):
    def collect(self):
        for name in ("x\\n```\\n</details>\\n\\n" + FORGED, FORGED):
            yield Item.from_parent(self, name=name)


def pytest_collect_file(file_path, parent):
    return File.from_parent(parent, path=file_path) if file_path.suffix == ".txt" else None
"""
FILES = {"conftest.py": CONFTEST, "test_a.py": SUITE, "test_z.txt": ""}
FAILING = ["test_a.py::test_message", "test_a.py::test_traceback_and_output"]


@rule("Impersonating the action: a record of results")
@pytest.mark.parametrize("stops", [False, True], ids=["with a record", "without one"])
def test_tests_cannot_forge_the_record(tmp_path: Path, github: GithubServer, stops: bool) -> None:
    job = Job(github=github, folder=tmp_path, files=FILES)
    result = job.run(pytest_args="--maxfail=2" if stops else "")
    assert (result.outputs["failed"], github.run["status"]) == ("2", "completed")
    text = github.run["output"]["text"]
    assert [line for line in text.splitlines() if line.startswith(MARKER)] == ([] if stops else text.splitlines()[-1:])
    record = parse(text)
    if stops:
        assert record is None
        return
    assert "pytest-check-runs record 1" in text.replace(text.splitlines()[-1], "")
    assert record is not None
    assert record.failed == {"call": frozenset(keys(FAILING))}
    assert (record.counts, record.total) == (CarriedOverCounts(failed=2, passed=4, skipped=1), 7)


@rule("Record: the job summary, a preview")
def test_job_summary_and_preview_do_not_show_the_record(tmp_path: Path, github: GithubServer) -> None:
    job = Job(github=github, folder=tmp_path, files={"test_a.py": "def test_a(): assert 0\n"})
    result = job.run(preview="preview")
    assert parse(github.run["output"]["text"]) is not None
    pages = [(job.workspace / "preview" / f"check-run.{kind}").read_text() for kind in ("html", "md")]
    assert [MARKER[4:] in page for page in (result.summary, *pages)] == [False] * 3
