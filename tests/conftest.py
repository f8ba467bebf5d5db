"""Fixtures and options for all tests."""

from __future__ import annotations

import gc
import signal
from collections.abc import Iterator

import hypothesis
import pytest
from xdist.scheduler import LoadFileScheduling

from tests.support.examples import EXAMPLES
from tests.support.github.server import GithubServer

# A busy machine must not fail a test.
hypothesis.settings.register_profile(
    "patient",
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
    max_examples=EXAMPLES,
)
hypothesis.settings.load_profile("patient")
# To look for garbage among thousands of tests and modules, again and again, takes an eighth of the unit tests' time.
gc.set_threshold(50_000)
# A shell lets its background jobs ignore the signal, and what they start inherits that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--rewrite-golden", action="store_true", help="rewrite the files of tests/golden")


class _Scheduling(LoadFileScheduling):  # type: ignore[misc] # xdist has no types
    """Runs the tests of a file in one process, as they share what takes long, and those of the image after each other.

    Containers share a store, and tests of signals depend on time. (Groups of xdist 3.8 have no effect on pytest 9.2.)
    """

    def _split_scope(self, nodeid: str) -> str:
        path, _, _ = nodeid.partition("::")
        return "image" if "tests/image/" in path else path


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> _Scheduling:
    return _Scheduling(config, log)


def pytest_collection_finish() -> None:
    gc.freeze()


@pytest.fixture
def github() -> Iterator[GithubServer]:
    """A GitHub server on 127.0.0.1 with an App that is installed in one repository."""
    with GithubServer() as server:
        yield server
