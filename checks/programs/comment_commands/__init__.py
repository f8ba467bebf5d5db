"""Commands in the comments of pull requests: `respond` carries them out and answers.

`commands` handles those of one comment in order, `reruns` those that re-run tests. `core/comment_commands` decides.
"""
