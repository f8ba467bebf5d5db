"""Re-runs: from an intent and the state of the repository to a decision.

`decide.decide` is the way in. The buttons of a check run, the input of a dispatched workflow, placeholder runs and
claims are here, too. Parsing events belongs in `core/events`, carrying out decisions in `programs/rerun`.
"""
