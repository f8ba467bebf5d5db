"""What the tests of whole runs may ask for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.github_server import GithubServer
from tests.jobs import Job, JobOf


@pytest.fixture
def job_of(github: GithubServer, tmp_path: Path) -> JobOf:
    """A job on a checkout of these files; more is as `Job` takes it."""

    def make(files: Mapping[str, str] | None = None, **more: object) -> Job:
        return Job(github=github, folder=tmp_path, files=files or {}, **more)  # type: ignore[arg-type] # as Job's

    return make
