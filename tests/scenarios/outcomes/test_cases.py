"""Suites of `tests/cases`, for which counts, places or messages are easily wrong, by the whole action."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.environments import ROOT, python_with
from tests.support.github.server import GithubServer
from tests.support.runner.jobs import Job


@dataclass(frozen=True, kw_only=True)
class Case:
    """A suite, how pytest runs it, and the right check run.

    `annotations` are beginnings of ``level path:line message`` (of failures and warnings, all; of notices, these at
    least). `details` have to be in the raw details of some annotation, and `absent` in none.
    """

    environment: str
    arguments: str = ""
    inputs: dict[str, str] = field(default_factory=dict)
    conclusion: str = "failure"
    title: str
    annotations: tuple[str, ...] = ()
    details: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()


CASES: dict[str, tuple[str, Case]] = {
    "collected twice": (
        "dup",
        Case(
            environment="pytest9",
            arguments="--keep-duplicates test_d.py test_d.py",
            conclusion="success",
            title="4 passed in ",
        ),
    ),
}


@pytest.mark.parametrize(("folder", "case"), CASES.values(), ids=CASES)
def test_check_run_is_right(folder: str, case: Case, tmp_path: Path, github: GithubServer) -> None:
    project = str(ROOT / "tests" / "cases" / folder)
    job = Job(
        github=github, folder=tmp_path, project=project, env={"CHECKS_PYTHON": str(python_with(case.environment))}
    )
    job.run(pytest_args=case.arguments, **case.inputs)
    annotations = github.annotations()
    lines = [f"{a['annotation_level']} {a['path']}:{a['start_line']} {a['message']}" for a in annotations]
    assert (github.run["conclusion"], github.run["output"]["title"][: len(case.title)]) == (case.conclusion, case.title)
    important = [line for line in lines if not line.startswith("notice ")]
    assert len(important) == len([line for line in case.annotations if not line.startswith("notice ")])
    assert [line for line in case.annotations if not any(one.startswith(line) for one in lines)] == []
    details = "\n".join(a.get("raw_details", "") for a in annotations)
    assert [text for text in case.details if text not in details] == []
    assert [text for text in case.absent if text in details] == []
