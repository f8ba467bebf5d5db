"""What users set, and what GitHub says about the job.

Inputs and event become `JobInputs`: `Settings`, `Credentials` and `Context`. Every mistake is found before one is
reported. `table` has the inputs, `job_inputs.parse_job` is the way in, and `server_settings` serves the receiver.
"""
