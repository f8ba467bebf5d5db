"""What starts with an event of GitHub's.

`serve` receives webhooks, `poll` reads the delivery log, `steps` acts inside a workflow, and `respond` carries out
the decision, which `core/rerun` makes.
"""
