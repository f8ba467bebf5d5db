"""What the tests of comment commands may ask for."""

from __future__ import annotations

import pytest

from tests.support.conversations import CommentScenario
from tests.support.github.server import GithubServer


@pytest.fixture
def scenario(github: GithubServer) -> CommentScenario:
    """A pull request whose checks are still to be created."""
    return CommentScenario(github=github)
