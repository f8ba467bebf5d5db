def pytest_sessionfinish(session):
    session.config.pluginmanager.getplugin('terminalreporter').stats['passed'].pop()
