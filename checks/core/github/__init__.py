"""GitHub's API in values.

Payloads of requests (`payload`), check runs in answers (`parse_run`), external ids, the queue of annotations, the
rate limit, and what a failed request means. Sending requests is in `adapters/github`.
"""
