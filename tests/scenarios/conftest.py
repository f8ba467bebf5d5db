"""What the tests of whole runs may ask for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.github.server import GithubServer
from tests.support.rerun.reruns import FLAKY, WORKFLOW, CreateScenario, RerunScenario
from tests.support.runner.jobs import Job, JobOf


@pytest.fixture
def job_of(github: GithubServer, tmp_path: Path) -> JobOf:
    """A job on a checkout of these files; more is as `Job` takes it."""

    def make(files: Mapping[str, str] | None = None, **more: object) -> Job:
        return Job(github=github, folder=tmp_path, files=files or {}, **more)  # type: ignore[arg-type] # as Job's

    return make


@pytest.fixture
def create_scenario(github: GithubServer, tmp_path: Path) -> CreateScenario:
    """A repository with these files and a workflow that takes re-runs; inputs are those of each of its jobs."""

    def make(files: Mapping[str, str] | None = None, *, workflow: str = WORKFLOW, **inputs: str) -> RerunScenario:
        return RerunScenario(github=github, folder=tmp_path, files=files or FLAKY, inputs=inputs, workflow=workflow)

    return make


@pytest.fixture
def requested_rerun(create_scenario: CreateScenario) -> RerunScenario:
    """A failed run whose button was clicked."""
    scenario = create_scenario(category="unit")
    scenario.create_run(failures=["test_a.py::test_flaky"])
    scenario.press()
    return scenario
