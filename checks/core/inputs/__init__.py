"""What users set and what GitHub tells of the job.

Inputs and event become `Settings`, `Credentials` and `Context`; every mistake is found before one is reported.
`settings.parse_settings` is the way in.
"""
