"""Decide how the tests' process is started: command line, environment, test selection, paths closed to it.

Nothing is started here: `adapters/pytest_process` starts and watches the process.
"""
