"""Fixtures and options for all tests."""

from __future__ import annotations

from collections.abc import Iterator

import hypothesis
import pytest

from tests.support.github.server import GithubServer

# A busy machine must not fail a test.
hypothesis.settings.register_profile("patient", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("patient")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--rewrite-golden", action="store_true", help="rewrite the files of tests/golden")


@pytest.fixture
def github() -> Iterator[GithubServer]:
    """A GitHub server on 127.0.0.1 with an App that is installed in one repository."""
    with GithubServer() as server:
        yield server
