def pytest_sessionfinish(session):
    raise ConnectionError("the results could not be uploaded")
