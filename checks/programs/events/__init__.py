"""The programs that are started by GitHub's events.

`serve.serve` receives webhooks, and `steps` has the workflow steps `respond` and `poll` (the delivery log). All of them
lead to `respond.Responder`, which carries out the decision that `core/rerun` makes.
"""
