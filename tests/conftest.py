"""What every test may ask for."""

from __future__ import annotations

from collections.abc import Iterator

import hypothesis
import pytest

from tests.support.github.server import GithubServer

# A busy machine is no fault of what is tested.
hypothesis.settings.register_profile("patient", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("patient")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--rewrite-golden", action="store_true", help="write anew what tests/test_golden.py compares")


@pytest.fixture
def github() -> Iterator[GithubServer]:
    """GitHub on 127.0.0.1, with an App installed in one repository."""
    with GithubServer() as server:
        yield server
