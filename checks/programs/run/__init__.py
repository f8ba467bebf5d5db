"""The main step and the post step.

They run pytest, keep the check run up to date and complete it. `run.run` is the way in, `post_step.finish` that of
the post step. Other ways to a check run are in `publish` and `preview`.
"""
