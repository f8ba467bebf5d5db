"""Commands in the comments of pull requests: ``/check pass NAME``.

`parse.parse_comment` reads them, `names.resolve` finds the check that one names, `decide` says what it leads to, and
`answer` renders what the commenter reads. Requests to GitHub belong in `adapters/github/conversation`, their order in
`programs/comment_commands`.
"""
