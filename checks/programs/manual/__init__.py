"""Manual checks: `step` creates one in a job, with a verdict of an earlier commit if there is one (`earlier`).

`events` acts on GitHub's events about them, `verdict` on a person at a terminal. Where checks exist, and what a
request leads to is decided in `core/manual`.
"""
