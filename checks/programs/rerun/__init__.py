"""What a re-run looks up of the check run that it repeats.

`previous_run.look_up` is the way in. Starting re-runs is in `events`.
"""
