"""The operating system: processes and limits, the sandbox, signals, the clock, and files that tests may attack.

Nothing here knows pytest or GitHub.
"""
