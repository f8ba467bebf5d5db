"""Manual checks: `step` ensures in a job that one exists, with a verdict of an earlier commit if there is one.

`events` acts on GitHub's events about them, `verdict` on a request from a terminal. `write` creates the check runs of
both. `core/manual` decides where checks exist and what a request leads to.
"""
