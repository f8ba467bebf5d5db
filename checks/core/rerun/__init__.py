"""Re-runs: from an intent and the repository's state to a decision.

`decide.decide` is the way in. The buttons of a check run, the input of a dispatched workflow and the claim of a
queued check run are here, too. How events become intents is in `events`.
"""
