"""Programs that act on GitHub's events.

`serve` receives webhooks, `poll` reads the delivery log, and `steps` acts inside a workflow. All three end in
`respond`, which has decisions made in `core/rerun` and carried out in `programs/rerun`.
"""
