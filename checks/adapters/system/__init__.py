"""The operating system.

Processes and limits (`linux`), the sandbox, signals, the clock, and files that survive what tests do. Nothing here
knows pytest or GitHub.
"""
