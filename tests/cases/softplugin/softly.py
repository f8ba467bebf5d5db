"""A plugin for soft assertions that replaces the exception and the text of the report."""

import pytest

FAILURES = []


def expect(condition, text):
    if not condition:
        FAILURES.append(text)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    if call.when == "call" and FAILURES:
        text = "\n".join(["expected:", *FAILURES])
        FAILURES.clear()
        report.longrepr = text + "\n" + (report.longreprtext or "nothing else")
        report.outcome = "failed"
        try:
            raise AssertionError(text)
        except AssertionError:
            call.excinfo = pytest.ExceptionInfo.from_current()
