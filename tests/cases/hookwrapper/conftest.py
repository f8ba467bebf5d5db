import pytest


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem):
    result = yield
    if "own" in pyfuncitem.name:
        raise ValueError("raised by the hook itself")
    return result
