import pytest


@pytest.fixture
def narrow():
    return 1


@pytest.fixture(scope="session")
def wide(narrow):
    return narrow


def test_a(wide):
    pass


def fail_by_word():
    pytest.fail("the server said no\nits log is empty", pytrace=False)


def test_b():
    fail_by_word()
