"""The workspace, and the tests' process in it.

The way in is `workspace.LocalWorkspace`. Commands and environment are decided in `core/pytest_process`.
"""
