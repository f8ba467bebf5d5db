"""What a completed check run says about its tests to later runs, and what later runs read from it.

Belongs here: the key of a test, the record and where it is in a check run's text, and what is concluded from records.
Does not belong here: requests to GitHub (`checks.adapters.github`), and the types (`core.model.history`). The way in:
`make_record.record_of` makes a record, `record_text` writes and parses it, `trusted_record.record_of_run` reads it.
"""
