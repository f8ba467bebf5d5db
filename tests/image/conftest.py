"""Collect the image's tests only if there is an image."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.image.job import ImageJob
from tests.support.github.server import GithubServer

collect_ignore_glob = [] if "IMAGE" in os.environ and "RUN_ACTION" in os.environ else ["test_*.py"]


@pytest.fixture
def job(github: GithubServer, tmp_path: Path) -> Callable[[dict[str, str]], ImageJob]:
    """A job on a checkout of files, given by path, with the App's credentials."""
    return lambda files: ImageJob.on(files, github=github, folder=tmp_path)
