"""Re-runs: the state that a decision needs, what it does, and what a re-run's job reads from the previous run.

`act.Executor` carries out decisions for `events`; `previous_run.look_up` serves the job. Decisions are made in
`core/rerun`.
"""
