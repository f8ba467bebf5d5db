"""A pull request's comment about all its checks: its text, and what to write.

`render` makes the text from the check runs of a commit, `decide` compares it with the comments. What a single check run
says belongs in `core/report`; requests belong in `adapters/github/comments`, their order in `programs/comment`.
`conversation` is the port for what people write; what their commands mean is in `core/comment_commands`.
"""
