"""How a step speaks to GitHub's runner.

Workflow commands, outputs, and the signed state for the post step. Writing the runner's files is in
`adapters/runner`.
"""
