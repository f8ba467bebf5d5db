import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item, nextitem):
    for number, failure in enumerate([None, "the second step failed", None], 1):
        nodeid = "%s step %d" % (item.nodeid, number)
        outcome = "failed" if failure else "passed"
        item.ihook.pytest_runtest_logstart(nodeid=nodeid, location=item.location)
        report = pytest.TestReport(nodeid, item.location, {}, outcome, failure, "call")
        item.ihook.pytest_runtest_logreport(report=report)
        item.ihook.pytest_runtest_logfinish(nodeid=nodeid, location=item.location)
    return True
