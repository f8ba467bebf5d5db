"""Secrets in texts and entries.

`redactor.Redactor` is the one class that others use; `values.secrets_of` says which values are secrets. How they are
found wrapped, truncated or by their pattern is inside.
"""
