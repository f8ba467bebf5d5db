"""Manual checks: `step` creates one in a job, with a verdict of an earlier commit if there is one (`earlier`).

Where, and with which state, is decided in `core/manual`. What people do with it later arrives in `programs/events`.
"""
