"""GitHub's API, through PyGithub.

`client` has credentials and requests, and alone imports ``github``; `checks` publishes a check run. Payloads and the
meaning of errors are in `core/github`.
"""
