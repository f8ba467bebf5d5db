"""The workspace, and the tests' process in it.

`workspace.LocalWorkspace` is the way in. What is run, and with which environment, is decided in
`core/pytest_process`.
"""
