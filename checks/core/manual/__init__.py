"""Manual checks: what their check runs say, who may change them, and which verdicts are carried over to later commits.

`runs.manual_run` renders a check run from its record, `decide.decide_request` answers a person's request. How a request
arrives belongs in `core/events`; requests to GitHub belong in `adapters/github`, their order in `programs/manual`.
"""
