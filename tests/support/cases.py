"""Suites for which counts, places or messages are easily wrong, with the right check run."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from checks.adapters.pytest_process.workspace import LocalWorkspace
from checks.core.inputs.settings import parse_settings
from tests.support.environments import ROOT, python_with
from tests.support.github.server import GithubServer
from tests.support.runner.rehearsal import ENVIRON, Rehearsal


@dataclass(frozen=True, kw_only=True)
class Case:
    """A suite, how pytest runs it, and the right check run.

    `annotations` are beginnings of ``level path:line message`` (of failures and warnings, all; of notices, these at
    least). `details` have to be in the raw details of some annotation, and `absent` in none. `summary` has to be in the
    summary.
    """

    environment: str
    arguments: str = ""
    inputs: dict[str, str] = field(default_factory=dict)
    conclusion: str = "failure"
    title: str
    annotations: tuple[str, ...] = ()
    details: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    summary: tuple[str, ...] = ()
    outputs: Mapping[str, str] = field(default_factory=dict)


#: Cases are about counts and words; `tests/scenarios/outcomes/test_causes.py` is about causes.
_CAUSES = re.compile(r" \(\d+ causes\)")

#: By the test's id: a folder of ``tests/cases``, and the case.
Cases = Mapping[str, tuple[str, Case]]


def each_case(cases: Cases, slow: Collection[str] = ()) -> pytest.MarkDecorator:
    """Parametrize a test by `folder` and `case`; those whose id is in `slow` or ends with ``, xdist`` are slow."""
    return pytest.mark.parametrize(
        ("folder", "case"),
        [
            pytest.param(
                folder, case, id=name, marks=[pytest.mark.slow] if name in slow or name.endswith(", xdist") else []
            )
            for name, (folder, case) in cases.items()
        ],
    )


def check_case(name: str, case: Case, folder: Path, github: GithubServer) -> None:
    """Run a folder of ``tests/cases``, and compare the check run. Only pytest runs in a process of its own."""
    project = folder / "project"
    shutil.copytree(ROOT / "tests" / "cases" / name, project, ignore=shutil.ignore_patterns("__pycache__"))
    environ = {**ENVIRON, "CHECKS_PYTHON": str(python_with(case.environment))}
    settings = parse_settings({"pytest-args": case.arguments, **case.inputs})
    rehearsal = Rehearsal(github, folder)
    with LocalWorkspace(project, ".", settings.pytest_args, environ=environ, sink=sys.stdout.buffer.write) as workspace:
        rehearsal.run(workspace, settings)
    output = github.run["output"]
    title = _CAUSES.sub("", output["title"])[: len(case.title)]
    assert (github.run["conclusion"], title) == (case.conclusion, case.title)
    annotations = github.annotations()
    lines = [f"{a['annotation_level']} {a['path']}:{a['start_line']} {a['message']}" for a in annotations]
    important = [line for line in lines if not line.startswith("notice ")]
    assert len(important) == len([line for line in case.annotations if not line.startswith("notice ")]), important
    assert [line for line in case.annotations if not any(one.startswith(line) for one in lines)] == [], lines
    details = "\n".join(a.get("raw_details", "") for a in annotations)
    assert [text for text in case.details if text not in details] == []
    assert [text for text in case.absent if text in details] == []
    assert [text for text in case.summary if text not in output["summary"]] == []
    assert {name: rehearsal.outputs[name] for name in case.outputs} == dict(case.outputs)
