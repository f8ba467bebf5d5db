"""GitHub's REST API as values: request bodies, parsed responses, external ids, errors, rate limits and retries.

`payload` builds the bodies of check runs, `parse_run` parses them, and `error_kind.classify` explains failed requests.
Nothing here sends requests: that belongs in `adapters/github`.
"""
