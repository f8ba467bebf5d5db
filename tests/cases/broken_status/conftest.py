def pytest_report_teststatus(report):
    if report.failed:
        raise ValueError('no word')
