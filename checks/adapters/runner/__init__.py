"""The files and the log by which a step speaks to GitHub's runner.

Their format is in `core/runner`.
"""
