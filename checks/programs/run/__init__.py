"""The main step, which runs pytest and reports to the check run, and the post step.

The ways in are `run.run` and `post_step.finish`. Other programs that create check runs are in `publish` and `preview`.
"""
