import os

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item, nextitem):
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    child = os.fork()
    if child == 0:
        item.obj()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    report = pytest.TestReport(
        nodeid=item.nodeid,
        location=item.location,
        keywords={},
        outcome="failed" if status else "passed",
        longrepr="the process of the test ended with %d" % status if status else None,
        when="???" if status else "call",
        sections=[("output", "some")],
    )
    item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True
