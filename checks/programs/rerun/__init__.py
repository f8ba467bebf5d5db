"""What the job of a re-run reads from the previous check run.

`previous_run.look_up` is the way in. Starting re-runs belongs in `programs/events`.
"""
