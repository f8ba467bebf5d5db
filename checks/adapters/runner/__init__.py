"""The runner's files and the job log.

Start at `job_files.RunnerFiles`; `job_log.JobLog` is the publisher without a check run. Formats are in `core/runner`.
"""
