"""GitHub's REST API, through PyGithub.

`checks.GithubChecks` publishes check runs, and `rerun_repository` starts re-runs. Both send requests through `client`,
and `connection` is the only module that imports ``github``. Request bodies and the meaning of errors belong in
`core/github`.
"""
