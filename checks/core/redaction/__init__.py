"""Redact secrets in texts and JSON entries.

The way in is `redactor.Redactor`; `values.secrets_of` decides which values are secrets. The other modules find secrets
that are wrapped, truncated or recognizable by their format.
"""
