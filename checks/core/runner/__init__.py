"""What a step sends to GitHub's runner: workflow commands, outputs, and the signed state for the post step.

Writing the runner's files is in `adapters/runner`.
"""
