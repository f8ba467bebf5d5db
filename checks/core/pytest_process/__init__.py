"""What the tests' process is started with.

Command line, environment, selection of tests, and the paths that its sandbox closes. Starting and watching it is in
`adapters/pytest_process`.
"""
