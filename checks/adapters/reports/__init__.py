"""Report files.

pytest-json-report's while it is read, those that a user names, and those that are saved in the workspace. What they
say is read in `core/results`.
"""
