import pytest


class Unprintable:
    def __str__(self):
        raise ValueError("no text")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    if report.failed:
        report.longrepr = Unprintable()
