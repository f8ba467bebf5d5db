import pytest
from flaky import flaky

TRIES = []


@pytest.fixture
def server():
    TRIES.append(1)
    assert len(TRIES) == 2


@flaky
def test_served(server):
    pass
