"""The comment of a pull request: `write` keeps it up to date, whoever completes a check run; `job` does so for a job.

Its text and what to change are decided in `core/comment`.
"""
